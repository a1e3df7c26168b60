package dev.strongroom.crypto;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.Certificate;

/** The certificate of a TLS server and its key, as PEM files have them. */
public final class TlsPair {
  private TlsPair() {}

  /**
   * Refuses a key that is not the first certificate's: TLS engines find out with the first client.
   * What is in neither file, or of another kind than RSA, EC and EdDSA, is left to them.
   */
  public static void requireMatch(byte[] certificates, byte[] key) {
    Optional<Pem.Block> leaf =
        Pem.read(certificates).stream()
            .filter(block -> block.label().equals(Pem.CERTIFICATE))
            .findFirst();
    List<String> kinds = List.of(Pem.PRIVATE_KEY, Pem.RSA_PRIVATE_KEY, Pem.EC_PRIVATE_KEY);
    Optional<Pem.Block> ours =
        Pem.read(key).stream().filter(block -> kinds.contains(block.label())).findFirst();
    if (leaf.isPresent() && ours.isPresent() && !isMatch(leaf.get(), ours.get())) {
      throw new IllegalArgumentException("the key is not the certificate's");
    }
  }

  private static boolean isMatch(Pem.Block certificate, Pem.Block key) {
    byte[] text = {1};
    try {
      PublicKey theirs =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate.der()))
              .getPublicKey();
      String algorithm;
      switch (theirs.getAlgorithm()) {
        case "RSA" -> algorithm = "SHA256withRSA";
        case "EC" -> algorithm = "SHA256withECDSA";
        case "EdDSA" -> algorithm = "EdDSA";
        default -> {
          return true;
        }
      }
      PrivateKey ours =
          KeyFactory.getInstance(theirs.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(pkcs8(certificate, key)));
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(ours);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(theirs);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException | IOException e) {
      // not carried on, because it may quote what it could not read of the key
      return false;
    }
  }

  /** PKCS#1 and SEC 1 say less of a key's algorithm than the certificate does. */
  private static byte[] pkcs8(Pem.Block certificate, Pem.Block key) throws IOException {
    return key.label().equals(Pem.PRIVATE_KEY)
        ? key.der()
        : new PrivateKeyInfo(
                Certificate.getInstance(certificate.der())
                    .getSubjectPublicKeyInfo()
                    .getAlgorithm(),
                ASN1Primitive.fromByteArray(key.der()))
            .getEncoded();
  }
}
