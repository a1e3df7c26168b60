package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminListenerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private AdminListener admin;
  private boolean well = true;
  private Supplier<String> metrics = () -> "requests_total 1\n";

  @BeforeEach
  void listen() throws IOException {
    admin =
        AdminListener.start(
            "127.0.0.1",
            0,
            () -> new AdminListener.Health(well, "{\"ok\":" + well + "}"),
            () -> metrics.get(),
            () -> well ? List.of() : List.of("sealed", "the audit trail cannot be written"),
            () -> !well);
  }

  @AfterEach
  void close() {
    client.close();
    admin.close();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + admin.port() + path);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void pages_whenWell_are200() throws Exception {
    HttpResponse<String> health = ask("GET", "/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).isEqualTo("{\"ok\":true}");
    assertThat(health.headers().firstValue("content-type"))
        .contains("application/json; charset=utf-8");
    assertThat(ask("GET", "/metrics").body()).isEqualTo("requests_total 1\n");
    assertThat(ask("GET", "/live").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/ready").statusCode()).isEqualTo(200);
    assertThat(ask("HEAD", "/ready").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/sealed").body()).isEqualTo("unsealed\n");
  }

  @Test
  void pages_whenNotWell_stillSayAlive() throws Exception {
    well = false;
    assertThat(ask("GET", "/health").statusCode()).isEqualTo(503);
    assertThat(ask("GET", "/health").body()).isEqualTo("{\"ok\":false}");
    HttpResponse<String> ready = ask("GET", "/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).isEqualTo("not ready: sealed; the audit trail cannot be written\n");
    assertThat(ask("GET", "/sealed").statusCode()).isEqualTo(503);
    assertThat(ask("GET", "/live").statusCode()).isEqualTo(200);
  }

  @Test
  void pages_otherPathsAndMethods_areRefused() throws Exception {
    assertThat(ask("GET", "/").statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/health/x").statusCode()).isEqualTo(404);
    HttpResponse<String> post = ask("POST", "/health");
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(post.headers().firstValue("allow")).contains("GET, HEAD");
  }

  @Test
  void page_thatFails_is500WithoutDetail() throws Exception {
    metrics =
        () -> {
          throw new IllegalStateException("detail");
        };
    HttpResponse<String> response = ask("GET", "/metrics");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).doesNotContain("detail");
  }
}
