package dev.strongroom.ca;

import dev.strongroom.crypto.AuthorityMaking;
import dev.strongroom.crypto.AuthorityMaking.Revoked;
import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Authority;
import dev.strongroom.model.AuthoritySettings;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Reads;
import dev.strongroom.store.RevocationListRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes certificates back, and makes revocation lists: with each revocation, in its change, and when
 * half of the life of the newest is over. With a list comes a new OCSP responder, where half of the life
 * of the newest is over.
 */
public final class Revocation {
  /** Due rows of an authority's next list. */
  public static final String PUBLISH = "authority-publish";

  private static final int RACES = 8;
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{1,42}");
  private static final Pattern PATH =
      Pattern.compile("/certificates/([0-9A-Za-z-]+)(?:/([0-9a-fA-F]{32}))?/?");

  /** Another change has made a list meanwhile. */
  private static final class Overtaken extends RuntimeException {
    private Overtaken() {
      super("another revocation list was made", null, false, false);
    }
  }

  private final Store store;
  private final Authorities authorities;

  public Revocation(Store store, Authorities authorities) {
    this.store = store;
    this.authorities = authorities;
  }

  /**
   * What was issued under a serial number, or to a certificate or version that a URL names. Of an
   * intermediate there is a record once it is revoked.
   *
   * @param what hexadecimal, with or without colons; or the URL of a certificate
   */
  public IssuedRow find(String what) {
    if (what.contains("://")) {
      return version(what)
          .flatMap(store::findIssued)
          .orElseThrow(
              () -> new CaException("the authority has not issued the certificate " + what));
    }
    String serial = what.replace(":", "").toLowerCase(Locale.ROOT).replaceFirst("^0+(?=.)", "");
    if (!SERIAL.matcher(serial).matches()) {
      throw new CaException("a serial number is hexadecimal; else give a certificate's URL");
    }
    return store
        .findIssued(serial)
        .or(() -> intermediate(serial))
        .orElseThrow(
            () -> new CaException("the authority has issued no certificate " + serial));
  }

  private Optional<IssuedRow> intermediate(String serial) {
    return authorities.intermediates().stream()
        .filter(one -> AuthorityMaking.serial(one.certificate()).equals(serial))
        .findFirst()
        .map(
            one ->
                new IssuedRow(
                    serial,
                    one.issuer().orElseThrow(),
                    one.id(),
                    one.id(),
                    one.id(),
                    CertificateFacts.read(one.certificate()).notBefore(),
                    Authorities.ends(one.certificate()),
                    Optional.empty(),
                    Optional.empty()));
  }

  private Optional<Id> version(String url) {
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new CaException("not a URL: " + url);
    }
    Matcher path = PATH.matcher(Optional.ofNullable(uri.getPath()).orElse(""));
    if (uri.getHost() == null || !path.matches()) {
      throw new CaException(
          "a certificate's URL is https://VAULT.vault.DOMAIN/certificates/NAME[/VERSION]");
    }
    String vault = uri.getHost().replaceFirst("\\..*", "");
    Optional<Container> container =
        store
            .rulesByParent(
                RuleKind.CONTAINER, Container.parent(ContainerKind.VAULT, vault))
            .stream()
            .filter(one -> one.deleted().isEmpty())
            .findFirst();
    if (path.group(2) != null) {
      return Id.findHex(path.group(2).toLowerCase(Locale.ROOT));
    }
    return container
        .flatMap(
            owner ->
                store.findHead(
                    owner.id(),
                    Collection.CERTIFICATES,
                    path.group(1).toLowerCase(Locale.ROOT)))
        .map(Reads.Found::version)
        .map(version -> version.id());
  }

  /** Revokes for good. */
  public IssuedRow revoke(String what, Reason reason, Origin origin) {
    Instant now = origin.time().truncatedTo(ChronoUnit.SECONDS);
    for (int race = 0; race < RACES; race++) {
      IssuedRow issued = find(what);
      if (issued.revoked().isPresent()) {
        throw new CaException(
            "it was revoked at " + issued.revoked().get() + " already: " + issued.serial());
      }
      if (issued.notAfter().isBefore(now)) {
        throw new CaException("it has ended on " + issued.notAfter() + ": " + issued.serial());
      }
      IssuedRow revoked = issued.revokedAt(now, reason.code());
      Authority authority = authorities.find(issued.authority()).orElseThrow();
      Next next = next(authority, now, Optional.of(revoked));
      boolean intermediate = authority.kind() == Authority.Kind.ROOT;
      try {
        return store.change(
            origin,
            intermediate
                ? JournalNote.none()
                : JournalNote.object(
                    issued.container(),
                    Collection.CERTIFICATES,
                    issued.object(),
                    Optional.of(issued.version())),
            tx -> {
              next.put(tx);
              if (intermediate) {
                tx.insert(revoked);
              } else {
                tx.update(revoked);
              }
              return revoked;
            });
      } catch (Overtaken e) {
        continue;
      }
    }
    throw new CaException("too many certificates are being revoked; try again");
  }

  /**
   * Makes the next list that a row says is due.
   *
   * @return the origin with its journal number; empty when somebody else has done it
   */
  public Optional<Origin> publish(DueRow row, Instant at) {
    Optional<Authority> found = authorities.find(row.subject());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Authority authority = found.get();
    Instant now = at.truncatedTo(ChronoUnit.SECONDS);
    if (Authorities.ends(authority.certificate()).isBefore(now)) {
      // because all that it has issued has ended before it
      return change(row, at, _ -> {});
    }
    Next next = next(authority, now, Optional.empty());
    return change(row, at, next::put);
  }

  private Optional<Origin> change(DueRow row, Instant at, Consumer<Tx> work) {
    Origin origin =
        new Origin(
            Randoms.id(),
            Operation.CERTIFICATE_AUTHORITY_PUBLISH.auditName(),
            Optional.empty(),
            at);
    try {
      store.change(
          origin,
          JournalNote.none(),
          tx -> {
            if (!tx.removeDue(row)) {
              throw new Overtaken();
            }
            work.accept(tx);
            return null;
          });
      return Optional.of(origin);
    } catch (Overtaken e) {
      return Optional.empty();
    }
  }

  private RevocationListRow newest(Authority authority) {
    return store
        .findRevocationList(authority.id())
        .orElseThrow(() -> new IllegalStateException(authority + " has no revocation list"));
  }

  /** What takes the place of the newest list, and of the responder where it has grown old. */
  private record Next(
      RevocationListRow before,
      RevocationListRow list,
      Optional<Authority> oldResponder,
      Optional<Authority> responder) {

    void put(Tx tx) {
      requireNewest(tx, before);
      Authorities.put(tx, list);
      if (responder.isPresent()) {
        oldResponder.ifPresent(old -> tx.remove(RuleKind.AUTHORITY, old.key()));
        tx.put(RuleKind.AUTHORITY, responder.get());
      }
    }
  }

  private Next next(Authority authority, Instant now, Optional<IssuedRow> also) {
    RevocationListRow before = newest(authority);
    Optional<Authority> responder = authorities.responderOf(authority);
    boolean isRenewed =
        authority.kind() == Authority.Kind.INTERMEDIATE
            && responder
                .filter(one -> one.created().plus(halfLife(one)).isAfter(now))
                .isEmpty();
    return authorities.with(
        authority,
        signing ->
            new Next(
                before,
                list(authority, signing, before, now, also),
                responder,
                isRenewed
                    ? Optional.of(authorities.newResponder(authority, signing, now))
                    : Optional.empty()));
  }

  private static Duration halfLife(Authority responder) {
    return Duration.between(
            responder.created(), Authorities.ends(responder.certificate()))
        .dividedBy(2);
  }

  private RevocationListRow list(
      Authority authority,
      AuthorityMaking.Signing signing,
      RevocationListRow before,
      Instant now,
      Optional<IssuedRow> also) {
    AuthoritySettings settings = authorities.settings();
    // because what was revoked is in one list behind its end (RFC 5280 section 3.3)
    List<IssuedRow> all = new ArrayList<>(store.revoked(authority.id(), before.thisUpdate()));
    also.ifPresent(all::add);
    all.sort(Comparator.comparing(IssuedRow::serial));
    List<Revoked> lines =
        all.stream()
            .map(
                one ->
                    new Revoked(
                        one.serial(), one.revoked().orElseThrow(), one.reason().orElseThrow()))
            .toList();
    return authorities.list(
        authority.id(), signing, before.number() + 1, now, settings, lines);
  }

  private static void requireNewest(Reads reads, RevocationListRow seen) {
    boolean same =
        reads
            .findRevocationList(seen.authority())
            .filter(inside -> inside.number() == seen.number())
            .isPresent();
    if (!same) {
      throw new Overtaken();
    }
  }
}
