package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrailReaderTest {
  @TempDir Path folder;

  @Test
  void next_behindAWriter_hasEveryLineOnceAcrossSegments() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 6_000;
    try (AuditLog log = trail.openSigning();
        TrailReader reader = new TrailReader(trail.directory(), Trail.NODE)) {
      long seen = 0;
      String hash = ChainEnd.NOTHING;
      for (int i = 0; i < 60; i++) {
        log.append(Trail.read(i));
        if (i == 5) {
          // from here on segments are preallocated, and end in zeros
          AuditLogTest.await(() -> Files.exists(trail.directory().resolve("node-1.next")));
        }
        for (Optional<TrailReader.Line> line = reader.next(log.newest());
            line.isPresent();
            line = reader.next(log.newest())) {
          assertThat(line.get().seq()).isEqualTo(++seen);
          assertThat(line.get().prev()).isEqualTo(hash);
          hash = line.get().hash();
          assertThat(line.get().time()).isPresent();
        }
        assertThat(seen).isEqualTo(log.newest());
      }
    }
    assertThat(trail.segments()).hasSizeGreaterThan(5);
  }

  @Test
  void seek_anyRecord_goesOnBehindIt() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 6_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 30; i++) {
        log.append(Trail.read(i));
      }
    }
    try (TrailReader reader = new TrailReader(trail.directory(), Trail.NODE)) {
      assertThat(reader.oldest()).hasValue(1L);
      for (long at = 29; at >= 0; at--) {
        reader.seek(at);
        assertThat(reader.next(at)).isEmpty();
        assertThat(reader.next(at + 1).orElseThrow().seq()).isEqualTo(at + 1);
      }
    }
  }

  @Test
  void next_recordThatIsNotThere_isRefused() throws IOException {
    Trail trail = new Trail(folder);
    trail.segmentBytes = 6_000;
    try (AuditLog log = trail.openSigning()) {
      for (int i = 0; i < 30; i++) {
        log.append(Trail.read(i));
      }
    }
    Files.delete(trail.segments().get(1));
    try (TrailReader reader = new TrailReader(trail.directory(), Trail.NODE)) {
      assertThatThrownBy(
              () -> {
                while (reader.next(30).isPresent()) {
                  // on to the gap
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not where it should be");
    }
    Files.delete(trail.segments().getFirst());
    try (TrailReader reader = new TrailReader(trail.directory(), Trail.NODE)) {
      assertThat(reader.oldest().orElseThrow()).isGreaterThan(1);
      assertThatThrownBy(() -> reader.next(30)).isInstanceOf(IOException.class);
    }
  }
}
