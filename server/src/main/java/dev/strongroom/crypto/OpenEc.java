package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.ToSign;

/** An open key on a curve. */
final class OpenEc implements SigningKeyOnly {
  private final PublicJwk.Ec key;
  private final Engine.EcHandle handle;

  OpenEc(PublicJwk.Ec key, Engine.EcHandle handle) {
    this.key = key;
    this.handle = handle;
  }

  @Override
  public PublicJwk publicJwk() {
    return key;
  }

  @Override
  public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
    Refused.unlessFits(algorithm, KeyOperation.SIGN, key);
    return handle.sign(digest(algorithm, what, "value"));
  }

  @Override
  public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
    Refused.unlessFits(algorithm, KeyOperation.VERIFY, key);
    return handle.verify(digest(algorithm, what, "digest"), signature);
  }

  private static byte[] digest(KeyAlgorithm algorithm, ToSign what, String property) {
    byte[] digest = Refused.unlessDigest(what);
    Refused.unlessLength(algorithm, property, digest, algorithm.digestLength().orElseThrow());
    return digest;
  }

  @Override
  public void close() {
    handle.close();
  }
}
