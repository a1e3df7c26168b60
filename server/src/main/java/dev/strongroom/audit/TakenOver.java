package dev.strongroom.audit;

import dev.strongroom.store.JournalView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the store keeps about a node that was lost: by which node, with which journal record, the audit
 * records that it owed were written, and which of its changes had theirs by then. A lost node that
 * comes back leaves those alone.
 *
 * @param journal the number of the take-over; it is about changes before it
 * @param covered the changes whose record the lost node had reported
 */
record TakenOver(String by, long journal, JournalCoverage covered) {
  private static final String NAME = ChainCopy.TAKE_OVERS;
  private static final Pattern LINE =
      Pattern.compile(
          "by=([0-9A-Za-z._-]{1,64}) journal=([0-9]{1,18}) complete=([0-9]{1,18})"
              + " ahead=([0-9,-]+)");

  /** As a node reports it, see {@link AuditLog#coverage}. */
  private static final Pattern REPORT = Pattern.compile("([0-9]{1,18}) ([0-9,-]+)");

  static String meta(String lost) {
    return NAME + lost;
  }

  /** By the number of the take-over: which node was lost. */
  static String meta(long journal) {
    return NAME + '#' + journal;
  }

  static TakenOver of(String by, long journal, String report) {
    Matcher found = REPORT.matcher(report);
    if (!found.matches()) {
      throw new IllegalArgumentException("not what a node reports of its audit trail: " + report);
    }
    return new TakenOver(
        by, journal, JournalCoverage.of(Long.parseLong(found.group(1)), found.group(2)));
  }

  /** Every take-over of this node, the oldest first. */
  static List<TakenOver> of(JournalView store, String lost) {
    return store.meta(meta(lost)).stream()
        .flatMap(bytes -> new String(bytes, StandardCharsets.US_ASCII).lines())
        .map(TakenOver::read)
        .toList();
  }

  /** Who has the record of a change of the lost node, if it is another. */
  static Optional<TakenOver> find(List<TakenOver> all, long number) {
    return all.stream().filter(one -> one.includes(number)).findFirst();
  }

  private static TakenOver read(String line) {
    Matcher found = LINE.matcher(line);
    if (!found.matches()) {
      throw new IllegalArgumentException("not a take-over: " + line);
    }
    return new TakenOver(
        found.group(1),
        Long.parseLong(found.group(2)),
        JournalCoverage.of(Long.parseLong(found.group(3)), found.group(4)));
  }

  String line() {
    return "by="
        + by
        + " journal="
        + journal
        + " complete="
        + covered.complete()
        + " ahead="
        + covered.ahead()
        + '\n';
  }

  boolean includes(long number) {
    return number < journal && !covered.contains(number);
  }
}
