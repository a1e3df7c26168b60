package dev.strongroom.seal;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every key of an installation in the clear, for tests that search for what is left of them. */
public final class KeysOfFolder {
  private KeysOfFolder() {}

  public static Map<String, byte[]> open(Path data, Path keyFile) throws IOException, SQLException {
    Map<String, byte[]> keys = new LinkedHashMap<>();
    try (FileSlot file = FileSlot.load(keyFile);
        SecretBytes slotKey = file.derive(java.util.Optional.empty());
        Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("strongroom.db"));
        Statement statement = database.createStatement()) {
      keys.put("slot", slotKey.exposed().clone());
      Slots slots;
      try (ResultSet row =
          statement.executeQuery("select value from meta where name = 'slots'")) {
        row.next();
        slots = Slots.read(row.getBytes(1));
      }
      Id installation = slots.installation();
      Slots.Slot slot = slots.list().getFirst();
      byte[] root =
          AesGcm.open(slotKey.exposed(), Binding.slotRoot(installation, slot.id()), slot.root())
              .orElseThrow();
      keys.put("root", root);
      try (ResultSet row =
          statement.executeQuery("select owner, generation, wrapped from wrapped_key")) {
        while (row.next()) {
          Id owner = Id.of(row.getBytes(1));
          byte[] key =
              AesGcm.open(
                      root, Binding.ownerKey(owner, row.getInt(2)), Sealed.read(row.getBytes(3)))
                  .orElseThrow();
          if (owner.equals(installation)) {
            keys.put("system", key);
            for (SystemUse use : SystemUse.values()) {
              keys.put(use.name(), Hkdf.subkey(key, use.label()));
            }
          } else {
            keys.put("container " + owner, key);
          }
        }
      }
      try (ResultSet row = statement.executeQuery("select id, container, object_key from object")) {
        while (row.next()) {
          Id object = Id.of(row.getBytes(1));
          Id container = Id.of(row.getBytes(2));
          keys.put(
              "object " + object,
              AesGcm.open(
                      keys.get("container " + container),
                      Binding.objectKey(container, object),
                      Sealed.read(row.getBytes(3)))
                  .orElseThrow());
        }
      }
    }
    return keys;
  }
}
