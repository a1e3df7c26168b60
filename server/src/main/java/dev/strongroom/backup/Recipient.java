package dev.strongroom.backup;

import dev.strongroom.crypto.Argon2id;
import dev.strongroom.crypto.ChaCha20Poly1305;
import dev.strongroom.crypto.HybridSealing;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Who can open a backup: the holder of a key pair, or whoever knows a passphrase. */
public sealed interface Recipient {
  /** How the text of a recipient begins. */
  String PREFIX = "age1pq";

  /** The file's key, wrapped so that this recipient can unwrap it. */
  Stanza wrap(SecretBytes fileKey);

  /** Says who it is, for the audit trail. */
  String title();

  /** A recipient's text, as {@code backup keygen} prints it; empty when it is anything else. */
  static Optional<Recipient> find(String text) {
    return Bech32.decode(PREFIX, text)
        .filter(key -> key.length == HybridSealing.PUBLIC_KEY)
        .map(Hybrid::new);
  }

  /** age's recipient type mlkem768x25519. */
  record Hybrid(byte[] publicKey) implements Recipient {
    static final String TYPE = "mlkem768x25519";
    static final byte[] INFO =
        "age-encryption.org/mlkem768x25519".getBytes(StandardCharsets.US_ASCII);

    @Override
    public Stanza wrap(SecretBytes fileKey) {
      HybridSealing.Sealed sealed = HybridSealing.seal(publicKey, INFO, fileKey);
      return new Stanza(
          List.of(TYPE, Stanza.BASE64.encodeToString(sealed.encapsulated())),
          sealed.ciphertext());
    }

    String text() {
      return Bech32.encode(PREFIX, publicKey);
    }

    @Override
    public String title() {
      String text = text();
      return text.substring(0, 16) + "..." + text.substring(text.length() - 8);
    }
  }

  /**
   * age's recipient type scrypt with Argon2id (RFC 9106) in its place, under a name of its own as the
   * format asks: scrypt would need a quarter of a gibibyte in the server for the same strength.
   */
  record Passphrase(SecretBytes passphrase) implements Recipient {
    static final String TYPE = "strongroom.dev/argon2id";
    static final int SALT = 16;

    /** The least UTF-8 bytes of a passphrase. */
    public static final int LEAST_BYTES = 12;

    @Override
    public Stanza wrap(SecretBytes fileKey) {
      byte[] salt = Randoms.bytes(SALT);
      Argon2id.Cost cost = Argon2id.Cost.RECOMMENDED;
      try (SecretBytes key =
          Argon2id.derive(passphrase, salt, cost, ChaCha20Poly1305.KEY)) {
        return new Stanza(
            List.of(
                TYPE,
                Stanza.BASE64.encodeToString(salt),
                Integer.toString(cost.memoryKib()),
                Integer.toString(cost.iterations()),
                Integer.toString(cost.parallelism())),
            ChaCha20Poly1305.seal(
                key.exposed(),
                new byte[ChaCha20Poly1305.NONCE],
                fileKey.exposed(),
                fileKey.length()));
      }
    }

    @Override
    public String title() {
      return "passphrase";
    }

    @Override
    public String toString() {
      return "Passphrase[redacted]";
    }
  }
}
