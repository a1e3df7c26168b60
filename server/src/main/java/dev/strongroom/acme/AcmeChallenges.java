package dev.strongroom.acme;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.AcmeChallenge;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What authorities find over HTTP, on any node: kept in the store while an order needs it, and for a
 * day at most.
 */
public final class AcmeChallenges {
  /** Where authorities look (RFC 8555 section 8.3). */
  public static final String PATH = "/.well-known/acme-challenge/";

  private static final Duration LONGEST = Duration.ofDays(1);

  private final Store store;
  private final InstantSource clock;
  private final Consumer<Origin> audited;

  public AcmeChallenges(Store store, InstantSource clock, Consumer<Origin> audited) {
    this.store = store;
    this.clock = clock;
    this.audited = audited;
  }

  /** What is to be found under a token. */
  public Optional<String> response(String token) {
    return store
        .findRule(RuleKind.ACME_CHALLENGE, token)
        .filter(challenge -> challenge.expires().isAfter(clock.instant()))
        .map(AcmeChallenge::response);
  }

  /** Adds some, and takes away those whose time is over. */
  void publish(List<Published> wanted, Instant now) {
    change(
        Operation.ACME_CHALLENGE_PUBLISH,
        now,
        tx -> {
          tx.rules(RuleKind.ACME_CHALLENGE).stream()
              .filter(old -> !old.expires().isAfter(now))
              .forEach(old -> tx.remove(RuleKind.ACME_CHALLENGE, old.key()));
          for (Published one : wanted) {
            tx.put(
                RuleKind.ACME_CHALLENGE,
                new AcmeChallenge(one.name(), one.value(), now.plus(LONGEST)));
          }
        });
  }

  void remove(List<Published> unwanted, Instant now) {
    change(
        Operation.ACME_CHALLENGE_REMOVE,
        now,
        tx ->
            tx.rules(RuleKind.ACME_CHALLENGE).stream()
                .filter(one -> unwanted.contains(new Published(one.token(), one.response())))
                .forEach(one -> tx.remove(RuleKind.ACME_CHALLENGE, one.key())));
  }

  private void change(Operation operation, Instant now, Consumer<Tx> work) {
    Origin origin =
        new Origin(Randoms.id(), operation.auditName(), Optional.empty(), now);
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          work.accept(tx);
          return null;
        });
    audited.accept(origin);
  }

  /** A token with what is found under it, or the name of a TXT record with its value. */
  record Published(String name, String value) {}
}
