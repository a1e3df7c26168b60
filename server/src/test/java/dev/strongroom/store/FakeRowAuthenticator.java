package dev.strongroom.store;

import dev.strongroom.model.RowAuthenticator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** MACs that notice any change, without a key: for tests that have no seal. */
public final class FakeRowAuthenticator implements RowAuthenticator {
  @Override
  public byte[] mac(byte[]... parts) {
    CRC32C crc = new CRC32C();
    for (byte[] part : parts) {
      crc.update(ByteBuffer.allocate(4).putInt(part.length).array());
      crc.update(part);
    }
    return ByteBuffer.allocate(32).putLong(crc.getValue()).array();
  }

  @Override
  public boolean matches(byte[] mac, byte[]... parts) {
    return Arrays.equals(mac, mac(parts));
  }
}
