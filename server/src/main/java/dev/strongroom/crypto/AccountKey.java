package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/** The P-256 key by which another service knows this server, as the JDK's own objects have it. */
public final class AccountKey {
  private AccountKey() {}

  public static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** The private key in PKCS#8. */
  public static SecretBytes pkcs8(KeyPair key) {
    return SecretBytes.taking(key.getPrivate().getEncoded());
  }

  /** From the public key in DER and the private one in PKCS#8. */
  public static KeyPair read(byte[] publicKey, SecretBytes pkcs8) {
    try {
      KeyFactory keys = KeyFactory.getInstance("EC");
      return new KeyPair(
          keys.generatePublic(new X509EncodedKeySpec(publicKey)),
          keys.generatePrivate(new PKCS8EncodedKeySpec(pkcs8.exposed())));
    } catch (GeneralSecurityException e) {
      // without the cause, because a provider's message may quote what it could not parse
      throw new IllegalStateException("a stored account key does not parse");
    }
  }
}
