package dev.strongroom.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Verifier} found: the first bad place, or none, and what it counted up to there.
 *
 * @param nodes whose chains are in the folder
 * @param records lines that are no checkpoints
 * @param answers what the records stand for, where some were merged
 * @param changes records of journal records
 * @param recovered records that a start wrote for changes whose own record was lost in a crash
 * @param repairs torn ends that a start cut and said so
 * @param uncovered records after the last checkpoint of their chain, which nothing signed yet
 * @param pending journal records that the next start will write a record for
 * @param elsewhere journal records of nodes whose chains are not in this folder
 * @param tornBytes at the ends of chains, as a crash leaves them
 * @param unusedBytes zeros that were preallocated and not used
 * @param pruned what was removed on purpose, and is counted nowhere else
 */
public record Verification(
    List<String> nodes,
    long segments,
    long records,
    long answers,
    long checkpoints,
    long changes,
    long recovered,
    long repairs,
    long uncovered,
    long pending,
    long elsewhere,
    long tornBytes,
    long unusedBytes,
    List<Pruned> pruned,
    Optional<BadPlace> bad) {

  /**
   * The beginning of a chain that is not there, as a signed statement says.
   *
   * @param last the number of the last record that is gone
   * @param findings how many of those records told of tampering
   */
  public record Pruned(String node, long last, Instant time, String asked, long findings) {
    @Override
    public String toString() {
      return "records 1 to "
          + last
          + " of node "
          + node
          + " were pruned, the last at "
          + time
          + " ("
          + asked
          + ')'
          + (findings == 0 ? "" : "; " + findings + " of them told of tampering");
    }
  }

  /** Where and what: the line is 0 when it is about the whole file or the store. */
  public record BadPlace(String file, long line, String what) {
    @Override
    public String toString() {
      return line == 0 ? file + ": " + what : file + " line " + line + ": " + what;
    }
  }

  public boolean isClean() {
    return bad.isEmpty();
  }
}
