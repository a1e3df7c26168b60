package dev.strongroom.ship;

import dev.strongroom.audit.TrailReader;
import java.io.IOException;

/** Where a shipper takes records. Not safe for threads, but for {@link #close}. */
public interface Destination extends AutoCloseable {
  /** Takes one record, which may be on its way for a while. */
  void send(TrailReader.Line line) throws IOException;

  /** Lets nothing linger on this side. */
  void flush() throws IOException;

  /** When this returns, all that was sent was taken. */
  void confirm() throws IOException;

  /** Forgets what was not confirmed; the next record is sent anew. */
  void abandon();

  /** Ends what another thread waits for here. */
  @Override
  default void close() {
    abandon();
  }
}
