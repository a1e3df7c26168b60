package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Signs with a MAC: enough where only the log's use of the key is tested. */
record FakeSigner(String name) implements AuditSigner {
  @Override
  public byte[] sign(byte[] text) {
    return Hmac.sha256(name.getBytes(StandardCharsets.UTF_8), text);
  }

  @Override
  public boolean verify(byte[] signature, byte[] text) {
    return Digests.equal(signature, sign(text));
  }

  @Override
  public String keyId() {
    byte[] digest = Digests.sha256(name.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 16);
  }
}
