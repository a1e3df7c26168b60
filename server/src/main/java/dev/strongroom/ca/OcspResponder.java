package dev.strongroom.ca;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.crypto.AuthorityMaking.Validity;
import dev.strongroom.crypto.Ocsp;
import dev.strongroom.model.Authority;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.Store;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Answers whether a certificate was revoked (RFC 6960), signed by a key that the issuer has delegated
 * this to. An answer is made once and given again while nothing has changed and less than half of its
 * life is over; whether something has changed is read every time. So many are signed in a second and no
 * more, whatever is asked: beyond that the answer is to come again.
 */
public final class OcspResponder {
  private static final int REMEMBERED = 20_000;
  private static final Duration LONGEST_KEEP = Duration.ofHours(1);
  private static final int LONGEST_GET = 4_096;

  /** Of certificates that were issued, one at a time: each is signed once in half of its life. */
  private static final int KNOWN_PER_SECOND = 200;

  /** Of anything else, which anybody can ask for without end. */
  private static final int OTHERS_PER_SECOND = 20;

  private record Key(String responder, String question) {}

  private record Made(Ocsp.Status status, Validity validity, byte[] answer) {}

  /** An answer, and how long it may be kept. */
  public record Answer(Duration keep, byte[] body) {}

  private final Store store;
  private final Authorities authorities;
  private final InstantSource clock;
  private final Cache<Key, Made> made = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
  private final Budget known = new Budget(KNOWN_PER_SECOND);
  private final Budget others = new Budget(OTHERS_PER_SECOND);

  /** How many are left of what may be signed in one second. */
  private static final class Budget {
    private final int each;
    private Instant second = Instant.EPOCH;
    private int left;

    private Budget(int each) {
      this.each = each;
    }

    private synchronized boolean take(Instant now) {
      if (!now.equals(second)) {
        second = now;
        left = each;
      }
      if (left == 0) {
        return false;
      }
      left--;
      return true;
    }
  }

  public OcspResponder(Store store, Authorities authorities, InstantSource clock) {
    this.store = store;
    this.authorities = authorities;
    this.clock = clock;
  }

  /**
   * A request as GET has it: base64 behind a slash, in the form of a URL.
   *
   * @param path what stands behind the responder's own path
   */
  public Answer get(String path) {
    if (path.length() > LONGEST_GET || !path.startsWith("/")) {
      return refused(Ocsp.malformed());
    }
    byte[] request;
    try {
      // a plus sign is one of base64 here, not a space
      String text =
          URLDecoder.decode(path.substring(1).replace("+", "%2B"), StandardCharsets.US_ASCII);
      request = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return refused(Ocsp.malformed());
    }
    return answer(request);
  }

  /** A request in DER. */
  public Answer answer(byte[] request) {
    List<Ocsp.Question> questions = Ocsp.questions(request);
    if (questions.isEmpty()) {
      return refused(Ocsp.malformed());
    }
    Optional<Authority> issuer =
        authorities.intermediates().stream()
            .filter(
                one -> questions.stream().allMatch(each -> each.isOf(one.certificate())))
            .findFirst();
    Optional<Authority> responder = issuer.flatMap(authorities::responderOf);
    if (responder.isEmpty()) {
      return refused(Ocsp.unauthorized());
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    List<Ocsp.Status> statuses =
        questions.stream().map(one -> status(issuer.get(), one)).toList();
    if (questions.size() > 1 || statuses.getFirst() instanceof Ocsp.Unknown) {
      // not remembered, because there is no end of them
      return others.take(now)
          ? new Answer(
              Duration.ZERO, sign(responder.get(), questions, statuses, now).answer())
          : refused(Ocsp.tryLater());
    }
    Key key = new Key(responder.get().key(), questions.getFirst().key());
    Made last = made.getIfPresent(key);
    if (last == null || !last.status().equals(statuses.getFirst()) || isOld(last, now)) {
      if (!known.take(now)) {
        return refused(Ocsp.tryLater());
      }
      last = sign(responder.get(), questions, statuses, now);
      made.put(key, last);
    }
    Duration left = Duration.between(now, last.validity().until()).dividedBy(2);
    return new Answer(left.compareTo(LONGEST_KEEP) < 0 ? left : LONGEST_KEEP, last.answer());
  }

  private Ocsp.Status status(Authority issuer, Ocsp.Question question) {
    Optional<IssuedRow> issued =
        store
            .findIssued(question.serial())
            .filter(one -> one.authority().equals(issuer.id()));
    if (issued.isEmpty()) {
      return new Ocsp.Unknown();
    }
    return issued
        .get()
        .revoked()
        .<Ocsp.Status>map(at -> new Ocsp.Revoked(at, issued.get().reason().orElseThrow()))
        .orElseGet(Ocsp.Good::new);
  }

  private Made sign(
      Authority responder,
      List<Ocsp.Question> questions,
      List<Ocsp.Status> statuses,
      Instant now) {
    Instant until = now.plus(Duration.ofHours(authorities.settings().listHours()));
    Instant ends = Authorities.ends(responder.certificate());
    Validity validity = new Validity(now, until.isBefore(ends) ? until : ends);
    return new Made(
        statuses.getFirst(),
        validity,
        authorities.with(
            responder, signing -> Ocsp.answer(signing, questions, statuses, validity)));
  }

  private static boolean isOld(Made known, Instant now) {
    Duration life = Duration.between(known.validity().from(), known.validity().until());
    return now.isAfter(known.validity().from().plus(life.dividedBy(2)))
        || now.isBefore(known.validity().from());
  }

  private static Answer refused(byte[] body) {
    return new Answer(Duration.ZERO, body);
  }
}
