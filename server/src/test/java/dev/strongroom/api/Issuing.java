package dev.strongroom.api;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** An authority of nobody's, that signs what it is asked. */
final class Issuing {
  private static final X500Name ISSUER = new X500Name("CN=issuer");

  private Issuing() {}

  /** The certificate of a request, and the authority's. */
  static List<byte[]> chain(byte[] csr, Instant now) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    ContentSigner signer =
        new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
    Date from = Date.from(now);
    Date until = Date.from(now.plus(Duration.ofDays(90)));
    PKCS10CertificationRequest request = new PKCS10CertificationRequest(csr);
    byte[] leaf =
        new X509v3CertificateBuilder(
                ISSUER,
                BigInteger.TWO,
                from,
                until,
                request.getSubject(),
                request.getSubjectPublicKeyInfo())
            .build(signer)
            .getEncoded();
    byte[] authority =
        new JcaX509v3CertificateBuilder(
                ISSUER, BigInteger.ONE, from, until, ISSUER, pair.getPublic())
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
            .build(signer)
            .getEncoded();
    return List.of(leaf, authority);
  }
}
