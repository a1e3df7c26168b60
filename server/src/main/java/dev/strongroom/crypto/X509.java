package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * X.509 certificates (RFC 5280): reading one that an application registers, and making the
 * name-constrained authority and the server certificate of a local server.
 */
public final class X509 {
  private static final int MOST_BYTES = 64 * 1024;
  private static final String SIGNATURE = "SHA256withECDSA";

  private X509() {}

  /**
   * A certificate as far as credentials need it; thumbprints are base64url without padding, as JWS
   * headers carry them (RFC 7515 sections 4.1.7 and 4.1.8). Reading checks its form, never who
   * issued it.
   */
  public record Certificate(
      byte[] der,
      PublicKey publicKey,
      Instant notBefore,
      Instant notAfter,
      String sha1,
      String sha256) {
    public String pem() {
      return Pem.write(Pem.CERTIFICATE, der);
    }

    @Override
    public String toString() {
      return "X509.Certificate[" + sha256 + ']';
    }
  }

  /** A certificate of our making with its private key in PKCS#8. */
  public record Issued(Certificate certificate, SecretBytes privateKey) {
    /** The private key as PEM, for a file of mode 0600. */
    public SecretBytes privateKeyPem() {
      return Pem.writeSecret(Pem.PRIVATE_KEY, privateKey);
    }
  }

  /**
   * One certificate, as DER or as PEM. Anything beside it is refused, a private key above all: who
   * registers a certificate must not send its key.
   */
  public static Certificate read(byte[] derOrPem) {
    if (derOrPem.length > MOST_BYTES) {
      throw new IllegalArgumentException("a certificate of more than 64 KiB is not accepted");
    }
    if (derOrPem.length > 0 && derOrPem[0] == 0x30) {
      return readDer(derOrPem);
    }
    List<Pem.Block> blocks = Pem.read(derOrPem);
    if (blocks.stream().anyMatch(block -> block.label().endsWith(Pem.PRIVATE_KEY))) {
      throw new IllegalArgumentException(
          "the file holds a private key: give the certificate alone and keep the key to yourself");
    }
    if (blocks.size() != 1 || !blocks.getFirst().label().equals(Pem.CERTIFICATE)) {
      throw new IllegalArgumentException(
          "the file must hold exactly one PEM block CERTIFICATE, not " + blocks.size() + " blocks");
    }
    return readDer(blocks.getFirst().der());
  }

  /**
   * A self-signed authority that may sign only below the given DNS names and within the given
   * networks (such as 127.0.0.0/8), as a critical constraint: where it is trusted, it can vouch for
   * nothing else.
   */
  public static Issued newAuthority(
      String name,
      List<String> dnsSubtrees,
      List<String> networks,
      Instant notBefore,
      Instant notAfter) {
    // because a constraint leaves free every kind of name that it does not mention
    if (dnsSubtrees.isEmpty() || networks.isEmpty()) {
      throw new IllegalArgumentException("an authority needs DNS names and networks to keep to");
    }
    KeyPair pair = newP256();
    X500Name subject = name(name);
    GeneralSubtree[] permitted =
        Stream.concat(
                dnsSubtrees.stream().map(dns -> new GeneralName(GeneralName.dNSName, dns)),
                networks.stream().map(net -> new GeneralName(GeneralName.iPAddress, net)))
            .map(GeneralSubtree::new)
            .toArray(GeneralSubtree[]::new);
    return issue(
        builder(subject, subject, pair.getPublic(), notBefore, notAfter),
        pair,
        pair.getPrivate(),
        extensions -> {
          extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
          extensions.addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
          extensions.addExtension(
              Extension.nameConstraints, true, new NameConstraints(permitted, null));
          extensions.addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        });
  }

  /** A P-256 server certificate for these DNS names (wildcards allowed) and addresses. */
  public static Issued newServerCertificate(
      Issued authority,
      String name,
      List<String> dnsNames,
      List<InetAddress> addresses,
      Instant notBefore,
      Instant notAfter) {
    KeyPair pair = newP256();
    GeneralName[] names =
        Stream.concat(
                dnsNames.stream().map(dns -> new GeneralName(GeneralName.dNSName, dns)),
                addresses.stream()
                    .map(at -> new GeneralName(GeneralName.iPAddress, at.getHostAddress())))
            .toArray(GeneralName[]::new);
    X509Certificate issuer = jdk(authority.certificate().der());
    return issue(
        builder(
            X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded()),
            name(name),
            pair.getPublic(),
            notBefore,
            notAfter),
        pair,
        readEcPrivateKey(authority.privateKey()),
        extensions -> {
          extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
          extensions.addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
          extensions.addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
          extensions.addExtension(
              Extension.subjectAlternativeName, false, new GeneralNames(names));
          JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
          extensions.addExtension(
              Extension.subjectKeyIdentifier,
              false,
              identifiers.createSubjectKeyIdentifier(pair.getPublic()));
          extensions.addExtension(
              Extension.authorityKeyIdentifier,
              false,
              identifiers.createAuthorityKeyIdentifier(authority.certificate().publicKey()));
        });
  }

  /** The certificates one after another, the server's first. */
  public static String pemChain(Certificate... certificates) {
    StringBuilder out = new StringBuilder();
    for (Certificate certificate : certificates) {
      out.append(certificate.pem());
    }
    return out.toString();
  }

  /** The issuer and key of an authority that was stored as PEM or DER and PKCS#8. */
  public static Issued readAuthority(byte[] certificate, SecretBytes pkcs8OrPem) {
    byte[] key = pkcs8OrPem.exposed().clone();
    if (key.length == 0 || key[0] != 0x30) {
      List<Pem.Block> blocks = Pem.read(key);
      Arrays.fill(key, (byte) 0);
      if (blocks.size() != 1 || !blocks.getFirst().label().equals(Pem.PRIVATE_KEY)) {
        throw new IllegalArgumentException(
            "the key file must hold exactly one PEM block PRIVATE KEY");
      }
      key = blocks.getFirst().der();
    }
    SecretBytes pkcs8 = SecretBytes.taking(key);
    readEcPrivateKey(pkcs8);
    return new Issued(read(certificate), pkcs8);
  }

  private interface Extensions {
    void addTo(X509v3CertificateBuilder builder)
        throws IOException, NoSuchAlgorithmException;
  }

  private static Issued issue(
      X509v3CertificateBuilder builder, KeyPair pair, PrivateKey signer, Extensions extensions) {
    try {
      extensions.addTo(builder);
      byte[] der =
          builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer)).getEncoded();
      return new Issued(readDer(der), SecretBytes.taking(pair.getPrivate().getEncoded()));
    } catch (IOException | NoSuchAlgorithmException | OperatorCreationException e) {
      throw new IllegalStateException("building a certificate", e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant notBefore, Instant notAfter) {
    // positive and of at most 20 bytes (RFC 5280 section 4.1.2.2)
    BigInteger serial = new BigInteger(1, Randoms.bytes(16)).setBit(127);
    return new JcaX509v3CertificateBuilder(
        issuer, serial, Date.from(notBefore), Date.from(notAfter), subject, key);
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
  }

  private static KeyPair newP256() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static PrivateKey readEcPrivateKey(SecretBytes pkcs8) {
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(pkcs8.exposed()));
    } catch (InvalidKeySpecException e) {
      // without the cause, because a provider's message may quote what it could not parse
      throw new IllegalArgumentException("not an EC private key in PKCS#8");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has EC", e);
    }
  }

  private static Certificate readDer(byte[] der) {
    X509Certificate parsed = jdk(der);
    return new Certificate(
        der.clone(),
        parsed.getPublicKey(),
        parsed.getNotBefore().toInstant(),
        parsed.getNotAfter().toInstant(),
        base64Url(Digests.sha1Thumbprint(der)),
        base64Url(Digests.sha256(der)));
  }

  private static X509Certificate jdk(byte[] der) {
    try {
      X509Certificate parsed =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      // because the factory reads the first certificate and ignores what follows it
      if (!Arrays.equals(parsed.getEncoded(), der)) {
        throw new IllegalArgumentException("there is something behind the certificate");
      }
      return parsed;
    } catch (CertificateException e) {
      throw new IllegalArgumentException("not an X.509 certificate", e);
    }
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
