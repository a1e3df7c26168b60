package dev.strongroom.http;

import java.util.List;
import java.util.Optional;

/** What a listener hands its requests to: each gets exactly one answer. */
interface Service {
  /** On a thread that may wait. */
  Reply answer(Request request);

  /** On a thread that may not; empty when the request has to, and then nothing has happened yet. */
  default Optional<Unaudited> serveAtOnce(Request request) {
    return Optional.empty();
  }

  /** The answers of what was served at once, when they may leave. */
  default List<Reply> settle(List<Unaudited> decided) {
    throw new IllegalStateException("nothing is served at once here");
  }
}
