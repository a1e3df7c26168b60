package dev.strongroom.crypto;

import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.X509Properties;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/**
 * Makes the signing requests and self-signed certificates of Key Vault certificates (PKCS#10 as RFC
 * 2986, RFC 5280), signed by an open key, and the secret that carries key and certificates.
 */
public final class CertificateMaking {
  private static final int SERIAL_BYTES = 16;

  private CertificateMaking() {}

  /** A signing request that asks for everything that the properties say, in DER. */
  public static byte[] request(X509Properties wanted, OpenKey key) {
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      addTo(extensions, wanted);
      return new PKCS10CertificationRequestBuilder(
              DistinguishedName.parse(wanted.subject()), Spki.of(key.publicJwk()))
          .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
          .build(new Signer(key))
          .getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("building a signing request", e);
    }
  }

  /** A certificate that its own key signs, in DER. */
  public static byte[] selfSigned(
      X509Properties wanted, OpenKey key, Instant notBefore, Instant notAfter) {
    SubjectPublicKeyInfo subjectKey = Spki.of(key.publicJwk());
    X500Name subject = DistinguishedName.parse(wanted.subject());
    byte[] keyId = Digests.sha1Thumbprint(subjectKey.getPublicKeyData().getBytes());
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      addTo(extensions, wanted);
      extensions.addExtension(
          Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId));
      extensions.addExtension(
          Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId));
      X509v3CertificateBuilder certificate =
          new X509v3CertificateBuilder(
              subject,
              serial(),
              Date.from(notBefore),
              Date.from(notAfter),
              subject,
              subjectKey);
      for (ASN1ObjectIdentifier type : extensions.generate().getExtensionOIDs()) {
        certificate.addExtension(extensions.generate().getExtension(type));
      }
      return certificate.build(new Signer(key)).getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("building a certificate", e);
    }
  }

  /** The private key as a secret holds it, in PKCS#8; nothing where it must not leave. */
  public static SecretBytes exported(Material key, boolean exportable) {
    return exportable ? Pkcs8.write(key) : SecretBytes.taking(new byte[0]);
  }

  /** The secret of a certificate as PFX: base64 of what {@link Pkcs12} writes. */
  public static SecretBytes pfx(SecretBytes exported, byte[] leaf, List<byte[]> chain) {
    try (SecretBytes pfx = Pkcs12.write(exported, leaf, chain)) {
      return SecretBytes.taking(Base64.getEncoder().encode(pfx.exposed()));
    }
  }

  /** The secret of a certificate as PEM: the key, then the certificates. */
  public static SecretBytes pem(SecretBytes exported, List<byte[]> chain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (exported.length() > 0) {
      try (SecretBytes text = Pem.writeSecret(Pem.PRIVATE_KEY, exported)) {
        out.writeBytes(text.exposed());
      }
    }
    for (byte[] certificate : chain) {
      out.writeBytes(
          Pem.write(Pem.CERTIFICATE, certificate).getBytes(StandardCharsets.US_ASCII));
    }
    return SecretBytes.taking(out.toByteArray());
  }

  /** Positive and of 128 bits, the first of which is set (RFC 5280 section 4.1.2.2). */
  static BigInteger serial() {
    return new BigInteger(1, Randoms.bytes(SERIAL_BYTES)).setBit(8 * SERIAL_BYTES - 1);
  }

  static void addTo(ExtensionsGenerator extensions, X509Properties wanted)
      throws IOException {
    if (!wanted.keyUsage().isEmpty()) {
      int bits = 0;
      for (CertificateKeyUsage usage : wanted.keyUsage()) {
        bits |= CertificateFacts.bit(usage);
      }
      extensions.addExtension(Extension.keyUsage, true, new KeyUsage(bits));
    }
    BasicConstraints constraints =
        !wanted.authority()
            ? new BasicConstraints(false)
            : wanted.pathLength().map(BasicConstraints::new).orElse(new BasicConstraints(true));
    extensions.addExtension(Extension.basicConstraints, wanted.authority(), constraints);
    if (!wanted.ekus().isEmpty()) {
      extensions.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              wanted.ekus().stream()
                  .map(oid -> KeyPurposeId.getInstance(new ASN1ObjectIdentifier(oid)))
                  .toArray(KeyPurposeId[]::new)));
    }
    if (!wanted.names().isEmpty()) {
      extensions.addExtension(
          Extension.subjectAlternativeName,
          wanted.subject().isBlank(),
          new GeneralNames(names(wanted.names())));
    }
  }

  static GeneralName[] names(SubjectNames wanted) {
    List<GeneralName> names = new ArrayList<>();
    wanted.dnsNames().forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    wanted.emails().forEach(name -> names.add(new GeneralName(GeneralName.rfc822Name, name)));
    wanted
        .upns()
        .forEach(
            name ->
                names.add(
                    new GeneralName(
                        GeneralName.otherName,
                        new OtherName(CertificateFacts.UPN, new DERUTF8String(name)))));
    wanted
        .uris()
        .forEach(
            name -> names.add(new GeneralName(GeneralName.uniformResourceIdentifier, name)));
    wanted.ipAddresses().forEach(at -> names.add(new GeneralName(GeneralName.iPAddress, at)));
    return names.toArray(GeneralName[]::new);
  }

  /** Signs with a key that stays where it is. */
  static final class Signer implements ContentSigner {
    private final OpenKey key;
    private final KeyAlgorithm algorithm;
    private final ByteArrayOutputStream signed = new ByteArrayOutputStream();

    Signer(OpenKey key) {
      this.key = key;
      this.algorithm =
          switch (key.publicJwk()) {
            case PublicJwk.Rsa _ -> KeyAlgorithm.RS256;
            case PublicJwk.Ec ec -> ecdsa(ec.curve());
            case PublicJwk.Akp akp -> akp.algorithm();
            case PublicJwk.Oct _ -> throw new IllegalArgumentException("oct keys do not sign");
          };
    }

    private static KeyAlgorithm ecdsa(Curve curve) {
      return switch (curve) {
        case P_256 -> KeyAlgorithm.ES256;
        case P_384 -> KeyAlgorithm.ES384;
        case P_521 -> KeyAlgorithm.ES512;
        case P_256K -> KeyAlgorithm.ES256K;
      };
    }

    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return switch (algorithm) {
        case RS256 ->
            new AlgorithmIdentifier(
                PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE);
        case ES256, ES256K -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        case ES384 -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384);
        case ES512 -> new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA512);
        default -> new AlgorithmIdentifier(Spki.mlDsa(algorithm));
      };
    }

    @Override
    public OutputStream getOutputStream() {
      return signed;
    }

    @Override
    public byte[] getSignature() {
      byte[] content = signed.toByteArray();
      if (algorithm.family() == KeyAlgorithm.Family.ML_DSA) {
        return key.sign(algorithm, new ToSign.Message(content, new byte[0]));
      }
      byte[] digest =
          Digests.instance(algorithm.hash().orElseThrow().standard()).digest(content);
      byte[] signature = key.sign(algorithm, new ToSign.Digest(digest));
      if (algorithm.family() != KeyAlgorithm.Family.ECDSA) {
        return signature;
      }
      int half = signature.length / 2;
      return EcDer.of(
          new BigInteger(1, Arrays.copyOf(signature, half)),
          new BigInteger(1, Arrays.copyOfRange(signature, half, signature.length)));
    }
  }
}
