package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.mail.TestRelay;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.RejectException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Mail to a vault's contacts, from the settings of {@code serve} to the relay that takes it. */
class MailIT {
  private static final Duration LONGEST = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void notice_daysBeforeExpiry_isMailedOnceToEachContactAndAFailureIsSeen() throws Exception {
    try (TestRelay relay = new TestRelay(true, true)) {
      Files.write(folder.resolve("relay-ca.pem"), relay.authority());
      Files.writeString(folder.resolve("relay-password"), TestRelay.PASSWORD + '\n');
      ServeFolder installation =
          ServeFolder.init(
              folder,
              folder.resolve("data"),
              """
              audit.reserveMebibytes = 1
              [mail]
              host = "localhost"
              port = %d
              user = "%s"
              passwordFile = "relay-password"
              from = "vault@example.test"
              authorities = "relay-ca.pem"
              """
                  .formatted(relay.port(), TestRelay.USER));
      try (RunningServer server = installation.serve()) {
        ServeFolder.makeVault(server, "dev");
        ok(
            server.secret(
                "PUT",
                "/certificates/contacts",
                "{\"contacts\":[{\"email\":\"a@example.test\"},{\"email\":\"b@example.test\"}]}"));

        ok(imported(server, "later", Duration.ofDays(40)));
        ok(imported(server, "soon", Duration.ofDays(20)));
        await(() -> relay.taken.size() == 1);
        TestRelay.Taken mail = relay.taken.getFirst();
        assertThat(mail.from()).isEqualTo("vault@example.test");
        assertThat(mail.recipients()).containsExactly("a@example.test", "b@example.test");
        assertThat(mail.data())
            .contains("Subject: Certificate soon of vault dev expires on ", "in 19 days");
        await(() -> health(installation).path("sent").asInt() == 1);

        relay.refusal = Optional.of(new RejectException(451, "not now"));
        ok(imported(server, "refused", Duration.ofDays(20)));
        await(() -> health(installation).path("failed").asInt() == 1);
        assertThat(health(installation).path("trouble").asString()).contains("451");
        assertThat(server.err()).contains("mail to the contacts of certificate refused");
        assertThat(relay.taken).hasSize(1);
        assertThat(server.stop()).isZero();
      }
    }
  }

  private static void await(BooleanSupplier condition) {
    RunningServer.await("the mail", LONGEST, condition);
  }

  private static JsonNode health(ServeFolder installation) {
    try {
      return JsonMapper.shared().readTree(installation.run("health").out()).path("mail");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A certificate that ends so much later, whose contacts are told 27 days before. */
  private static Answer imported(RunningServer server, String name, Duration left) {
    Instant now = Instant.now();
    X509.Issued made =
        X509.newAuthority(
            name, List.of("localhost"), List.of("127.0.0.0/8"), now.minusSeconds(60), now.plus(left));
    ObjectNode body = JsonMapper.shared().createObjectNode();
    try (SecretBytes key = made.privateKeyPem()) {
      body.put(
          "value",
          new String(key.exposed(), StandardCharsets.US_ASCII) + made.certificate().pem());
    }
    body.set(
        "policy",
        JsonMapper.shared()
            .readTree(
                """
                {"x509_props":{"validity_months":1},"lifetime_actions":[{"action":
                  {"action_type":"EmailContacts"},"trigger":{"days_before_expiry":27}}]}
                """));
    return server.secret("POST", "/certificates/" + name + "/import", body.toString());
  }

  private static void ok(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }
}
