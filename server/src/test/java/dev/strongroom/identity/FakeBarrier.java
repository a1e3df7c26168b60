package dev.strongroom.identity;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Hkdf;
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

/** A barrier with one system key, the same for all of them in a run, and no containers. */
final class FakeBarrier implements Barrier {
  private static final byte[] SYSTEM = Randoms.bytes(32);

  private final Id keyId = Randoms.id();
  private volatile boolean closed;

  void close() {
    closed = true;
  }

  @Override
  public boolean isSealed() {
    return closed;
  }

  @Override
  public Sealed sealSystem(SystemUse use, byte[] context, SecretBytes plain) {
    return AesGcm.seal(subkey(use), keyId, 1, context, plain.exposed());
  }

  @Override
  public SecretBytes openSystem(SystemUse use, byte[] context, Sealed sealed) {
    return AesGcm.open(subkey(use), context, sealed)
        .map(SecretBytes::taking)
        .orElseThrow(() -> VaultException.of(ErrorCode.INTEGRITY, "name", use.name()));
  }

  @Override
  public byte[] mac(SystemUse use, byte[]... parts) {
    return Hmac.sha256(subkey(use), parts);
  }

  @Override
  public byte[] mac(byte[]... parts) {
    return mac(SystemUse.ROW_MAC, parts);
  }

  @Override
  public boolean matches(byte[] mac, byte[]... parts) {
    return Arrays.equals(mac, mac(parts));
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
  public Sealed newContainerKey(Id owner, int generation) {
    throw new UnsupportedOperationException();
  }

  private byte[] subkey(SystemUse use) {
    if (closed) {
      throw VaultException.of(ErrorCode.SERVER_SEALED);
    }
    return Hkdf.subkey(SYSTEM, use.name());
  }
}
