package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Keys as PEM files have them: private ones in PKCS#8 (RFC 5208), PKCS#1 (RFC 8017) or SEC 1 (RFC
 * 5915), public ones as SubjectPublicKeyInfo (RFC 5280).
 */
public final class KeyPem {
  private static final String RSA_PRIVATE_KEY = "RSA PRIVATE KEY";
  private static final String EC_PRIVATE_KEY = "EC PRIVATE KEY";
  private static final Map<Curve, ASN1ObjectIdentifier> CURVES =
      Map.of(
          Curve.P_256, SECObjectIdentifiers.secp256r1,
          Curve.P_384, SECObjectIdentifiers.secp384r1,
          Curve.P_521, SECObjectIdentifiers.secp521r1,
          Curve.P_256K, SECObjectIdentifiers.secp256k1);

  private KeyPem() {}

  /**
   * The first private key in a file.
   *
   * @throws IllegalArgumentException when there is none that this can read; its message says why
   */
  public static PrivateJwk readPrivate(byte[] pem) {
    for (Pem.Block block : Pem.read(pem)) {
      switch (block.label()) {
        case Pem.PRIVATE_KEY -> {
          return pkcs8(PrivateKeyInfo.getInstance(block.der()));
        }
        case RSA_PRIVATE_KEY -> {
          return rsa(RSAPrivateKey.getInstance(block.der()));
        }
        case EC_PRIVATE_KEY -> {
          ECPrivateKey key = ECPrivateKey.getInstance(block.der());
          return ec(key, key.getParametersObject());
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new IllegalArgumentException("the private key is encrypted");
        default -> {
          // because certificates and parameters often stand in the same file
          continue;
        }
      }
    }
    throw new IllegalArgumentException("there is no private key");
  }

  private static PrivateJwk pkcs8(PrivateKeyInfo info) {
    AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
    try {
      if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)) {
        return rsa(RSAPrivateKey.getInstance(info.parsePrivateKey()));
      }
      if (algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return ec(ECPrivateKey.getInstance(info.parsePrivateKey()), algorithm.getParameters());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("the private key does not parse", e);
    }
    throw new IllegalArgumentException("the private key is neither RSA nor on a curve");
  }

  private static PrivateJwk rsa(RSAPrivateKey key) {
    Map<String, SecretBytes> members = new HashMap<>();
    members.put("n", bytes(key.getModulus()));
    members.put("e", bytes(key.getPublicExponent()));
    members.put("d", bytes(key.getPrivateExponent()));
    members.put("p", bytes(key.getPrime1()));
    members.put("q", bytes(key.getPrime2()));
    members.put("dp", bytes(key.getExponent1()));
    members.put("dq", bytes(key.getExponent2()));
    members.put("qi", bytes(key.getCoefficient()));
    return new PrivateJwk(KeyType.RSA, Optional.empty(), Optional.empty(), members);
  }

  private static PrivateJwk ec(ECPrivateKey key, ASN1Encodable named) {
    Curve curve =
        List.of(Curve.values()).stream()
            .filter(one -> CURVES.get(one).equals(named))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("the private key is on an unknown curve"));
    BigInteger scalar = key.getKey();
    if (scalar.signum() <= 0 || scalar.compareTo(EcMath.order(curve)) >= 0) {
      throw new IllegalArgumentException("the private key is out of range");
    }
    PublicJwk.Ec point = EcMath.publicKey(curve, scalar);
    int length = curve.bytes();
    return new PrivateJwk(
        KeyType.EC,
        Optional.of(curve),
        Optional.empty(),
        Map.of(
            "x", SecretBytes.taking(PublicJwk.fixed(point.x(), length)),
            "y", SecretBytes.taking(PublicJwk.fixed(point.y(), length)),
            "d", SecretBytes.taking(PublicJwk.fixed(scalar, length))));
  }

  private static SecretBytes bytes(BigInteger number) {
    return SecretBytes.taking(PublicJwk.fixed(number, (number.bitLength() + 7) / 8));
  }

  /** A public key, or nothing where a key has no public part that the form knows. */
  public static Optional<String> writePublic(PublicJwk key) {
    return switch (key) {
      case PublicJwk.Rsa rsa ->
          Optional.of(
              write(
                  new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                  new RSAPublicKey(rsa.n(), rsa.e())));
      case PublicJwk.Ec ec -> {
        int length = ec.curve().bytes();
        byte[] point = new byte[1 + 2 * length];
        point[0] = 4;
        System.arraycopy(PublicJwk.fixed(ec.x(), length), 0, point, 1, length);
        System.arraycopy(PublicJwk.fixed(ec.y(), length), 0, point, 1 + length, length);
        yield Optional.of(
            pem(
                new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(
                        X9ObjectIdentifiers.id_ecPublicKey, CURVES.get(ec.curve())),
                    point)));
      }
      case PublicJwk.Oct _, PublicJwk.Akp _ -> Optional.empty();
    };
  }

  private static String write(AlgorithmIdentifier algorithm, ASN1Encodable key) {
    try {
      return pem(new SubjectPublicKeyInfo(algorithm, key));
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
  }

  private static String pem(SubjectPublicKeyInfo key) {
    try {
      return Pem.write(Pem.PUBLIC_KEY, key.getEncoded("DER"));
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
  }
}
