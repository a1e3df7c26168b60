package dev.strongroom.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.TrustedAuthorities;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.vault.ContactMail;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.subethamail.smtp.RejectException;

class SmtpRelayTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));
  private static final ContactMail.Message MESSAGE =
      new ContactMail.Message(
          "abc.near-expiry",
          List.of("one@example.test", "two@example.test"),
          "Certificate site expires",
          "Müller's certificate expires.\n.\nThe end.\n");

  private static SmtpRelay relay(
      String host,
      int port,
      SmtpRelay.Protection protection,
      SSLContext trust,
      Optional<String> password) {
    return new SmtpRelay(
        new SmtpRelay.Settings(
            host,
            port,
            protection,
            trust,
            password.map(
                word -> new SmtpRelay.LogIn(TestRelay.USER, SecretBytes.ofUtf8(word))),
            "vault@example.test"),
        CLOCK);
  }

  private static SmtpRelay trusting(TestRelay relay, String host, String password) {
    return relay(
        host,
        relay.port(),
        SmtpRelay.Protection.STARTTLS,
        TrustedAuthorities.only(relay.authority()),
        Optional.of(password));
  }

  private static void fails(SmtpRelay relay, String why) {
    assertThatThrownBy(() -> relay.send(MESSAGE))
        .isInstanceOf(ContactMail.Undelivered.class)
        .hasMessage(why)
        .message()
        .doesNotContain("example.test", TestRelay.PASSWORD);
  }

  @Test
  void send_relayWithStartTls_takesTheMessageAsItIs() throws Exception {
    try (TestRelay relay = new TestRelay(true, true)) {
      assertThat(trusting(relay, "localhost", TestRelay.PASSWORD).send(MESSAGE)).isEqualTo(2);
      TestRelay.Taken taken = relay.taken.getFirst();
      assertThat(taken.from()).isEqualTo("vault@example.test");
      assertThat(taken.recipients()).containsExactlyElementsOf(MESSAGE.recipients());
      assertThat(taken.data())
          .contains(
              "Message-ID: <abc.near-expiry@example.test>\r\n",
              "Auto-Submitted: auto-generated\r\n",
              "Subject: Certificate site expires\r\n",
              "To: one@example.test, two@example.test\r\n",
              "\r\n.\r\nThe end.");
    }
  }

  @Test
  void send_relayWithoutStartTls_isNotSpokenToAnyFurther() throws Exception {
    try (TestRelay relay = new TestRelay(false, false)) {
      fails(trusting(relay, "localhost", TestRelay.PASSWORD), "the relay offers no STARTTLS");
      assertThat(relay.taken).isEmpty();
    }
  }

  @Test
  void send_inTheClear_isOnlyWithoutAPassword() throws Exception {
    try (TestRelay relay = new TestRelay(false, false)) {
      SSLContext trust = TrustedAuthorities.ofTheSystem();
      SmtpRelay.Protection plain = SmtpRelay.Protection.PLAIN;
      assertThat(relay("localhost", relay.port(), plain, trust, Optional.empty()).send(MESSAGE))
          .isEqualTo(2);
      assertThatThrownBy(
              () -> relay("localhost", relay.port(), plain, trust, Optional.of("secret")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void send_certificateOfAnotherAuthorityOrName_isRefused() throws Exception {
    String why =
        "TLS with the relay fails: its certificate is not trusted, not of its name, or there is no"
            + " common version";
    try (TestRelay relay = new TestRelay(true, false);
        TestRelay other = new TestRelay(true, false)) {
      fails(
          relay(
              "localhost",
              relay.port(),
              SmtpRelay.Protection.STARTTLS,
              TrustedAuthorities.only(other.authority()),
              Optional.empty()),
          why);
      fails(trusting(relay, "127.0.0.1", TestRelay.PASSWORD), why);
      assertThat(relay.taken).isEmpty();
    }
  }

  @Test
  void send_wrongPassword_saysSoWithoutIt() throws Exception {
    try (TestRelay relay = new TestRelay(true, true)) {
      fails(trusting(relay, "localhost", "not-it"), "the relay refuses user or password");
    }
  }

  @Test
  void send_oneContactRefused_reachesTheOther() throws Exception {
    try (TestRelay relay = new TestRelay(true, true)) {
      SmtpRelay by = trusting(relay, "localhost", TestRelay.PASSWORD);
      relay.refused.add("one@example.test");
      assertThat(by.send(MESSAGE)).isEqualTo(1);
      assertThat(relay.taken.getFirst().recipients()).containsExactly("two@example.test");
      relay.refused.add("two@example.test");
      fails(by, "the relay refuses every contact, the last with 550");
      relay.refused.clear();
      relay.refusal = Optional.of(new RejectException(451, "later, one@example.test"));
      fails(by, "the relay refuses the message with 451");
      assertThat(relay.taken).hasSize(1);
    }
  }

  @Test
  void send_addressThatIsNone_isPassedOver() throws Exception {
    try (TestRelay relay = new TestRelay(true, true)) {
      SmtpRelay by = trusting(relay, "localhost", TestRelay.PASSWORD);
      ContactMail.Message odd =
          new ContactMail.Message(
              "id",
              List.of(
                  "a@b.test\r\nRCPT TO:<x@y.test>",
                  "\"a\r\n b\"@b.test",
                  "\"a>\r\n RCPT TO:<x\"@y.test",
                  "ok@example.test"),
              "s",
              "t");
      assertThat(by.send(odd)).isEqualTo(1);
      assertThat(relay.taken.getFirst().recipients()).containsExactly("ok@example.test");
    }
  }

  @Test
  void send_nobodyThere_failsAtOnce() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    fails(
        relay(
            "localhost",
            port,
            SmtpRelay.Protection.TLS,
            TrustedAuthorities.ofTheSystem(),
            Optional.empty()),
        "the relay cannot be reached");
  }

  @Test
  void send_relayThatSaysNothing_endsWhenItsThreadIsInterrupted() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SmtpRelay relay =
          relay(
              "localhost",
              silent.getLocalPort(),
              SmtpRelay.Protection.STARTTLS,
              TrustedAuthorities.ofTheSystem(),
              Optional.empty());
      CompletableFuture<String> failure = new CompletableFuture<>();
      Thread sending =
          Thread.startVirtualThread(
              () -> {
                try {
                  relay.send(MESSAGE);
                  failure.complete("sent");
                } catch (ContactMail.Undelivered e) {
                  failure.complete(Thread.currentThread().isInterrupted() + ": " + e.getMessage());
                }
              });
      silent.accept();
      sending.interrupt();
      assertThat(failure.get(Duration.ofSeconds(30).toMillis(), TimeUnit.MILLISECONDS))
          .isEqualTo("false: the conversation with the relay broke off");
    }
  }
}
