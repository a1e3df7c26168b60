package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Private keys in PKCS#8 (RFC 5208, RFC 5958; ML-DSA as RFC 9881 has it, by the seed). What is read
 * is only taken apart: that its members are one key is checked by who takes it over.
 */
final class Pkcs8 {
  private Pkcs8() {}

  static SecretBytes write(Material material) {
    SoftwareKey key = (SoftwareKey) material;
    try {
      PrivateKeyInfo info =
          switch (key.publicJwk()) {
            case PublicJwk.Rsa _ -> rsa(key);
            case PublicJwk.Ec ec -> ec(key, ec);
            case PublicJwk.Akp akp -> akp(key, akp);
            case PublicJwk.Oct _ ->
                throw new IllegalArgumentException("a symmetric key is of no certificate");
          };
      return SecretBytes.taking(info.getEncoded(ASN1Encoding.DER));
    } catch (IOException e) {
      throw new IllegalStateException("encoding a private key");
    }
  }

  private static PrivateKeyInfo rsa(SoftwareKey key) throws IOException {
    try (RsaParts parts = key.rsaParts()) {
      return new PrivateKeyInfo(
          new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
          new RSAPrivateKey(
              RsaParts.number(parts.n()),
              RsaParts.number(parts.e()),
              RsaParts.number(parts.d()),
              RsaParts.number(parts.p()),
              RsaParts.number(parts.q()),
              RsaParts.number(parts.dp()),
              RsaParts.number(parts.dq()),
              RsaParts.number(parts.qi())));
    }
  }

  private static PrivateKeyInfo ec(SoftwareKey key, PublicJwk.Ec ec) throws IOException {
    byte[] scalar = key.secret();
    try {
      return new PrivateKeyInfo(
          Spki.algorithm(ec.curve()),
          new ECPrivateKey(
              ec.curve().bytes() * 8,
              new BigInteger(1, scalar),
              new DERBitString(Spki.point(ec)),
              Spki.oid(ec.curve())));
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  private static PrivateKeyInfo akp(SoftwareKey key, PublicJwk.Akp akp) throws IOException {
    byte[] seed = key.secret();
    try {
      return new PrivateKeyInfo(
          new AlgorithmIdentifier(Spki.mlDsa(akp.algorithm())),
          new DERTaggedObject(false, 0, new DEROctetString(seed)));
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /** Empty when it is no PKCS#8, or of a key that Key Vault does not have. */
  static Optional<PrivateJwk> read(byte[] der) {
    try {
      PrivateKeyInfo info = PrivateKeyInfo.getInstance(der);
      ASN1ObjectIdentifier type = info.getPrivateKeyAlgorithm().getAlgorithm();
      if (type.equals(PKCSObjectIdentifiers.rsaEncryption)) {
        return Optional.of(rsa(RSAPrivateKey.getInstance(info.parsePrivateKey())));
      }
      if (type.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return ec(
            Spki.curve(info.getPrivateKeyAlgorithm()),
            ECPrivateKey.getInstance(info.parsePrivateKey()));
      }
      for (KeyAlgorithm algorithm : KeyAlgorithm.akp()) {
        if (type.equals(Spki.mlDsa(algorithm))) {
          return seed(info).map(seed -> akp(algorithm, seed));
        }
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      // without the cause, because a parser's message may quote what it could not read
      return Optional.empty();
    }
  }

  /** The older form of RSA keys that OpenSSL writes (RFC 8017 appendix A.1.2). */
  static Optional<PrivateJwk> readPkcs1(byte[] der) {
    try {
      return Optional.of(rsa(RSAPrivateKey.getInstance(der)));
    } catch (IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** The older form of keys on curves (RFC 5915). */
  static Optional<PrivateJwk> readSec1(byte[] der) {
    try {
      ECPrivateKey key = ECPrivateKey.getInstance(der);
      return key.getParametersObject() == null
          ? Optional.empty()
          : ec(
              Spki.curve(
                  new AlgorithmIdentifier(
                      X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject())),
              key);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private static PrivateJwk rsa(RSAPrivateKey key) {
    Map<String, SecretBytes> members = new HashMap<>();
    put(members, "n", key.getModulus());
    put(members, "e", key.getPublicExponent());
    put(members, "d", key.getPrivateExponent());
    put(members, "p", key.getPrime1());
    put(members, "q", key.getPrime2());
    put(members, "dp", key.getExponent1());
    put(members, "dq", key.getExponent2());
    put(members, "qi", key.getCoefficient());
    return new PrivateJwk(KeyType.RSA, Optional.empty(), Optional.empty(), members);
  }

  private static Optional<PrivateJwk> ec(Optional<Curve> named, ECPrivateKey key) {
    if (named.isEmpty()) {
      return Optional.empty();
    }
    Curve curve = named.get();
    BigInteger scalar = key.getKey();
    if (scalar.signum() <= 0 || scalar.compareTo(EcMath.order(curve)) >= 0) {
      return Optional.empty();
    }
    PublicJwk.Ec point = EcMath.publicKey(curve, scalar);
    Map<String, SecretBytes> members = new HashMap<>();
    put(members, "d", scalar);
    put(members, "x", point.x());
    put(members, "y", point.y());
    return Optional.of(
        new PrivateJwk(KeyType.EC, Optional.of(curve), Optional.empty(), members));
  }

  private static PrivateJwk akp(KeyAlgorithm algorithm, byte[] seed) {
    return new PrivateJwk(
        KeyType.AKP,
        Optional.empty(),
        Optional.of(algorithm),
        Map.of("priv", SecretBytes.taking(seed)));
  }

  /** The seed alone, or before the expanded key (RFC 9881 section 6). */
  private static Optional<byte[]> seed(PrivateKeyInfo info) throws IOException {
    Object inner = info.parsePrivateKey();
    if (inner instanceof ASN1TaggedObject tagged && tagged.getTagNo() == 0) {
      return Optional.of(ASN1OctetString.getInstance(tagged, false).getOctets());
    }
    if (inner instanceof ASN1Sequence both && both.size() == 2) {
      return Optional.of(ASN1OctetString.getInstance(both.getObjectAt(0)).getOctets());
    }
    return Optional.empty();
  }

  private static void put(Map<String, SecretBytes> members, String name, BigInteger number) {
    if (number.signum() < 0) {
      throw new IllegalArgumentException("a negative number");
    }
    members.put(name, SecretBytes.taking(RsaParts.unsigned(number)));
  }
}
