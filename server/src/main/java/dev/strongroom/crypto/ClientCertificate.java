package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * A client's certificate with its private key, RSA or EC on P-256, which signs what the client says
 * of itself as JWS has it (RFC 7518 section 3).
 */
public record ClientCertificate(X509.Certificate certificate, PrivateKey key) {
  private static final int P256_BITS = 256;

  /** From a PEM file with one private key in PKCS#8 and its certificate; a chain may follow. */
  public static ClientCertificate readPem(SecretBytes pem) {
    List<Pem.Block> blocks = Pem.read(pem.exposed());
    List<Pem.Block> certificates =
        blocks.stream().filter(block -> block.label().equals(Pem.CERTIFICATE)).toList();
    List<Pem.Block> keys =
        blocks.stream().filter(block -> block.label().endsWith(Pem.PRIVATE_KEY)).toList();
    if (certificates.isEmpty() || keys.size() != 1) {
      throw new IllegalArgumentException(
          "the file must hold a certificate and its one private key, both as PEM");
    }
    if (!keys.getFirst().label().equals(Pem.PRIVATE_KEY)) {
      throw new IllegalArgumentException(
          "the key must be PKCS#8 without a passphrase, not " + keys.getFirst().label());
    }
    X509.Certificate certificate = X509.read(certificates.getFirst().der());
    ClientCertificate read =
        new ClientCertificate(
            certificate, privateKey(isRsa(certificate) ? "RSA" : "EC", keys.getFirst().der()));
    read.requirePair();
    return read;
  }

  /** The algorithm's name in JWS. */
  public String algorithm() {
    return isRsa(certificate) ? "RS256" : "ES256";
  }

  public byte[] sign(byte[] input) {
    try {
      Signature signature = signature();
      signature.initSign(key);
      signature.update(input);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing with a key that was tried before", e);
    }
  }

  private void requirePair() {
    byte[] probe = {1};
    try {
      Signature check = signature();
      check.initVerify(certificate.publicKey());
      check.update(probe);
      if (check.verify(sign(probe))) {
        return;
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the certificate's key cannot be used", e);
    }
    throw new IllegalArgumentException("the private key is not that of the first certificate");
  }

  private Signature signature() throws GeneralSecurityException {
    return Signature.getInstance(
        isRsa(certificate) ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
  }

  private static boolean isRsa(X509.Certificate certificate) {
    return switch (certificate.publicKey()) {
      case RSAPublicKey _ -> true;
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() == P256_BITS -> false;
      default ->
          throw new IllegalArgumentException("the certificate's key is neither RSA nor P-256");
    };
  }

  private static PrivateKey privateKey(String algorithm, byte[] pkcs8) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException e) {
      // without the cause, because a provider's message may quote what it could not parse
      throw new IllegalArgumentException("not an " + algorithm + " private key in PKCS#8");
    }
  }

  @Override
  public String toString() {
    return "ClientCertificate[" + certificate.sha256() + ']';
  }
}
