package dev.strongroom.acme;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.AcmeChallenge;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import dev.strongroom.vault.IssuerAdapter.Request;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What authorities are to find, over HTTP on any node or in TXT records. It is stored before it is
 * published, so that it is taken away whatever becomes of its order: at its end, or soon after the
 * operation is cancelled, forgotten or purged, and after a day at most.
 */
public final class AcmeChallenges {
  /** Where authorities look (RFC 8555 section 8.3). */
  public static final String PATH = "/.well-known/acme-challenge/";

  /** Due rows that look whether an order is still under way. */
  public static final String TIDY = "acme-tidy";

  private static final System.Logger LOG = System.getLogger(AcmeChallenges.class.getName());
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

  private final List<AcmeSettings> authorities;
  private final Store store;
  private final InstantSource clock;
  private final Consumer<Origin> audited;

  public AcmeChallenges(
      List<AcmeSettings> authorities,
      Store store,
      InstantSource clock,
      Consumer<Origin> audited) {
    this.authorities = List.copyOf(authorities);
    this.store = store;
    this.clock = clock;
    this.audited = audited;
  }

  /** What is to be found under a token. */
  public Optional<String> response(String token) {
    return store
        .findRule(RuleKind.ACME_CHALLENGE, token)
        .filter(challenge -> challenge.records().isEmpty())
        .filter(challenge -> challenge.expires().isAfter(clock.instant()))
        .map(AcmeChallenge::value);
  }

  /** A challenge of this operation. */
  static AcmeChallenge challenge(
      Request request, String name, String value, Optional<String> records) {
    return new AcmeChallenge(
        name,
        value,
        records,
        request.object(),
        request.requestId(),
        request.now().plus(LONGEST));
  }

  /** Publishes them; once more where that was broken off. */
  void publish(Request request, List<AcmeChallenge> wanted) throws DnsHook.Failure {
    Id operation = Id.findHex(request.requestId()).orElseThrow();
    audited.accept(
        change(
            Operation.ACME_CHALLENGE_PUBLISH,
            request.now(),
            tx -> {
              wanted.forEach(one -> tx.put(RuleKind.ACME_CHALLENGE, one));
              look(tx, operation, request.now().plus(FIRST_LOOK));
            }));
    for (AcmeChallenge one : wanted) {
      if (one.records().isPresent()) {
        hook(one).orElseThrow().run("add", one.name(), one.value());
      }
    }
  }

  /** Takes away what is left of an operation; what cannot be is left to {@link #tidy}. */
  void remove(Request request) {
    Id operation = Id.findHex(request.requestId()).orElseThrow();
    List<AcmeChallenge> left = of(operation);
    if (!left.isEmpty()) {
      audited.accept(remove(operation, left, request.now()));
    }
  }

  /**
   * Takes away what is left of an operation that is no longer under way, given a way to know that; looks
   * again after as long as it has been there so far.
   *
   * @return the origin of the change, for the audit record
   */
  public Optional<Origin> tidy(DueRow row, Instant now, Predicate<AcmeChallenge> isUnderWay) {
    List<AcmeChallenge> left = of(row.subject());
    boolean isNeeded =
        left.stream().anyMatch(one -> one.expires().isAfter(now) && isUnderWay.test(one));
    return Optional.of(
        isNeeded
            ? change(
                Operation.ACME_CHALLENGE_PUBLISH,
                now,
                tx -> look(tx, row.subject(), next(left, now)))
            : remove(row.subject(), left, now));
  }

  private List<AcmeChallenge> of(Id operation) {
    return store.rules(RuleKind.ACME_CHALLENGE).stream()
        .filter(one -> one.requestId().equals(operation.hex()))
        .toList();
  }

  private Origin remove(Id operation, List<AcmeChallenge> left, Instant now) {
    List<AcmeChallenge> gone = left.stream().filter(one -> isGone(one, now)).toList();
    return change(
        Operation.ACME_CHALLENGE_REMOVE,
        now,
        tx -> {
          gone.forEach(one -> tx.remove(RuleKind.ACME_CHALLENGE, one.key()));
          if (gone.size() == left.size()) {
            tx.removeDue(TIDY, operation);
          } else {
            look(tx, operation, next(left, now));
          }
        });
  }

  private static Instant next(List<AcmeChallenge> left, Instant now) {
    Duration age = Duration.between(left.getFirst().expires().minus(LONGEST), now);
    return now.plus(age.compareTo(FIRST_LOOK) > 0 ? age : FIRST_LOOK);
  }

  private static void look(Tx tx, Id operation, Instant at) {
    // under no vault's id, because what is out there outlives a vault that is purged
    tx.putDue(new DueRow(TIDY, operation, operation, at, tx.journalNumber()));
  }

  /** Removes its record; one that cannot be removed for a day stays for good, and is named. */
  private boolean isGone(AcmeChallenge one, Instant now) {
    if (one.records().isEmpty()) {
      return true;
    }
    String why;
    try {
      Optional<DnsHook> hook = hook(one);
      if (hook.isPresent()) {
        hook.get().run("remove", one.name(), one.value());
        return true;
      }
      why = "The configuration has no hook of " + one.records().get() + " any more.";
    } catch (DnsHook.Failure e) {
      why = e.getMessage();
    }
    boolean isOver = !one.expires().isAfter(now);
    LOG.log(
        isOver ? Level.ERROR : Level.WARNING,
        "the record {0} with {1} is not removed{2}: {3}",
        one.name(),
        one.value(),
        isOver ? " and will not be" : "",
        why);
    return isOver;
  }

  private Optional<DnsHook> hook(AcmeChallenge one) {
    return authorities.stream()
        .filter(authority -> one.records().filter(authority.name()::equals).isPresent())
        .findFirst()
        .flatMap(
            authority -> authority.hook().map(hook -> new DnsHook(hook, authority.hookLongest())));
  }

  private Origin change(Operation operation, Instant now, Consumer<Tx> work) {
    Origin origin = new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          work.accept(tx);
          return null;
        });
    return origin;
  }
}
