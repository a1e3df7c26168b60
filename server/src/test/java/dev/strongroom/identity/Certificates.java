package dev.strongroom.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.strongroom.crypto.X509;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Key pairs and self-signed certificates as clients have them; keys are made once in a run. */
final class Certificates {
  static final RSAKey RSA = rsa(2048);
  static final RSAKey OTHER_RSA = rsa(2048);
  static final ECKey P256 = ec(Curve.P_256);

  private Certificates() {}

  /** A client's certificate with the key that signs for it. */
  record Client(X509.Certificate certificate, PrivateKey key) {}

  static Client rsaClient(Instant now) {
    return client(RSA, now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(30)));
  }

  static Client ecClient(Instant now) {
    try {
      return of(
          P256.toECPublicKey(),
          P256.toECPrivateKey(),
          "SHA256withECDSA",
          now.minus(Duration.ofDays(1)),
          now.plus(Duration.ofDays(30)));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static Client client(RSAKey key, Instant notBefore, Instant notAfter) {
    try {
      return of(
          key.toRSAPublicKey(), key.toRSAPrivateKey(), "SHA256withRSA", notBefore, notAfter);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static RSAKey rsa(int bits) {
    try {
      return new RSAKeyGenerator(bits, true).keyID("rsa-" + bits).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static ECKey ec(Curve curve) {
    try {
      return new ECKeyGenerator(curve).keyID("ec-" + curve).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Client of(
      PublicKey key, PrivateKey signer, String algorithm, Instant notBefore, Instant notAfter) {
    X500Name name = new X500Name("CN=client");
    try {
      return new Client(
          X509.read(
              new JcaX509v3CertificateBuilder(
                      name,
                      BigInteger.TEN,
                      Date.from(notBefore),
                      Date.from(notAfter),
                      name,
                      key)
                  .build(new JcaContentSignerBuilder(algorithm).build(signer))
                  .getEncoded()),
          signer);
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }
}
