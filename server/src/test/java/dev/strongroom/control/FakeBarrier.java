package dev.strongroom.control;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Hmac;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import java.util.Arrays;

/** A barrier whose one key seals container keys and journal details; it has no object keys. */
public final class FakeBarrier implements Barrier {
  private final byte[] key = Randoms.bytes(32);
  private final Id keyId = Randoms.id();

  /** Runs once before a container key is made: a test's way between reading and changing. */
  public Runnable beforeContainerKey = () -> {};

  @Override
  public boolean isSealed() {
    return false;
  }

  @Override
  public Sealed sealSystem(SystemUse use, byte[] context, SecretBytes plain) {
    return AesGcm.seal(key, keyId, 1, context, plain.exposed());
  }

  @Override
  public SecretBytes openSystem(SystemUse use, byte[] context, Sealed sealed) {
    return AesGcm.open(key, context, sealed)
        .map(SecretBytes::taking)
        .orElseThrow(() -> VaultException.of(ErrorCode.INTEGRITY, "name", use.name()));
  }

  @Override
  public Sealed newContainerKey(Id owner, int generation) {
    Runnable before = beforeContainerKey;
    beforeContainerKey = () -> {};
    before.run();
    return AesGcm.seal(key, keyId, generation, owner.bytes(), Randoms.bytes(32));
  }

  @Override
  public byte[] mac(byte[]... parts) {
    return Hmac.sha256(key, parts);
  }

  @Override
  public byte[] mac(SystemUse use, byte[]... parts) {
    return Hmac.sha256(key, parts);
  }

  @Override
  public boolean matches(byte[] mac, byte[]... parts) {
    return Arrays.equals(mac, mac(parts));
  }

  @Override
  public Sealed newObjectKey(Id container, Id object) {
    throw new UnsupportedOperationException("no object is made here");
  }

  @Override
  public Sealed seal(Sealed objectKey, Place place, SecretBytes plain) {
    throw new UnsupportedOperationException("no object is made here");
  }

  @Override
  public SecretBytes open(Sealed objectKey, Place place, Sealed sealed) {
    throw new UnsupportedOperationException("no object is made here");
  }
}
