package dev.strongroom.http;

import dev.strongroom.model.Operation;

/** Is told of every answer, for metrics; it must not wait and must not throw. */
@FunctionalInterface
public interface Observer {
  void answered(Operation operation, int status, long micros);

  /** Looks away. */
  Observer NOBODY = (operation, status, micros) -> {};
}
