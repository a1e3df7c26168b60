package dev.strongroom.vault;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import java.util.List;

/** A key in one version, as everybody who may read it may know it. */
public record Key(
    VaultObject object, PublicJwk jwk, List<KeyOperation> operations, Assurance assurance) {

  static Key of(Stored stored) {
    KeyCodec.Version version = KeyCodec.version(stored.version());
    return new Key(stored.shown(), version.jwk(), version.operations(), version.assurance());
  }
}
