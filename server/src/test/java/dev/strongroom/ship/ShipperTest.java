package dev.strongroom.ship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.audit.TrailReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ShipperTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-05-01T10:12:12.5Z"));

  @TempDir Path folder;

  /** Takes what it is sent once it is asked whether it has, unless it is told to fail. */
  private static final class Fake implements Destination {
    private final List<Long> taken = new ArrayList<>();
    private final List<Long> sent = new ArrayList<>();
    private boolean failsToSend;
    private boolean failsToConfirm;

    @Override
    public synchronized void send(TrailReader.Line line) throws IOException {
      if (failsToSend) {
        throw new IOException("refused");
      }
      sent.add(line.seq());
    }

    @Override
    public void flush() {}

    @Override
    public synchronized void confirm() throws IOException {
      if (failsToConfirm) {
        throw new IOException("not known");
      }
      taken.addAll(sent);
      sent.clear();
    }

    @Override
    public synchronized void abandon() {
      sent.clear();
    }

    private synchronized List<Long> taken() {
      return List.copyOf(taken);
    }
  }

  private Shipper shipper(Fake to, Chain chain) {
    return new Shipper("siem", to, () -> chain.seq, folder, Chain.NODE, CLOCK, Duration.ofMillis(10));
  }

  private static Long[] upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new);
  }

  @Test
  void ship_whatThereIs_isConfirmedAndRemembered() throws Exception {
    Chain chain = new Chain(folder);
    chain.add(30);
    chain.begin();
    chain.add(30);
    Fake to = new Fake();
    Shipper first = shipper(to, chain);
    assertThat(first.shipped()).isZero();
    assertThat(first.backlog()).isEqualTo(60);
    first.ship();
    assertThat(to.taken()).containsExactly(upTo(60));
    assertThat(first.shipped()).isEqualTo(60);
    assertThat(first.backlog()).isZero();
    assertThat(first.age()).isZero();
    chain.add(5);
    Shipper second = shipper(to, chain);
    second.ship();
    assertThat(to.taken()).containsExactly(upTo(65));
    second.ship();
    assertThat(to.taken()).hasSize(65);
  }

  @Test
  void ship_failure_sendsAgainFromWhatWasConfirmed() throws Exception {
    Chain chain = new Chain(folder);
    chain.add(10);
    Fake to = new Fake();
    Shipper shipper = shipper(to, chain);
    shipper.ship();
    chain.add(10);
    to.failsToConfirm = true;
    assertThatThrownBy(shipper::ship).hasMessage("not known");
    assertThat(shipper.shipped()).isEqualTo(10);
    assertThat(shipper.backlog()).isEqualTo(10);
    assertThat(shipper.age()).isEqualTo(Duration.ofSeconds(60, 154_321_100));
    to.abandon();
    to.failsToConfirm = false;
    shipper.ship();
    assertThat(to.taken()).containsExactly(upTo(20));
  }

  @Test
  void start_destinationThatComesBack_getsEverythingInOrder() throws Exception {
    Chain chain = new Chain(folder);
    chain.add(400);
    Fake to = new Fake();
    to.failsToSend = true;
    try (Shipper shipper = shipper(to, chain)) {
      shipper.start();
      while (shipper.trouble().isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(shipper.trouble()).hasValue("refused");
      assertThat(shipper.failures()).isPositive();
      to.failsToSend = false;
      while (to.taken().size() < 400) {
        Thread.onSpinWait();
      }
      assertThat(to.taken()).containsExactly(upTo(400));
      while (shipper.trouble().isPresent()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void ship_trailWhoseBeginningWasPruned_beginsWhereItDoes() throws Exception {
    Chain chain = new Chain(folder);
    chain.add(10);
    chain.begin();
    chain.add(10);
    Files.delete(folder.resolve("node-1-000000000000000001.jsonl"));
    Fake to = new Fake();
    shipper(to, chain).ship();
    assertThat(to.taken()).hasSize(10).startsWith(11L);
  }

  @Test
  void ship_anotherTrailThanTheOneShipped_isShippedFromItsBeginning() throws Exception {
    Chain chain = new Chain(folder);
    chain.add(10);
    shipper(new Fake(), chain).ship();
    Path position = folder.resolve("node-1.siem.shipped");
    String text = Files.readString(position);
    Fake same = new Fake();
    shipper(same, chain).ship();
    assertThat(same.taken()).isEmpty();
    for (String other :
        List.of(
            "25 " + "ab".repeat(32) + '\n',
            "10 " + "ab".repeat(32) + '\n',
            "4 " + "ab".repeat(32) + '\n',
            text.strip(),
            "")) {
      Files.writeString(position, other);
      Fake to = new Fake();
      shipper(to, chain).ship();
      assertThat(to.taken()).as(other).containsExactly(upTo(10));
    }
  }
}
