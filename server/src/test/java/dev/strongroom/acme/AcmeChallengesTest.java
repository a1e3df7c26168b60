package dev.strongroom.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.AcmeChallenge;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.MemoryStore;
import dev.strongroom.store.Store;
import dev.strongroom.vault.IssuerAdapter.Request;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcmeChallengesTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;
  private final Store store = new MemoryStore();
  private final List<Origin> audited = new ArrayList<>();
  private final Id operation = Randoms.id();
  private Instant now = START;
  private AcmeChallenges challenges;

  @BeforeEach
  void configure() throws Exception {
    Path hook = folder.resolve("hook");
    Files.writeString(
        hook,
        """
        #!/bin/sh
        test ! -e %1$s/broken && echo "$@" >> %1$s/notes
        """
            .formatted(folder));
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    AcmeSettings names =
        new AcmeSettings(
            "names",
            URI.create("https://acme.test/dir"),
            Optional.empty(),
            Optional.empty(),
            SSLContext.getDefault(),
            List.of(),
            Optional.of(hook),
            Duration.ofSeconds(20),
            Duration.ZERO);
    challenges = of(List.of(names));
  }

  private AcmeChallenges of(List<AcmeSettings> authorities) {
    return new AcmeChallenges(authorities, store, () -> now, audited::add);
  }

  /** Without what challenges do not look at. */
  private Request request() {
    return new Request(
        null,
        new ObjectName("site"),
        Randoms.id(),
        Randoms.id(),
        operation.hex(),
        Optional.empty(),
        null,
        new byte[0],
        null,
        Optional.empty(),
        now);
  }

  private static List<AcmeChallenge> tokens(Request request) {
    return List.of(AcmeChallenges.challenge(request, "token", "answer", Optional.empty()));
  }

  private static List<AcmeChallenge> records(Request request) {
    return List.of(
        AcmeChallenges.challenge(request, "_acme-challenge.a.test", "v", Optional.of("names")));
  }

  private String notes() throws IOException {
    Path notes = folder.resolve("notes");
    return Files.exists(notes) ? Files.readString(notes) : "";
  }

  private List<DueRow> due() {
    return store.due(now, 10);
  }

  @Test
  void response_published_isThereUntilRemovedAndForADayAtMost() throws Exception {
    Request request = request();
    challenges.publish(request, tokens(request));
    assertThat(challenges.response("token")).contains("answer");
    assertThat(challenges.response("other")).isEmpty();
    now = START.plus(Duration.ofDays(1));
    assertThat(challenges.response("token")).isEmpty();
    now = START;
    challenges.remove(request);
    assertThat(challenges.response("token")).isEmpty();
    assertThat(audited)
        .extracting(Origin::operation)
        .containsExactly("AcmeChallengePublish", "AcmeChallengeRemove");
    now = START.plus(Duration.ofDays(2));
    assertThat(due()).isEmpty();
  }

  @Test
  void publish_hookFails_isStoredAllTheSame() throws Exception {
    Files.createFile(folder.resolve("broken"));
    Request request = request();
    assertThatThrownBy(() -> challenges.publish(request, records(request)))
        .isInstanceOf(DnsHook.Failure.class);
    assertThat(store.rules(RuleKind.ACME_CHALLENGE)).hasSize(1);
    Files.delete(folder.resolve("broken"));
    challenges.publish(request, records(request));
    assertThat(notes()).isEqualTo("add _acme-challenge.a.test v\n");
    assertThat(store.rules(RuleKind.ACME_CHALLENGE)).hasSize(1);
  }

  @Test
  void tidy_underWay_looksAgainAfterAsLongAsItHasBeen() throws Exception {
    Request request = request();
    challenges.publish(request, records(request));
    now = START.plusSeconds(40);
    DueRow row = due().getFirst();
    assertThat(challenges.tidy(row, now, _ -> true)).isPresent();
    assertThat(due()).isEmpty();
    now = START.plusSeconds(80);
    assertThat(due()).hasSize(1);
    assertThat(notes()).doesNotContain("remove");
  }

  @Test
  void tidy_notUnderWay_takesItAway() throws Exception {
    Request request = request();
    challenges.publish(request, records(request));
    now = START.plusSeconds(10);
    challenges.tidy(due().getFirst(), now, _ -> false);
    assertThat(notes()).endsWith("remove _acme-challenge.a.test v\n");
    assertThat(store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
    assertThat(due()).isEmpty();
  }

  @Test
  void tidy_authorityGoneFromTheConfiguration_triesForADay() throws Exception {
    Request request = request();
    challenges.publish(request, records(request));
    AcmeChallenges without = of(List.of());
    now = START.plusSeconds(10);
    without.tidy(due().getFirst(), now, _ -> false);
    assertThat(store.rules(RuleKind.ACME_CHALLENGE)).hasSize(1);
    now = START.plus(Duration.ofDays(1));
    without.tidy(due().getFirst(), now, _ -> true);
    assertThat(store.rules(RuleKind.ACME_CHALLENGE)).isEmpty();
    assertThat(due()).isEmpty();
  }
}
