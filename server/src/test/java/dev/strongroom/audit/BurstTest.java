package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.Cases;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Principal;
import dev.strongroom.model.VaultException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BurstTest {
  private static final class Collected implements Audit {
    private final List<AuditRecord> records = new ArrayList<>();
    private boolean isFull;
    private boolean looksFull;
    private boolean isInReserve;
    private boolean isClosed;

    @Override
    public Taken take(AuditRecord record) {
      return () -> write(record);
    }

    private synchronized void write(AuditRecord record) {
      if (isFull) {
        throw VaultException.of(ErrorCode.AUDIT_UNAVAILABLE);
      }
      records.add(record);
    }

    @Override
    public boolean isAvailable() {
      return !looksFull;
    }

    @Override
    public Optional<ErrorCode> refusalOfChanges() {
      return isInReserve ? Optional.of(ErrorCode.STORE_FULL) : Optional.empty();
    }

    @Override
    public void close() {
      isClosed = true;
    }

    private synchronized long answers() {
      return records.stream()
          .mapToLong(record -> Long.parseLong(record.details().getOrDefault("count", "1")))
          .sum();
    }
  }

  private final Collected audit = new Collected();
  private Instant now = Trail.NOW;

  @Test
  void append_upToTheBurst_isSingle() {
    Burst burst = burst(5, 10);
    for (int i = 0; i < 5; i++) {
      burst.append(anonymous("192.0.2.1"));
    }
    burst.flush();
    assertThat(audit.records).hasSize(5).noneMatch(record -> record.details().containsKey("count"));
  }

  @Test
  void append_beyondTheBurst_isOneRecordWithACount() {
    Burst burst = burst(5, 10);
    for (int i = 0; i < 100; i++) {
      burst.append(anonymous("192.0.2.1"));
    }
    assertThat(audit.records).hasSize(5);
    burst.flush();
    assertThat(audit.records).hasSize(6);
    AuditRecord merged = audit.records.getLast();
    assertThat(merged.details())
        .containsEntry("count", "95")
        .containsEntry("kinds", "Authentication/401=95")
        .containsEntry("until", Trail.NOW.toString());
    assertThat(merged.callerAddress()).isEqualTo("192.0.2.1");
    burst.flush();
    assertThat(audit.records).hasSize(6);
  }

  @Test
  void append_timePasses_isSingleAgainAtTheRate() {
    Burst burst = burst(5, 10);
    for (int i = 0; i < 6; i++) {
      burst.append(anonymous("192.0.2.1"));
    }
    burst.flush();
    now = now.plusMillis(300);
    for (int i = 0; i < 5; i++) {
      burst.append(anonymous("192.0.2.1"));
    }
    assertThat(audit.records).hasSize(6 + 3);
    burst.flush();
    assertThat(audit.records.getLast().details()).containsEntry("count", "2");
  }

  @Test
  void append_clockSetBack_givesNothingAway() {
    Burst burst = burst(2, 10);
    burst.append(anonymous("a"));
    now = now.minusSeconds(3_600);
    burst.append(anonymous("a"));
    burst.append(anonymous("a"));
    assertThat(audit.records).hasSize(2);
  }

  @Test
  void append_principalOrChange_isNeverMerged() {
    Burst burst = burst(0, 1);
    burst.append(Trail.read(1));
    AuditRecord change = anonymous("192.0.2.1", OptionalLong.of(4), Optional.empty());
    burst.append(change);
    assertThat(audit.records).hasSize(2).contains(change);
  }

  @Test
  void append_oneHostWithManyIpv6Addresses_isOneSource() {
    Burst burst = burst(3, 1);
    for (int i = 0; i < 50; i++) {
      burst.append(anonymous("2001:db8:1:2::" + Integer.toHexString(i + 1)));
    }
    burst.append(anonymous("2001:db8:1:3::1"));
    burst.flush();
    assertThat(audit.records).hasSize(5);
    assertThat(audit.answers()).isEqualTo(51);
  }

  @Test
  void append_auditUnavailable_isRefusedAndNotCounted() {
    Burst burst = burst(1, 1);
    burst.append(anonymous("a"));
    burst.append(anonymous("a"));
    audit.looksFull = true;
    assertThatThrownBy(() -> burst.append(anonymous("a"))).isInstanceOf(VaultException.class);
    audit.looksFull = false;
    burst.flush();
    assertThat(audit.answers()).isEqualTo(2);
  }

  @Test
  void flush_auditFull_keepsTheCount() {
    Burst burst = burst(1, 1);
    for (int i = 0; i < 10; i++) {
      burst.append(anonymous("a"));
    }
    audit.isFull = true;
    burst.flush();
    burst.append(anonymous("a"));
    audit.isFull = false;
    burst.flush();
    assertThat(audit.answers()).isEqualTo(11);
    assertThat(audit.records).hasSize(2);
  }

  @Test
  void append_anyAddresses_everyAnswerIsInExactlyOneRecord() {
    Cases.run(
        100,
        random -> {
          Collected collected = new Collected();
          Burst burst = new Burst(collected, () -> now, 3, 1, 4);
          int answers = random.nextInt(201);
          for (int i = 0; i < answers; i++) {
            burst.append(anonymous("198.51.100." + random.nextInt(13)));
          }
          burst.close();
          assertThat(collected.answers()).isEqualTo(answers);
          assertThat(collected.isClosed).isTrue();
        });
  }

  @Test
  void append_manyThreads_countsAllAndFlushesByItself() throws Exception {
    try (Burst burst = new Burst(audit, () -> now);
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        running.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 250; i++) {
                    burst.append(anonymous("a"));
                  }
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      AuditLogTest.await(() -> audit.answers() == 2_000);
    }
    assertThat(audit.records.size()).isLessThan(1_020);
  }

  @Test
  void acceptsChanges_asWhatIsBehind() {
    Burst burst = burst(1, 1);
    assertThat(burst.acceptsChanges()).isTrue();
    audit.isInReserve = true;
    assertThat(burst.acceptsChanges()).isFalse();
    assertThat(burst.isAvailable()).isTrue();
  }

  private Burst burst(int size, int perSecond) {
    return new Burst(audit, () -> now, size, perSecond, 100);
  }

  private AuditRecord anonymous(String address) {
    return anonymous(address, OptionalLong.empty(), Optional.empty());
  }

  private AuditRecord anonymous(
      String address, OptionalLong journal, Optional<Principal> principal) {
    return new AuditRecord(
        now,
        "Authentication",
        AuditRecord.AUDIT_EVENT,
        Optional.empty(),
        "r",
        Optional.empty(),
        address,
        principal,
        "GET",
        "/secrets/x",
        Optional.empty(),
        Optional.empty(),
        401,
        Optional.of("Unauthorized"),
        Optional.empty(),
        10,
        journal,
        Map.of());
  }
}
