package dev.strongroom.http;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One request as the transport received it, nothing decoded or normalised.
 *
 * @param target the request target as sent: path and query, or an absolute URI
 * @param authorities every value of Host, or the one {@code :authority}
 * @param remoteAddress the other end of the connection, an IP address
 * @param roles what the listener that took it may answer for
 * @param proxies whose {@code X-Forwarded-} headers count
 * @param defect why it is refused whatever it asks for, such as malformed HTTP
 */
public record Request(
    String method,
    String target,
    List<String> authorities,
    Headers headers,
    String remoteAddress,
    Set<Role> roles,
    Proxies proxies,
    Body body,
    Optional<Defect> defect) {

  /** Header values by name, compared without case, in the order of arrival. */
  @FunctionalInterface
  public interface Headers {
    List<String> all(String name);

    default Optional<String> first(String name) {
      List<String> values = all(name);
      return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }
  }

  /** The body, not read until somebody asks. */
  public interface Body {
    /** Whether bytes are announced, so that their type can be refused before they are read. */
    boolean isAnnounced();

    /** Whether reading it does not wait, as all of it has come. */
    boolean isThere();

    /**
     * Waits for the whole body. Throws BODY_TOO_LARGE beyond the limit and BODY_TIMEOUT when it
     * does not arrive.
     */
    byte[] read(int limit);

    /** No bytes at all. */
    Body NONE =
        new Body() {
          @Override
          public boolean isAnnounced() {
            return false;
          }

          @Override
          public boolean isThere() {
            return true;
          }

          @Override
          public byte[] read(int limit) {
            return new byte[0];
          }
        };
  }

  /** Why what arrived goes no further. */
  public record Defect(ErrorCode code, Map<String, String> slots) {
    public Defect {
      slots = Map.copyOf(slots);
    }

    public static Defect of(ErrorCode code) {
      return new Defect(code, Map.of());
    }

    public static Defect busy() {
      return new Defect(ErrorCode.BUSY, Map.of("reason", "TooManyConcurrentRequests"));
    }

    public static Defect malformed(String reason) {
      return new Defect(ErrorCode.MALFORMED_REQUEST, Map.of("reason", reason));
    }

    VaultException refusal() {
      String[] named =
          slots.entrySet().stream()
              .flatMap(slot -> Stream.of(slot.getKey(), slot.getValue()))
              .toArray(String[]::new);
      VaultException refusal = VaultException.of(code, named);
      return code == ErrorCode.BUSY ? refusal.with("Retry-After", "1") : refusal;
    }
  }
}
