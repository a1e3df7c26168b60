package dev.strongroom.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.MemoryStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditKeyTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Trail.NOW);
  private static final byte[] SYSTEM_KEY = Randoms.bytes(32);

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore(Trail.NODE);
  private final Barrier barrier = new SystemBarrier();

  @Test
  void open_firstTime_isOneAuditedChangeAndAlwaysTheSameKey() throws IOException {
    try (AuditLog log = open()) {
      AuditKey key = AuditKey.open(store, barrier, log, CLOCK);
      log.startCheckpoints(key);
      AuditKey again = AuditKey.open(store, barrier, log, CLOCK);
      assertThat(again.publicKey()).isEqualTo(key.publicKey());
    }
    assertThat(store.journalHead()).isEqualTo(1);
    Verification found = new Verifier(store, Trail.NODE).verify(folder, Optional.empty());
    assertThat(found.bad()).isEmpty();
    assertThat(found.changes()).isEqualTo(1);
    assertThat(found.recovered()).isZero();
    assertThat(found.checkpoints()).isEqualTo(1);
  }

  @Test
  void startCheckpoints_exportsThePublicKeyAndNothingElse() throws IOException {
    try (AuditLog log = open()) {
      AuditKey key = AuditKey.open(store, barrier, log, CLOCK);
      log.startCheckpoints(key);
      Path exported = folder.resolve("audit").resolve("audit-key.pub");
      assertThat(Files.readString(exported)).startsWith("-----BEGIN PUBLIC KEY-----");
      assertThat(CheckpointKey.readPem(exported)).isEqualTo(key.publicKey());
      byte[] kept = store.meta("audit-key").orElseThrow();
      assertThat(AuditKey.publicPart(kept)).contains(key.publicKey());
      assertThat(key.toString()).isEqualTo("AuditKey[" + key.publicKey().id() + "]");
    }
  }

  @Test
  void open_publicPartChangedInTheStore_isRefused() throws IOException {
    try (AuditLog log = open()) {
      AuditKey.open(store, barrier, log, CLOCK);
      byte[] kept = store.meta("audit-key").orElseThrow();
      kept[3] ^= 1;
      store.change(
          new Origin(Randoms.id(), "Test", Optional.empty(), Trail.NOW),
          JournalNote.none(),
          tx -> {
            tx.putMeta("audit-key", kept);
            return null;
          });
      assertThatThrownBy(() -> AuditKey.open(store, barrier, log, CLOCK))
          .isInstanceOfSatisfying(
              VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY));
    }
  }

  private AuditLog open() throws IOException {
    AuditSettings settings =
        AuditSettings.of(
            folder.resolve("audit"), Trail.INSTALLATION, Trail.NODE, AuditSync.EACH, 64 << 20, 0);
    return AuditLog.open(settings, store, (kind, what) -> {}, CLOCK);
  }

  /** The system half of a barrier, with the key in the open. */
  private static final class SystemBarrier implements Barrier {
    @Override
    public boolean isSealed() {
      return false;
    }

    @Override
    public Sealed sealSystem(SystemUse use, byte[] context, SecretBytes plain) {
      return AesGcm.seal(subkey(use), Trail.INSTALLATION, 1, context, plain.exposed());
    }

    @Override
    public SecretBytes openSystem(SystemUse use, byte[] context, Sealed sealed) {
      return SecretBytes.taking(AesGcm.open(subkey(use), context, sealed).orElseThrow());
    }

    private static byte[] subkey(SystemUse use) {
      return Digests.sha256(
          Hkdf.subkey(SYSTEM_KEY, "test"), use.name().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public Sealed newObjectKey(Id container, Id object) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Sealed seal(Sealed objectKey, Place place, SecretBytes plain) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SecretBytes open(Sealed objectKey, Place place, Sealed sealed) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] mac(SystemUse use, byte[]... parts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Sealed newContainerKey(Id owner, int generation) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] mac(byte[]... parts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean matches(byte[] mac, byte[]... parts) {
      throw new UnsupportedOperationException();
    }
  }
}
