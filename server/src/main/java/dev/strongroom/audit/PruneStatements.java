package dev.strongroom.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code NODE.pruned}: every statement about the beginning of a node's chain, one a line,
 * the oldest first. Each goes on where the one before ended, so the newest speaks for all.
 *
 * @param damage why the file cannot be believed, whatever its signatures say
 */
record PruneStatements(List<PruneStatement.Signed> all, Optional<String> damage) {
  private static final String SUFFIX = ".pruned";

  static String file(String node) {
    return node + SUFFIX;
  }

  static boolean isName(String file) {
    return file.matches("[0-9A-Za-z._-]{1,64}\\.pruned");
  }

  static PruneStatements read(Path directory, String node) throws IOException {
    Path file = directory.resolve(file(node));
    if (!Files.exists(file)) {
      return new PruneStatements(List.of(), Optional.empty());
    }
    List<PruneStatement.Signed> all = new ArrayList<>();
    long last = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      Optional<PruneStatement.Signed> signed = PruneStatement.read(line);
      if (signed.isEmpty()
          || signed.get().statement().first() != last + 1
          || signed.get().statement().last() <= last
          || !signed.get().statement().node().equals(node)) {
        return new PruneStatements(
            List.copyOf(all),
            Optional.of("line " + (all.size() + 1) + " is no statement that goes on"));
      }
      all.add(signed.get());
      last = signed.get().statement().last();
    }
    return new PruneStatements(List.copyOf(all), Optional.empty());
  }

  Optional<PruneStatement.Signed> newest() {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /** Puts one more into the file; it is on disk when this returns. */
  PruneStatements with(PruneStatement.Signed more, Path directory, SegmentFiles files)
      throws IOException {
    List<PruneStatement.Signed> longer = new ArrayList<>(all);
    longer.add(more);
    StringBuilder text = new StringBuilder();
    longer.forEach(one -> text.append(one.line()).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    Path file = directory.resolve(file(more.statement().node()));
    Path partial = file.resolveSibling(file.getFileName() + ".tmp");
    files.delete(partial);
    SegmentFile out = files.open(partial, 0);
    try {
      out.write(bytes, 0, bytes.length);
      out.force();
    } finally {
      out.close();
    }
    files.rename(partial, file);
    files.forceNames(directory);
    return new PruneStatements(List.copyOf(longer), Optional.empty());
  }
}
