package dev.strongroom.seal;

import dev.strongroom.model.SecretBytes;
import java.util.Optional;

/** What an operator holds to open the server; closing wipes it. */
public sealed interface SlotKey extends AutoCloseable permits FileSlot, PassphraseSlot {
  Slots.Kind kind();

  /** How a new slot derives its key; empty where the key is used as it is. */
  Optional<Slots.Derivation> newDerivation();

  /** The 32 bytes that wrap the root key in a slot with this derivation; slow for a passphrase. */
  SecretBytes derive(Optional<Slots.Derivation> derivation);

  @Override
  void close();
}
