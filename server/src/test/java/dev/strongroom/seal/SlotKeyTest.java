package dev.strongroom.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.strongroom.crypto.Argon2id;
import dev.strongroom.crypto.ProcessMemory;
import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotKeyTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("slot.key");
  }

  @Test
  void create_newFile_isClosedToOthersAndLoadsAsTheSameKey() throws Exception {
    FileSlot made = FileSlot.create(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).matches("strongroom-slot-key-v1\n[A-Za-z0-9_-]{43}\n");
    assertThat(key(FileSlot.load(file))).isEqualTo(key(made)).hasSize(32);
    made.close();
    assertThat(key(made)).containsOnly(0);
    assertThat(made.toString()).isEqualTo("FileSlot[redacted]");
  }

  @Test
  void create_existingFile_isKept() throws Exception {
    FileSlot.create(file);
    String before = Files.readString(file);
    assertThatThrownBy(() -> FileSlot.create(file)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "rw-------, 1000, 1000, true",
    "r--r-----, 1000, 1000, false",
    "rw-------, 1001, 1000, false",
    "r--r-----, 1001, 1000, false",
    // as systemd and Kubernetes hand secrets over
    "r--r-----, 0, 1000, true",
    "r--------, 0, 1000, true",
    "rw-rw----, 0, 1000, false",
    "r--r--r--, 0, 1000, false",
    "r--r-----, 0, 0, false",
    "rw-------, 1000, 0, false"
  })
  void objection_ownerAndMode_onlyWhatNobodyElseReads(
      String mode, int owner, int user, boolean isTaken) {
    assertThat(
            FileSlot.objection(PosixFilePermissions.fromString(mode), owner, Optional.of(user))
                .isEmpty())
        .isEqualTo(isTaken);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw---x---"})
  void load_modeOpenToOthers_isRefusedWithTheReason(String mode) throws Exception {
    FileSlot.create(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    assertThatThrownBy(() -> FileSlot.load(file))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(mode)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void load_readOnlyForItsOwner_isTaken() throws Exception {
    byte[] expected = key(FileSlot.create(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertThat(key(FileSlot.load(file))).isEqualTo(expected);
  }

  @Test
  void load_fileOfAnotherUser_isRefused() throws Exception {
    assumeThat(ProcessMemory.user()).as("only root can give a file away").hasValue(0);
    FileSlot.create(file);
    Files.setAttribute(file, "unix:uid", 12345);
    assertThatThrownBy(() -> FileSlot.load(file))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("not to this user");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "strongroom-slot-key-v1\n",
        "strongroom-slot-key-v2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "strongroom-slot-key-v1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "strongroom-slot-key-v1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "strongroom-slot-key-v1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!A\n",
        "strongroom-slot-key-v1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n"
      })
  void load_anotherContent_isRefusedWithoutQuotingIt(String content) throws Exception {
    FileSlot.create(file);
    Files.writeString(file, content);
    assertThatThrownBy(() -> FileSlot.load(file))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("not a Strongroom slot key file")
        .hasMessageNotContaining("AAAA")
        .hasNoCause();
  }

  @Test
  void load_withoutTheLastLineEnd_isTaken() throws Exception {
    byte[] expected = key(FileSlot.create(file));
    Files.writeString(file, Files.readString(file).stripTrailing());
    assertThat(key(FileSlot.load(file))).isEqualTo(expected);
  }

  @Test
  void passphrase_charactersOrBytes_giveTheSameKey() {
    Slots.Derivation how = Slots.Derivation.withNewSalt(SealFixture.CHEAP);
    PassphraseSlot characters = PassphraseSlot.of("pässwörter sind lang".toCharArray());
    PassphraseSlot bytes = PassphraseSlot.of(SecretBytes.ofUtf8("pässwörter sind lang"));
    assertThat(characters.derive(Optional.of(how)).exposed())
        .isEqualTo(bytes.derive(Optional.of(how)).exposed())
        .hasSize(32);
    assertThat(bytes.derive(Optional.of(Slots.Derivation.withNewSalt(SealFixture.CHEAP))).exposed())
        .isNotEqualTo(bytes.derive(Optional.of(how)).exposed());
  }

  @Test
  void passphrase_newSlot_usesTheRecommendedCostAndAFreshSalt() {
    PassphraseSlot slot = PassphraseSlot.of("long enough for a slot".toCharArray());
    Slots.Derivation one = slot.newDerivation().orElseThrow();
    Slots.Derivation other = slot.newDerivation().orElseThrow();
    assertThat(one.cost()).isEqualTo(new Argon2id.Cost(64 * 1024, 3, 4));
    assertThat(one.salt()).hasSize(16).isNotEqualTo(other.salt());
  }

  @Test
  void passphrase_closed_isWiped() {
    byte[] bytes = "long enough for a slot".getBytes(StandardCharsets.UTF_8);
    PassphraseSlot.of(SecretBytes.taking(bytes)).close();
    assertThat(bytes).containsOnly(0);
  }

  private static byte[] key(FileSlot slot) {
    return slot.derive(Optional.empty()).exposed();
  }
}
