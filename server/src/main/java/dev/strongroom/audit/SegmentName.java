package dev.strongroom.audit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.ArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A segment's file: the node and the number of its first record. */
record SegmentName(Path file, String node, long first) {
  private static final Pattern NAME = Pattern.compile("([0-9A-Za-z._-]{1,64})-([0-9]{18})\\.jsonl");

  static boolean isName(String file) {
    return NAME.matcher(file).matches();
  }

  static SegmentName of(Path directory, String node, long first) {
    return new SegmentName(
        directory.resolve(node + '-' + String.format("%018d", first) + ".jsonl"), node, first);
  }

  /** All segments of a directory by node, each in order; empty when there is no directory. */
  static SortedMap<String, List<SegmentName>> list(Path directory) throws IOException {
    SortedMap<String, List<SegmentName>> found = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          Matcher name = NAME.matcher(file.getFileName().toString());
          if (name.matches()) {
            found
                .computeIfAbsent(name.group(1), node -> new ArrayList<>())
                .add(new SegmentName(file, name.group(1), Long.parseLong(name.group(2))));
          }
        }
      }
    }
    found.values().forEach(list -> list.sort((a, b) -> Long.compare(a.first, b.first)));
    return found;
  }
}
