package dev.strongroom.identity;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Reads key sets over https, or from a file of this machine: at most 64 KiB, at most 5 seconds in
 * all, and never somewhere else because of a redirect.
 */
public final class WebKeySource implements KeySource {
  private static final int MOST_BYTES = 64 << 10;
  private static final Duration WITHIN = Duration.ofSeconds(5);

  private final SSLContext trust;
  private final Duration within;

  public WebKeySource(SSLContext trust) {
    this(trust, WITHIN);
  }

  WebKeySource(SSLContext trust, Duration within) {
    this.trust = trust;
    this.within = within;
  }

  /** Whether an address may be configured. */
  static boolean isAllowed(URI address) {
    return "file".equals(address.getScheme())
        ? address.getRawAuthority() == null && address.getRawPath() != null
        : "https".equals(address.getScheme())
            && address.getHost() != null
            && address.getRawUserInfo() == null
            && address.getRawFragment() == null;
  }

  @Override
  public byte[] fetch(URI address) throws IOException {
    if (!isAllowed(address)) {
      throw new IOException("keys are read over https or from a file");
    }
    return "file".equals(address.getScheme()) ? fromFile(Path.of(address)) : fromWeb(address);
  }

  private static byte[] fromFile(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("the key set is larger than 64 KiB");
      }
      return bytes;
    }
  }

  private byte[] fromWeb(URI address) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(trust)
            .connectTimeout(within)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      CompletableFuture<HttpResponse<byte[]>> answer =
          client.sendAsync(
              HttpRequest.newBuilder(address)
                  .timeout(within)
                  .header("Accept", "application/json, application/jwk-set+json")
                  .build(),
              BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
      // waited for as a whole, because the request's own timeout ends with the headers
      HttpResponse<byte[]> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("the answer was " + response.statusCode());
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading keys", e);
    } catch (ExecutionException e) {
      throw new IOException("the address does not answer: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("the keys did not come within " + within.toMillis() + " ms", e);
    } finally {
      client.shutdownNow();
    }
  }
}
