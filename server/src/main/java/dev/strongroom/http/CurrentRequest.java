package dev.strongroom.http;

import dev.strongroom.model.Id;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The request that this thread decides, so that what is logged meanwhile can say which it was.
 *
 * @param id as the answer's {@code x-ms-request-id} and the audit record have it
 * @param trace where somebody follows it
 */
public record CurrentRequest(Id id, Optional<Trace> trace) {
  private static final ScopedValue<CurrentRequest> HERE = ScopedValue.newInstance();

  public static Optional<CurrentRequest> find() {
    return HERE.isBound() ? Optional.of(HERE.get()) : Optional.empty();
  }

  public <T> T run(Supplier<T> work) {
    return ScopedValue.where(HERE, this).call(work::get);
  }
}
