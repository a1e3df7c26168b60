package dev.strongroom.http;

import dev.strongroom.model.Operation;
import java.util.Optional;

/**
 * One request that is followed. It is ended when its answer may leave; one that never ends had to start
 * over, and nothing is told of it. Neither method may wait or throw.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/">Trace Context</a>
 */
public interface Trace {
  /** 32 hexadecimal digits, the client's own where it sent a {@code traceparent}. */
  String traceId();

  /** 16 hexadecimal digits. */
  String spanId();

  void end(Answered answered);

  /**
   * How it ended. No object is named: a collector is told what was done in a vault, not with what.
   *
   * @param requestId the {@code x-ms-request-id}
   */
  record Answered(
      Operation operation,
      String method,
      int status,
      String requestId,
      Optional<String> apiVersion,
      Optional<String> vault) {}
}
