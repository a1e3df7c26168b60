package dev.strongroom.model;

import java.util.HashMap;
import java.util.Map;

/**
 * A refusal with its row of the error table and the names for the slots of its message. Slots name
 * objects, never values: what stands here goes to the client.
 */
public final class VaultException extends RuntimeException {
  private final transient ErrorCode code;
  private final transient Map<String, String> headers;

  private VaultException(ErrorCode code, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.code = code;
    this.headers = Map.copyOf(headers);
  }

  /** Slots come as name, value, name, value. */
  public static VaultException of(ErrorCode code, String... slots) {
    Map<String, String> named = new HashMap<>();
    for (int i = 0; i < slots.length; i += 2) {
      named.put(slots[i], slots[i + 1]);
    }
    return new VaultException(code, code.message(named), Map.of());
  }

  /** The same refusal with answer headers, such as Allow or Retry-After. */
  public VaultException with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new VaultException(code, getMessage(), more);
  }

  public ErrorCode code() {
    return code;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
