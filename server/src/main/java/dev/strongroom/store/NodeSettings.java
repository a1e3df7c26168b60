package dev.strongroom.store;

import dev.strongroom.model.Id;
import java.time.Duration;

/**
 * One node of a shared store.
 *
 * @param folder of the node's data folder, so that a second folder cannot run under the same name
 * @param session of this start of the process, so that a node that was taken for lost knows it
 * @param maxStaleness how long the journal may go unconfirmed before nothing cached is used
 * @param maxClockDifference between the clocks of node and database
 * @param patience how long a change waits for a database that may be gone
 */
public record NodeSettings(
    String name,
    Id folder,
    Id session,
    Duration maxStaleness,
    Duration maxClockDifference,
    Duration patience) {

  public NodeSettings(
      String name, Id folder, Id session, Duration maxStaleness, Duration maxClockDifference) {
    this(name, folder, session, maxStaleness, maxClockDifference, Duration.ofSeconds(20));
  }

  /**
   * For how long a node counts as there without a word from it: longer than it may serve without
   * one, so that whoever outlives it knows that it has stopped.
   */
  Duration lease() {
    return maxStaleness.multipliedBy(2).plusSeconds(1);
  }
}
