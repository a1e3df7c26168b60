package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Ed25519;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalView;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The installation's audit key, with which every node signs its checkpoints (Ed25519, RFC 8032).
 * The store keeps its seed sealed under the system key, the public key beside it.
 */
public final class AuditKey {
  /** Under which name a store keeps it. */
  public static final String META = "audit-key";

  private static final byte[] CONTEXT = META.getBytes(StandardCharsets.US_ASCII);

  private final Ed25519.Pair pair;
  private final CheckpointKey key;

  AuditKey(Ed25519.Pair pair) {
    this.pair = pair;
    this.key = new CheckpointKey(pair.publicKey());
  }

  /** The installation's key; makes it, as an audited change, when there is none. */
  public static AuditKey open(Store store, Barrier barrier, Audit audit, InstantSource clock) {
    Optional<byte[]> kept = store.meta(META);
    if (kept.isPresent()) {
      return read(kept.get(), barrier);
    }
    byte[] fresh;
    try (SecretBytes seed = Ed25519.newSeed()) {
      Sealed sealed = barrier.sealSystem(SystemUse.AUDIT_CHECKPOINT, CONTEXT, seed);
      fresh = join(Ed25519.raw(Ed25519.read(seed).publicKey()), sealed.bytes());
    }
    Origin origin =
        new Origin(
            Randoms.id(),
            Operation.AUDIT_KEY_CREATE.auditName(),
            Optional.empty(),
            clock.instant());
    byte[] made =
        store.change(
            origin,
            JournalNote.none(),
            tx -> {
              // another node may have been first
              Optional<byte[]> other = tx.meta(META);
              if (other.isEmpty()) {
                tx.putMeta(META, fresh);
              }
              return other.orElse(fresh);
            });
    audit.append(created(origin));
    return read(made, barrier);
  }

  /** The key that a store keeps, where there is one. */
  public static Optional<AuditKey> find(JournalView store, Barrier barrier) {
    return store.meta(META).map(kept -> read(kept, barrier));
  }

  private static AuditRecord created(Origin origin) {
    return AuditRecord.withoutRequest(
        origin.time(),
        origin.operation(),
        AuditRecord.ADMINISTRATION,
        origin.requestId().guid(),
        0,
        origin.journal(),
        Map.of());
  }

  private static AuditKey read(byte[] kept, Barrier barrier) {
    if (kept.length <= Ed25519.KEY) {
      throw VaultException.of(ErrorCode.INTEGRITY, "name", META);
    }
    Sealed sealed = Sealed.read(Arrays.copyOfRange(kept, Ed25519.KEY, kept.length));
    try (SecretBytes seed = barrier.openSystem(SystemUse.AUDIT_CHECKPOINT, CONTEXT, sealed)) {
      Ed25519.Pair pair = Ed25519.read(seed);
      if (!Digests.equal(Ed25519.raw(pair.publicKey()), Arrays.copyOf(kept, Ed25519.KEY))) {
        throw VaultException.of(ErrorCode.INTEGRITY, "name", META);
      }
      return new AuditKey(pair);
    }
  }

  /** The public part of what the store keeps, which needs no unsealing. */
  static Optional<CheckpointKey> publicPart(byte[] kept) {
    return kept.length <= Ed25519.KEY
        ? Optional.empty()
        : Optional.of(
            new CheckpointKey(Ed25519.readPublic(Arrays.copyOf(kept, Ed25519.KEY))));
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  CheckpointKey publicKey() {
    return key;
  }

  /** The start of the SHA-256 of the public key, in hex, as checkpoints name it. */
  public String id() {
    return key.id();
  }

  /** Over a text whose beginning says what kind of statement it is. */
  public byte[] sign(byte[] text) {
    return pair.sign(text);
  }

  /** Whether the key in this PEM file, which was kept elsewhere, signed the text. */
  public static boolean isSignedBy(Path pem, byte[] text, byte[] signature) throws IOException {
    return Ed25519.verify(CheckpointKey.readPem(pem).key(), signature, text);
  }

  /** Whether the key that a store keeps under {@link #META} signed the text. */
  public static boolean isSignedByStored(byte[] kept, byte[] text, byte[] signature) {
    return publicPart(kept).map(key -> Ed25519.verify(key.key(), signature, text)).orElse(false);
  }

  /** Writes the public key where {@code audit verify} looks for it. */
  void export(Path directory) throws IOException {
    Path file = directory.resolve(CheckpointKey.FILE);
    String pem = key.pem();
    if (!Files.exists(file) || !Files.readString(file, StandardCharsets.ISO_8859_1).equals(pem)) {
      Path partial = directory.resolve(CheckpointKey.FILE + ".tmp");
      Files.writeString(partial, pem);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  @Override
  public String toString() {
    return "AuditKey[" + key.id() + "]";
  }
}
