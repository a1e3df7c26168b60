package dev.strongroom.seal;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Argon2id;
import dev.strongroom.model.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A passphrase; its slot's key comes from Argon2id, so opening takes a third of a second and 64
 * MiB. The bytes count as typed, without Unicode normalisation.
 */
public final class PassphraseSlot implements SlotKey {
  /** The least UTF-8 bytes of a passphrase for a new slot. */
  public static final int LEAST_BYTES = 12;

  private final SecretBytes passphrase;
  private final Argon2id.Cost cost;

  PassphraseSlot(SecretBytes passphrase, Argon2id.Cost cost) {
    this.passphrase = passphrase;
    this.cost = cost;
  }

  /** Copies the characters as UTF-8; the caller wipes its array. */
  public static PassphraseSlot of(char[] passphrase) {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(passphrase));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    Arrays.fill(encoded.array(), (byte) 0);
    return of(SecretBytes.taking(bytes));
  }

  /** Takes the UTF-8 bytes over and wipes them when closed. */
  public static PassphraseSlot of(SecretBytes passphrase) {
    return new PassphraseSlot(passphrase, Argon2id.Cost.RECOMMENDED);
  }

  @Override
  public Slots.Kind kind() {
    return Slots.Kind.PASSPHRASE;
  }

  /** Refuses a passphrase that is too short to protect anything. */
  @Override
  public Optional<Slots.Derivation> newDerivation() {
    if (passphrase.length() < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "a passphrase must be at least " + LEAST_BYTES + " bytes long");
    }
    return Optional.of(Slots.Derivation.withNewSalt(cost));
  }

  @Override
  public SecretBytes derive(Optional<Slots.Derivation> derivation) {
    Slots.Derivation how =
        derivation.orElseThrow(() -> new IllegalArgumentException("a slot without parameters"));
    return Argon2id.derive(passphrase, how.salt(), how.cost(), AesGcm.KEY);
  }

  @Override
  public void close() {
    passphrase.close();
  }

  @Override
  public String toString() {
    return "PassphraseSlot[redacted]";
  }
}
