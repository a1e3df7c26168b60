package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Ed25519;
import dev.strongroom.crypto.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.List;

/** The public audit key: checks what the installation signed. */
record CheckpointKey(PublicKey key) {
  static final String FILE = "audit-key.pub";

  static CheckpointKey readPem(Path file) throws IOException {
    List<Pem.Block> blocks = Pem.read(Files.readAllBytes(file));
    if (blocks.size() != 1 || !blocks.getFirst().label().equals(Pem.PUBLIC_KEY)) {
      throw new IllegalArgumentException(file + " does not hold exactly one public key");
    }
    return new CheckpointKey(Ed25519.readPublic(blocks.getFirst().der()));
  }

  /** The start of the SHA-256 of its SubjectPublicKeyInfo, in hex. */
  String id() {
    return HexFormat.of().formatHex(Digests.sha256(Ed25519.spki(key)), 0, 16);
  }

  boolean verifies(Checkpoint.Signed signed) {
    return signed.checkpoint().keyId().equals(id())
        && Ed25519.verify(key, signed.signature(), signed.signedBytes());
  }

  boolean verifies(PruneStatement.Signed signed) {
    return signed.statement().keyId().equals(id())
        && Ed25519.verify(key, signed.signature(), signed.signedBytes());
  }

  String pem() {
    return Pem.write(Pem.PUBLIC_KEY, Ed25519.spki(key));
  }
}
