package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.ToSign;
import java.security.SecureRandom;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithContext;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.MLDSASigner;

/**
 * ML-DSA (FIPS 204) with contexts and message representatives that were made outside; the JDK's has
 * neither. Signing is hedged: it draws random numbers (section 3.4).
 */
final class MlDsa {
  private MlDsa() {}

  static PublicJwk.Akp publicKey(KeyAlgorithm algorithm, byte[] seed) {
    return new PublicJwk.Akp(
        algorithm, expand(algorithm, seed).getPublicKeyParameters().getEncoded());
  }

  /** The whole private key of a seed (FIPS 204 algorithm 6). */
  static MLDSAPrivateKeyParameters expand(KeyAlgorithm algorithm, byte[] seed) {
    return new MLDSAPrivateKeyParameters(parameters(algorithm), seed);
  }

  static MLDSAPublicKeyParameters read(PublicJwk.Akp key) {
    int length = key.pub().length;
    if (length != publicLength(key.algorithm())) {
      throw new IllegalArgumentException(length + " bytes are no key of " + key.algorithm());
    }
    return new MLDSAPublicKeyParameters(parameters(key.algorithm()), key.pub());
  }

  /** FIPS 204 table 2. */
  private static int publicLength(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ML_DSA_44 -> 1312;
      case ML_DSA_65 -> 1952;
      default -> 2592;
    };
  }

  static byte[] sign(MLDSAPrivateKeyParameters key, ToSign what) {
    return sign(key, what, Randoms.source());
  }

  static byte[] sign(MLDSAPrivateKeyParameters key, ToSign what, SecureRandom random) {
    MLDSASigner signer = new MLDSASigner();
    CipherParameters hedged = new ParametersWithRandom(key, random);
    try {
      return switch (what) {
        case ToSign.Message message -> {
          signer.init(true, new ParametersWithContext(hedged, message.context()));
          signer.update(message.bytes(), 0, message.bytes().length);
          yield signer.generateSignature();
        }
        case ToSign.ExternalMu mu -> {
          signer.init(true, hedged);
          yield signer.generateMuSignature(mu.bytes());
        }
        case ToSign.Digest _ -> throw new IllegalArgumentException("ML-DSA signs messages");
      };
    } catch (CryptoException e) {
      throw new IllegalStateException("an ML-DSA signature failed");
    }
  }

  static boolean verify(MLDSAPublicKeyParameters key, ToSign what, byte[] signature) {
    MLDSASigner signer = new MLDSASigner();
    return switch (what) {
      case ToSign.Message message -> {
        signer.init(false, new ParametersWithContext(key, message.context()));
        signer.update(message.bytes(), 0, message.bytes().length);
        yield signer.verifySignature(signature);
      }
      case ToSign.ExternalMu mu -> {
        signer.init(false, key);
        yield signer.verifyMuSignature(mu.bytes(), signature);
      }
      case ToSign.Digest _ -> throw new IllegalArgumentException("ML-DSA verifies messages");
    };
  }

  private static MLDSAParameters parameters(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ML_DSA_44 -> MLDSAParameters.ml_dsa_44;
      case ML_DSA_65 -> MLDSAParameters.ml_dsa_65;
      case ML_DSA_87 -> MLDSAParameters.ml_dsa_87;
      default -> throw new IllegalArgumentException(algorithm + " is not ML-DSA");
    };
  }
}
