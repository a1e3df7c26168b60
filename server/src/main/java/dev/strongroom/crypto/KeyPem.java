package dev.strongroom.crypto;

import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Keys as PEM files have them: private ones in PKCS#8 (RFC 5208), PKCS#1 (RFC 8017) or SEC 1 (RFC
 * 5915), public ones as SubjectPublicKeyInfo (RFC 5280).
 */
public final class KeyPem {
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
          return Pkcs8.read(block.der())
              .filter(key -> key.type() != KeyType.AKP)
              .orElseThrow(
                  () -> unreadable("the private key is neither RSA nor on a curve"));
        }
        case Pem.RSA_PRIVATE_KEY -> {
          return Pkcs8.readPkcs1(block.der())
              .orElseThrow(() -> unreadable("the private key does not parse"));
        }
        case Pem.EC_PRIVATE_KEY -> {
          return Pkcs8.readSec1(block.der())
              .orElseThrow(
                  () -> unreadable("the private key is on an unknown curve, or does not parse"));
        }
        case Pem.ENCRYPTED_PRIVATE_KEY -> throw unreadable("the private key is encrypted");
        default -> {
          // because certificates and parameters often stand in the same file
          continue;
        }
      }
    }
    throw unreadable("there is no private key");
  }

  /** A public key, or nothing where a key has no public part that the form knows. */
  public static Optional<String> writePublic(PublicJwk key) {
    return switch (key) {
      case PublicJwk.Rsa _, PublicJwk.Ec _ -> {
        try {
          yield Optional.of(Pem.write(Pem.PUBLIC_KEY, Spki.of(key).getEncoded()));
        } catch (IOException e) {
          throw new UncheckedIOException("an array does not fail", e);
        }
      }
      case PublicJwk.Oct _, PublicJwk.Akp _ -> Optional.empty();
    };
  }

  private static IllegalArgumentException unreadable(String why) {
    return new IllegalArgumentException(why);
  }
}
