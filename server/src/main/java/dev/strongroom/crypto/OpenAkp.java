package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.ToSign;
import java.util.Optional;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;

/** An open ML-DSA key. */
final class OpenAkp implements SigningKeyOnly {
  private final PublicJwk.Akp key;
  private final MLDSAPublicKeyParameters publicKey;
  private final Optional<MLDSAPrivateKeyParameters> privateKey;

  OpenAkp(PublicJwk.Akp key, Optional<MLDSAPrivateKeyParameters> privateKey) {
    this.key = key;
    this.publicKey = MlDsa.read(key);
    this.privateKey = privateKey;
  }

  @Override
  public PublicJwk publicJwk() {
    return key;
  }

  @Override
  public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
    Refused.unlessFits(algorithm, KeyOperation.SIGN, key);
    requireMessage(what);
    return MlDsa.sign(
        privateKey.orElseThrow(() -> new IllegalStateException("the private key is not open")),
        what);
  }

  @Override
  public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
    Refused.unlessFits(algorithm, KeyOperation.VERIFY, key);
    requireMessage(what);
    return MlDsa.verify(publicKey, what, signature);
  }

  private static void requireMessage(ToSign what) {
    if (what instanceof ToSign.Digest) {
      throw Refused.property("value");
    }
  }

  @Override
  public void close() {
    privateKey.ifPresent(MLDSAPrivateKeyParameters::destroy);
  }
}
