package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublicDocumentsTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private Listener listener;

  @BeforeEach
  void listen() throws IOException {
    PublicDocuments documents =
        new PublicDocuments(InstantSource.fixed(Fixture.NOW))
            .get(
                "/crl/",
                asked ->
                    asked.name().equals("a.crl")
                        ? Optional.of(document("application/pkix-crl", asked.name()))
                        : Optional.empty())
            .getAndPost("/ocsp", asked -> Optional.of(document("text/x", body(asked))))
            .get(
                "/sealed",
                asked -> {
                  throw VaultException.of(ErrorCode.SERVER_SEALED);
                })
            .get(
                "/broken",
                asked -> {
                  throw new IllegalStateException("secret detail");
                });
    listener =
        Listener.start(
            List.of(new Binding("127.0.0.1", 0, Optional.empty(), Set.of(), Proxies.NONE)),
            documents,
            Limits.ofPublicDocuments());
  }

  @AfterEach
  void stop() throws IOException {
    client.shutdownNow();
    listener.close(Duration.ofMillis(200));
  }

  private static String body(PublicDocuments.Asked asked) {
    return asked.name() + ':' + new String(asked.body(), StandardCharsets.UTF_8);
  }

  private static PublicDocuments.Document document(String type, String text) {
    return new PublicDocuments.Document(
        type, Duration.ofHours(1), text.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + listener.ports().getFirst() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void get_knownPath_isItsDocument() throws Exception {
    HttpResponse<String> answer = send("GET", "/crl/a.crl?x=1", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    assertThat(answer.body()).isEqualTo("a.crl");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/pkix-crl");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("public, max-age=3600");
    HttpResponse<String> head = send("HEAD", "/crl/a.crl", "");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).contains("5");
  }

  @Test
  void get_whatIsNotThere_is404AndAnotherMethod405() throws Exception {
    assertThat(send("GET", "/crl/b.crl", "").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/secrets/a?api-version=7.4", "").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/", "").statusCode()).isEqualTo(404);
    HttpResponse<String> answer = send("POST", "/crl/a.crl", "x");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @Test
  void post_bodyUpToTheBound_arrivesWholeAndALargerOneIs413() throws Exception {
    assertThat(send("POST", "/ocsp", "x".repeat(16 << 10)).body())
        .isEqualTo(":" + "x".repeat(16 << 10));
    assertThat(send("POST", "/ocsp", "x".repeat((16 << 10) + 1)).statusCode()).isEqualTo(413);
    assertThat(send("GET", "/ocsp/a%2Fb", "").body()).isEqualTo("/a%2Fb:");
  }

  @Test
  void get_refusedOrFailing_saysNoMoreThanItMay() throws Exception {
    assertThat(send("GET", "/sealed", "").statusCode()).isEqualTo(503);
    HttpResponse<String> failed = send("GET", "/broken", "");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).doesNotContain("secret detail");
    assertThat(failed.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void get_moreThanOneAddressMayAsk_is429UntilTimePasses() throws Exception {
    int refused = 0;
    Optional<String> wait = Optional.empty();
    for (int i = 0; i < 220; i++) {
      HttpResponse<String> answer = send("GET", "/crl/a.crl", "");
      if (answer.statusCode() == 429) {
        refused++;
        wait = answer.headers().firstValue("Retry-After");
      }
    }
    assertThat(refused).isEqualTo(20);
    assertThat(wait).contains("1");
  }
}
