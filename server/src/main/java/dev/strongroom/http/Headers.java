package dev.strongroom.http;

import dev.strongroom.access.Decision;
import dev.strongroom.model.Id;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The headers that every answer of a kind of host carries.
 *
 * @see <a
 *     href="https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses">
 *     Authentication, requests, and responses</a>
 */
final class Headers {
  private static final int LONGEST_ECHO = 128;
  private static final String SERVICE_VERSION = "1.9.0.0";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  // because the library encodes and hashes anew every name that is not in its own form
  private static final Map<String, CharSequence> ENCODED =
      Stream.of(
              "authorization",
              "host",
              "user-agent",
              "content-type",
              "client-request-id",
              "x-forwarded-for",
              "x-forwarded-host",
              "x-forwarded-port",
              "Date",
              "Cache-Control",
              "Pragma",
              "Expires",
              "X-Content-Type-Options",
              "Strict-Transport-Security",
              "Content-Type",
              "WWW-Authenticate",
              "Retry-After",
              "x-ms-request-id",
              "x-ms-client-request-id",
              "x-ms-keyvault-region",
              "x-ms-keyvault-service-version",
              "x-ms-keyvault-network-info",
              "x-ms-keyvault-rbac-assignment-id")
          .collect(Collectors.toUnmodifiableMap(name -> name, HttpHeaders::createOptimized));

  private record Second(long epoch, String text) {}

  // because formatting costs more than a look: the same text serves a whole second
  private static volatile Second latest = new Second(-1, "");

  private Headers() {}

  static Map<String, String> of(
      Role role, Id requestId, Optional<String> clientRequestId, Instant time) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Date", date(time));
    headers.put("Cache-Control", role == Role.LOGIN ? "no-store, no-cache" : "no-cache");
    headers.put("Pragma", "no-cache");
    headers.put("Expires", "-1");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Strict-Transport-Security", "max-age=31536000;includeSubDomains");
    headers.put("x-ms-request-id", requestId.guid());
    if (role == Role.MANAGEMENT) {
      headers.put("x-ms-correlation-request-id", requestId.guid());
    }
    clientRequestId.ifPresent(
        id -> headers.put(role == Role.LOGIN ? "client-request-id" : "x-ms-client-request-id", id));
    return headers;
  }

  static void addDataPlane(
      Map<String, String> headers, String region, String address, Optional<Decision> decision) {
    boolean six = address.indexOf(':') >= 0;
    headers.put("x-ms-keyvault-region", safe(region));
    headers.put("x-ms-keyvault-service-version", SERVICE_VERSION);
    headers.put(
        "x-ms-keyvault-network-info",
        (six ? "conn_type=Ipv6;addr=" : "conn_type=Ipv4;addr=")
            + address
            + (six ? ";act_addr_fam=InterNetworkV6;" : ";act_addr_fam=InterNetwork;"));
    decision
        .filter(Decision::allowed)
        .flatMap(Decision::rule)
        .ifPresent(id -> headers.put("x-ms-keyvault-rbac-assignment-id", id));
  }

  /** A client's own id, if it can be sent back as it is: short and visible ASCII. */
  static Optional<String> echoable(Optional<String> value) {
    return value.filter(
        text ->
            !text.isEmpty()
                && text.length() <= LONGEST_ECHO
                && isWithin(text, '!'));
  }

  /** The text as a header value: what is not printable ASCII becomes a question mark. */
  static String safe(String text) {
    return isWithin(text, ' ') ? text : text.replaceAll("[^ -~]", "?");
  }

  private static boolean isWithin(String text, char first) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < first || c > '~') {
        return false;
      }
    }
    return true;
  }

  /** The name in the transport's own form, where it is one that most requests or answers have. */
  static CharSequence encoded(String name) {
    CharSequence known = ENCODED.get(name);
    return known == null ? name : known;
  }

  private static String date(Instant time) {
    Second second = latest;
    if (second.epoch() != time.getEpochSecond()) {
      second = new Second(time.getEpochSecond(), DATE.format(time));
      latest = second;
    }
    return second.text();
  }
}
