package dev.strongroom.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A file system of a few mebibytes in a mount namespace of its own, held by a process that does
 * nothing: what is started {@link #inside} sees it, and so does this test by another path.
 */
final class SmallDisk implements AutoCloseable {
  private final Process holder;
  private final boolean privileged;
  private final Path mount;

  private SmallDisk(Process holder, boolean privileged, Path mount) {
    this.holder = holder;
    this.privileged = privileged;
    this.mount = mount;
  }

  /** Empty where this user may mount nothing. */
  static Optional<SmallDisk> mount(Path folder, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    for (boolean privileged : new boolean[] {true, false}) {
      List<String> line = new ArrayList<>(List.of("unshare", "--mount"));
      if (!privileged) {
        line.add("--map-root-user");
      }
      line.addAll(
          List.of(
              "sh",
              "-c",
              "mount -t tmpfs -o size="
                  + mebibytes
                  + "m,mode=700 tmpfs \"$1\" && echo mounted && exec cat",
              "sh",
              folder.toString()));
      Process holder =
          new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      if ("mounted".equals(holder.inputReader(StandardCharsets.US_ASCII).readLine())) {
        return Optional.of(new SmallDisk(holder, privileged, folder));
      }
      holder.destroyForcibly();
    }
    return Optional.empty();
  }

  /** Words before a command that is to see this disk; the command keeps the process. */
  String[] inside() {
    List<String> words =
        new ArrayList<>(List.of("nsenter", "--target", Long.toString(holder.pid()), "--mount"));
    if (!privileged) {
      words.addAll(List.of("--user", "--preserve-credentials"));
    }
    return words.toArray(String[]::new);
  }

  /** The folder as those inside name it. */
  Path folder() {
    return mount;
  }

  /** A path of the disk as this process reaches it. */
  Path fromOutside(Path path) {
    return Path.of("/proc/" + holder.pid() + "/root" + path.toAbsolutePath());
  }

  long free() throws IOException {
    return Files.getFileStore(fromOutside(mount)).getUsableSpace();
  }

  /** Takes room until only so much is left, or none. */
  void fill(long left) throws IOException {
    byte[] junk = new byte[64 << 10];
    Arrays.fill(junk, (byte) 'x');
    try (OutputStream out =
        Files.newOutputStream(
            ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (free() > left) {
        out.write(junk, 0, (int) Math.min(junk.length, free() - left));
      }
    } catch (IOException e) {
      if (free() > 0) {
        throw e;
      }
    }
  }

  void makeRoom() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return fromOutside(mount).resolve("ballast");
  }

  @Override
  public void close() {
    holder.destroyForcibly();
  }
}
