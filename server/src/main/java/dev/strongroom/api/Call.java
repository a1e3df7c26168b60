package dev.strongroom.api;

import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.Container;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * One request as a handler sees it: routed, authenticated and allowed. The gateway makes it; tests
 * make their own.
 */
public interface Call {
  Operation operation();

  /** Scheme, host and port as the client wrote them: ids in answers carry this. */
  String baseUrl();

  /** The path as received, decoded, without the query. */
  String path();

  /** A variable of the route, such as "name"; empty when the segment was empty or left out. */
  Optional<String> variable(String name);

  /** The first value of a query parameter; names compare without case. */
  Optional<String> query(String name);

  Optional<String> header(String name);

  /** The whole body, within the operation's limit; read once, on the first call. */
  byte[] body();

  /** The caller. Only on planes that need a token. */
  Principal principal();

  /** The container that the host names. Only on the data plane. */
  Container container();

  /** The request's api-version. Only on the data plane. */
  ApiVersion apiVersion();

  /** Request id, principal, operation and time, as the cause of changes. */
  Origin origin();

  String clientAddress();

  /** A detail for the audit record. */
  void note(String name, String value);

  /** When the request was taken. */
  default Instant now() {
    return origin().time();
  }

  /** The object that the route's "name" variable names. */
  default ObjectName objectName() {
    return new ObjectName(variable("name").orElse(""));
  }
}
