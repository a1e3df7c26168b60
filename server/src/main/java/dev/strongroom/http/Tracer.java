package dev.strongroom.http;

import java.util.Optional;

/** Begins to follow a request, if anybody wants to; it must not wait and must not throw. */
@FunctionalInterface
public interface Tracer {
  Optional<Trace> begin(Request request);

  /** Follows none. */
  Tracer NOBODY = request -> Optional.empty();
}
