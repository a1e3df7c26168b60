package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.PublicJwk;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Public keys as certificates hold them (RFC 5280, RFC 3279, RFC 5480, RFC 9881). */
final class Spki {
  private static final byte UNCOMPRESSED = 4;

  private Spki() {}

  static SubjectPublicKeyInfo of(PublicJwk key) {
    try {
      return switch (key) {
        case PublicJwk.Rsa rsa ->
            new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                new RSAPublicKey(rsa.n(), rsa.e()));
        case PublicJwk.Ec ec -> new SubjectPublicKeyInfo(algorithm(ec.curve()), point(ec));
        case PublicJwk.Akp akp ->
            new SubjectPublicKeyInfo(new AlgorithmIdentifier(mlDsa(akp.algorithm())), akp.pub());
        case PublicJwk.Oct _ ->
            throw new IllegalArgumentException("a symmetric key has no public part");
      };
    } catch (IOException e) {
      throw new IllegalStateException("encoding a public key", e);
    }
  }

  /** Empty for keys of another kind than Key Vault has, and for what is no key. */
  static Optional<PublicJwk> read(SubjectPublicKeyInfo info) {
    ASN1ObjectIdentifier type = info.getAlgorithm().getAlgorithm();
    try {
      if (type.equals(PKCSObjectIdentifiers.rsaEncryption)) {
        RSAPublicKey key = RSAPublicKey.getInstance(info.parsePublicKey());
        return Optional.of(new PublicJwk.Rsa(key.getModulus(), key.getPublicExponent()));
      }
      if (type.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return curve(info.getAlgorithm()).flatMap(curve -> point(curve, info));
      }
      for (KeyAlgorithm algorithm : KeyAlgorithm.akp()) {
        if (type.equals(mlDsa(algorithm))) {
          PublicJwk.Akp key = new PublicJwk.Akp(algorithm, info.getPublicKeyData().getOctets());
          MlDsa.read(key);
          return Optional.of(key);
        }
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static AlgorithmIdentifier algorithm(Curve curve) {
    return new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, oid(curve));
  }

  /** The curve that an algorithm's parameters name. */
  static Optional<Curve> curve(AlgorithmIdentifier algorithm) {
    if (algorithm.getParameters() instanceof ASN1ObjectIdentifier named) {
      for (Curve curve : Curve.values()) {
        if (oid(curve).equals(named)) {
          return Optional.of(curve);
        }
      }
    }
    return Optional.empty();
  }

  static ASN1ObjectIdentifier oid(Curve curve) {
    return switch (curve) {
      case P_256 -> SECObjectIdentifiers.secp256r1;
      case P_384 -> SECObjectIdentifiers.secp384r1;
      case P_521 -> SECObjectIdentifiers.secp521r1;
      case P_256K -> SECObjectIdentifiers.secp256k1;
    };
  }

  static ASN1ObjectIdentifier mlDsa(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ML_DSA_44 -> NISTObjectIdentifiers.id_ml_dsa_44;
      case ML_DSA_65 -> NISTObjectIdentifiers.id_ml_dsa_65;
      case ML_DSA_87 -> NISTObjectIdentifiers.id_ml_dsa_87;
      default -> throw new IllegalArgumentException(algorithm + " is not ML-DSA");
    };
  }

  static byte[] point(PublicJwk.Ec key) {
    int length = key.curve().bytes();
    byte[] out = new byte[1 + 2 * length];
    out[0] = UNCOMPRESSED;
    System.arraycopy(PublicJwk.fixed(key.x(), length), 0, out, 1, length);
    System.arraycopy(PublicJwk.fixed(key.y(), length), 0, out, 1 + length, length);
    return out;
  }

  private static Optional<PublicJwk> point(Curve curve, SubjectPublicKeyInfo info) {
    byte[] octets = info.getPublicKeyData().getOctets();
    int length = curve.bytes();
    if (octets.length != 1 + 2 * length || octets[0] != UNCOMPRESSED) {
      return Optional.empty();
    }
    return EcMath.point(
            curve,
            new BigInteger(1, octets, 1, length),
            new BigInteger(1, octets, 1 + length, length))
        .map(key -> key);
  }
}
