package dev.strongroom.backup;

import dev.strongroom.crypto.Argon2id;
import dev.strongroom.crypto.ChaCha20Poly1305;
import dev.strongroom.crypto.HybridSealing;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** What opens a backup: the secret half of a {@link Recipient}. Closing wipes it. */
public sealed interface Identity extends AutoCloseable {
  String PREFIX = "age-secret-key-pq-";

  /**
   * The file's key, when this stanza is for this identity; a stanza of its kind that is not well
   * formed is an IllegalArgumentException.
   */
  Optional<SecretBytes> unwrap(Stanza stanza);

  @Override
  void close();

  static Hybrid generate() {
    return new Hybrid(SecretBytes.taking(Randoms.bytes(HybridSealing.SEED)));
  }

  /** From a file of {@code backup keygen} or {@code age-keygen -pq}: the first line with a key. */
  static Identity read(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    try {
      for (String line : new String(content, StandardCharsets.ISO_8859_1).split("\r?\n")) {
        Optional<byte[]> seed =
            Bech32.decode(PREFIX, line.strip())
                .filter(found -> found.length == HybridSealing.SEED);
        if (seed.isPresent()) {
          return new Hybrid(SecretBytes.taking(seed.get()));
        }
      }
    } finally {
      Arrays.fill(content, (byte) 0);
    }
    throw new BackupException(
        file + " is no identity for backups; a line that begins with AGE-SECRET-KEY-PQ-1 is missing");
  }

  /** The seed of an X-Wing key pair. */
  record Hybrid(SecretBytes seed) implements Identity {
    public String recipient() {
      return new Recipient.Hybrid(HybridSealing.publicKey(seed)).text();
    }

    /** The file's content; the caller wipes it. */
    public byte[] file(String created) {
      return ("# created: "
              + created
              + "\n# public key: "
              + recipient()
              + "\n"
              + Bech32.encode(PREFIX, seed.exposed()).toUpperCase(Locale.ROOT)
              + "\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public Optional<SecretBytes> unwrap(Stanza stanza) {
      if (!stanza.words().getFirst().equals(Recipient.Hybrid.TYPE)) {
        return Optional.empty();
      }
      if (stanza.words().size() != 2 || stanza.body().length != AgeHeader.WRAPPED_KEY) {
        throw new IllegalArgumentException("a stanza that does not fit its type");
      }
      byte[] encapsulated = base64(stanza.words().get(1));
      if (encapsulated.length != HybridSealing.ENCAPSULATED) {
        throw new IllegalArgumentException("an encapsulated key of another length");
      }
      return HybridSealing.open(
          seed,
          Recipient.Hybrid.INFO,
          new HybridSealing.Sealed(encapsulated, stanza.body()));
    }

    @Override
    public void close() {
      seed.close();
    }

    @Override
    public String toString() {
      return "Identity[redacted]";
    }
  }

  /** What was typed when the backup was made. */
  record Passphrase(SecretBytes passphrase) implements Identity {
    @Override
    public Optional<SecretBytes> unwrap(Stanza stanza) {
      if (!stanza.words().getFirst().equals(Recipient.Passphrase.TYPE)) {
        return Optional.empty();
      }
      if (stanza.words().size() != 5 || stanza.body().length != AgeHeader.WRAPPED_KEY) {
        throw new IllegalArgumentException("a stanza that does not fit its type");
      }
      byte[] salt = base64(stanza.words().get(1));
      if (salt.length != Recipient.Passphrase.SALT) {
        throw new IllegalArgumentException("a salt of another length");
      }
      Argon2id.Cost cost =
          new Argon2id.Cost(
              Integer.parseInt(stanza.words().get(2)),
              Integer.parseInt(stanza.words().get(3)),
              Integer.parseInt(stanza.words().get(4)));
      try (SecretBytes key = Argon2id.derive(passphrase, salt, cost, ChaCha20Poly1305.KEY)) {
        return ChaCha20Poly1305.open(
                key.exposed(),
                new byte[ChaCha20Poly1305.NONCE],
                stanza.body(),
                stanza.body().length)
            .map(SecretBytes::taking);
      }
    }

    @Override
    public void close() {
      passphrase.close();
    }

    @Override
    public String toString() {
      return "Passphrase[redacted]";
    }
  }

  private static byte[] base64(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    if (!Stanza.BASE64.encodeToString(bytes).equals(text)) {
      throw new IllegalArgumentException("not the one spelling in base64");
    }
    return bytes;
  }
}
