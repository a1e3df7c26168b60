package dev.strongroom.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which journal numbers a chain has: all up to {@link #complete}, and ranges beyond, because
 * answers are appended in another order than their changes were committed. Not safe for threads.
 */
final class JournalCoverage {
  private long complete;
  private final TreeMap<Long, Long> ahead = new TreeMap<>();

  /** False when the number was there already. */
  boolean add(long number) {
    if (contains(number)) {
      return false;
    }
    long first = number;
    long last = number;
    Map.Entry<Long, Long> before = ahead.lowerEntry(number);
    if (before != null && before.getValue() == number - 1) {
      first = before.getKey();
    }
    Long after = ahead.remove(number + 1);
    if (after != null) {
      last = after;
    }
    if (first == complete + 1) {
      ahead.remove(first);
      complete = last;
    } else {
      ahead.put(first, last);
    }
    return true;
  }

  boolean contains(long number) {
    if (number <= complete) {
      return true;
    }
    Map.Entry<Long, Long> range = ahead.floorEntry(number);
    return range != null && number <= range.getValue();
  }

  long complete() {
    return complete;
  }

  /** The largest number, 0 when there is none. */
  long last() {
    return ahead.isEmpty() ? complete : ahead.lastEntry().getValue();
  }

  /** The ranges beyond {@link #complete} as {@code 5-5,8-12}, or a hyphen when there are none. */
  String ahead() {
    if (ahead.isEmpty()) {
      return "-";
    }
    List<String> ranges = new ArrayList<>(ahead.size());
    ahead.forEach((first, last) -> ranges.add(first + "-" + last));
    return String.join(",", ranges);
  }

  /** Reads back what {@link #complete} and {@link #ahead} said. */
  static JournalCoverage of(long complete, String ahead) {
    JournalCoverage coverage = new JournalCoverage();
    coverage.complete = complete;
    if (!ahead.equals("-")) {
      long before = complete + 1;
      for (String range : ahead.split(",", -1)) {
        int hyphen = range.indexOf('-');
        if (hyphen < 0) {
          throw new IllegalArgumentException("not a range of journal numbers");
        }
        long first = Long.parseLong(range.substring(0, hyphen));
        long last = Long.parseLong(range.substring(hyphen + 1));
        if (first <= before || last < first) {
          throw new IllegalArgumentException("ranges of journal numbers overlap or touch");
        }
        coverage.ahead.put(first, last);
        before = last + 1;
      }
    }
    return coverage;
  }
}
