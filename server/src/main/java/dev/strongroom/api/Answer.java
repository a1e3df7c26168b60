package dev.strongroom.api;

import java.util.Map;
import java.util.Optional;

/**
 * What to send: status, headers beyond the usual, body. It does not send itself: the gateway first
 * appends its audit record.
 *
 * @param objectId the object's URL, for the audit record
 */
public record Answer(
    int status, Map<String, String> headers, byte[] body, Optional<String> objectId) {
  private static final byte[] NOTHING = new byte[0];

  public static Answer json(int status, byte[] body) {
    return new Answer(status, Map.of(), body, Optional.empty());
  }

  public static Answer json(int status, byte[] body, String objectId) {
    return new Answer(status, Map.of(), body, Optional.of(objectId));
  }

  public static Answer empty(int status) {
    return new Answer(status, Map.of(), NOTHING, Optional.empty());
  }

  public Answer with(String header, String value) {
    Map<String, String> more = new java.util.HashMap<>(headers);
    more.put(header, value);
    return new Answer(status, Map.copyOf(more), body, objectId);
  }
}
