package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code serve} on a disk that fills up: first changes are refused, then, when the audit reserve is
 * used up, everything; with room it goes on by itself, and nothing that was acknowledged is lost.
 */
class DiskFullIT {
  private static final int MEBIBYTES = 24;
  private static final Duration RECOVERY = Duration.ofSeconds(30);
  private static final String KEEPS_READING = "Reads are still served.";

  @TempDir Path folder;
  private SmallDisk disk;
  private ServeFolder installation;

  /** Every value that was acknowledged, by name. */
  private final Map<String, String> kept = new LinkedHashMap<>();

  private int next;

  @BeforeEach
  void install() throws IOException {
    Optional<SmallDisk> mounted = SmallDisk.mount(folder.resolve("disk"), MEBIBYTES);
    assumeTrue(mounted.isPresent(), "this user may not mount a tmpfs in a namespace of its own");
    disk = mounted.get();
    installation =
        ServeFolder.init(
            folder, disk.folder().resolve("data"), "audit.reserveMebibytes = 1", disk.inside());
  }

  @AfterEach
  void unmount() {
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void disk_fillsUp_changesThenEverythingIs503AndRoomBringsItBack() throws Exception {
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      for (int i = 0; i < 20; i++) {
        assertThat(set(server).status()).isEqualTo(200);
      }
      fillWithSecrets(server);
      assertChangesAreRefused(server);
      assertReadsGoOn(server);

      disk.fill(0);
      useUpTheReserve(server);
      assertEverythingIsRefused(server);
      assertThat(installation.run("health").code()).isEqualTo(1);

      disk.makeRoom();
      awaitRecovery(server);
      assertReadsGoOn(server);
      for (int i = 0; i < 10; i++) {
        assertThat(set(server).status()).isEqualTo(200);
      }
      assertThat(installation.run("health").code()).as(server.err()).isZero();
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
    try (RunningServer server = installation.serve()) {
      assertReadsGoOn(server);
      assertThat(set(server).status()).isEqualTo(200);
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
  }

  @Test
  void disk_fullWhenKilledAndStarted_losesNothing() throws Exception {
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      fillWithSecrets(server);
      disk.fill(0);
      useUpTheReserve(server);
      server.kill();
    }
    Finished refused = RunningServer.run(installation.start());
    assertThat(refused.code()).as("a start without any room: %s", refused.err()).isEqualTo(1);
    assertThat(refused.err()).contains("strongroom: ");
    disk.makeRoom();
    try (RunningServer server = installation.serve()) {
      awaitRecovery(server);
      assertReadsGoOn(server);
      assertThat(server.stop()).isZero();
    }
    assertTrailIsClean();
  }

  private Answer set(RunningServer server) {
    String name = "n" + next++;
    String value = name + "-".repeat(20_000);
    Answer answer =
        server.secret("PUT", "/secrets/" + name, "{\"value\":\"%s\"}".formatted(value));
    if (answer.status() == 200) {
      kept.put(name, value);
    }
    return answer;
  }

  private void fillWithSecrets(RunningServer server) throws IOException {
    disk.fill(3 << 20);
    Answer answer = set(server);
    while (answer.status() == 200) {
      answer = set(server);
    }
    assertUnavailable(answer);
    assertThat(answer.header("Retry-After")).isPresent();
  }

  private void assertChangesAreRefused(RunningServer server) {
    String name = "/secrets/n0";
    assertUnavailable(server.secret("PUT", name, "{\"value\":\"" + "x".repeat(20_000) + "\"}"));
    // small changes may still fit into pages that the store has already; big ones may not
    for (int i = 0; i < 2_000; i++) {
      Answer small = server.secret("PATCH", name, "{\"tags\":{\"n\":\"" + i + "\"}}");
      if (small.status() != 200) {
        assertUnavailable(small);
        break;
      }
    }
    assertUnavailable(server.secret("PATCH", name, "{\"tags\":{\"n\":\"last\"}}"));
    assertUnavailable(server.secret("DELETE", name, null));
    assertUnavailable(
        ServeFolder.arm(
            server,
            "PUT",
            "/subscriptions/" + server.setting("subscriptionId") + "/resourceGroups/full",
            "{\"location\":\"local\"}"));
  }

  private void assertReadsGoOn(RunningServer server) {
    kept.forEach(
        (name, value) -> {
          Answer answer = server.secret("GET", "/secrets/" + name, null);
          assertThat(answer.status()).as("%s: %s", name, answer.body()).isEqualTo(200);
          assertThat(answer.json().path("value").asString()).as(name).isEqualTo(value);
        });
    Answer list = server.secret("GET", "/secrets?maxresults=25", null);
    assertThat(list.status()).isEqualTo(200);
    assertThat(list.json().path("value")).isNotEmpty();
    assertThat(server.signIn(server.setting("clientSecret"), "vault").status()).isEqualTo(200);
  }

  /** Each answer writes a record; at last there is no room for one, and the answer is withheld. */
  private static void useUpTheReserve(RunningServer server) {
    String told = "";
    for (int i = 0; i < 200 && told.isEmpty(); i++) {
      var answers =
          java.util.stream.IntStream.range(0, 50)
              .mapToObj(
                  n ->
                      server
                          .http()
                          .sendAsync(
                              server.vaultRequest("GET", "/secrets/n0", null).build(),
                              HttpResponse.BodyHandlers.ofString()))
              .toList();
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> got = answer.join();
        assertThat(got.statusCode()).isIn(200, 503);
        if (got.statusCode() == 503) {
          told = got.body();
        }
      }
    }
    assertThat(told).contains("ServiceUnavailable", "audit trail");
  }

  private static void assertEverythingIsRefused(RunningServer server) throws Exception {
    for (int i = 0; i < 20; i++) {
      assertUnavailable(server.secret("GET", "/secrets/n0", null));
      assertUnavailable(server.secret("GET", "/secrets", null));
      assertUnavailable(server.secret("GET", "/nothing", null));
      assertUnavailable(server.secret("PUT", "/secrets/n0", "{\"value\":\"v\"}"));
    }
    Answer signIn = server.signIn(server.setting("clientSecret"), "vault");
    assertThat(signIn.status()).isEqualTo(503);
    HttpResponse<String> ready =
        server
            .http()
            .send(
                HttpRequest.newBuilder(URI.create(server.setting("adminUrl") + "/ready")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(ready.statusCode()).isEqualTo(503);
  }

  private void awaitRecovery(RunningServer server) {
    RunningServer.await("changes are taken again", RECOVERY, () -> set(server).status() == 200);
  }

  private static void assertUnavailable(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
    assertThat(answer.errorCode()).isEqualTo("ServiceUnavailable");
    assertThat(answer.json().path("error").path("message").asString()).isNotEmpty();
    assertThat(answer.header("x-ms-request-id")).isPresent();
  }

  private void assertTrailIsClean() throws IOException {
    Finished verified = installation.run("audit", "verify");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains(" 0 pending");
    assertThat(Files.list(disk.fromOutside(disk.folder().resolve("data/audit")))).isNotEmpty();
  }
}
