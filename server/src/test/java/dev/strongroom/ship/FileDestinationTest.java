package dev.strongroom.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDestinationTest {
  @TempDir Path folder;

  private static void send(FileDestination to, long... records) throws IOException {
    for (long record : records) {
      to.send(Chain.read(record));
    }
    to.confirm();
  }

  private static List<Long> numbers(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> Long.parseLong(line.replaceAll("^\\{\"properties\":\\{\"seq\":(\\d+),.*}$", "$1")))
        .toList();
  }

  @Test
  void send_records_areLinesThatAGroupMayRead() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    FileDestination to = new FileDestination(file, 1 << 20, 3);
    send(to, 1, 2);
    send(to, 3);
    assertThat(numbers(file)).containsExactly(1L, 2L, 3L);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void send_beyondTheSize_namesTheFileAndDropsTheOldest() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    long two = 2 * (Chain.read(1).bytes().length + 1);
    FileDestination to = new FileDestination(file, two, 2);
    send(to, 1, 2, 3, 4, 5, 6, 7);
    assertThat(numbers(file)).containsExactly(7L);
    assertThat(numbers(folder.resolve("audit.jsonl.1"))).containsExactly(5L, 6L);
    assertThat(numbers(folder.resolve("audit.jsonl.2"))).containsExactly(3L, 4L);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void send_behindAPartOfALine_cutsIt() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    FileDestination to = new FileDestination(file, 1 << 20, 3);
    send(to, 1);
    Files.writeString(file, "x".repeat(200_000), StandardOpenOption.APPEND);
    send(to, 2);
    assertThat(numbers(file)).containsExactly(1L, 2L);
    Files.writeString(file, "torn");
    send(to, 3);
    assertThat(numbers(file)).containsExactly(3L);
  }

  @Test
  void send_fileThatWasMovedAway_beginsAnother() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    FileDestination to = new FileDestination(file, 1 << 20, 3);
    send(to, 1);
    Files.move(file, folder.resolve("taken"));
    send(to, 2);
    assertThat(numbers(file)).containsExactly(2L);
  }
}
