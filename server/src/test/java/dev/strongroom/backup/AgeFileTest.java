package dev.strongroom.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgeFileTest {
  /** The example of c2sp.org/age. */
  private static final String IDENTITY =
      "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";

  private static final int CHUNK = AgeOutput.CHUNK;

  @TempDir Path folder;

  private final Identity.Hybrid identity = Identity.generate();

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = AgeFileTest.class.getResourceAsStream("/backup/" + name)) {
      return in.readAllBytes();
    }
  }

  private Identity example() throws IOException {
    Path file = folder.resolve("identity");
    Files.writeString(file, "# a comment\n" + IDENTITY + "\n");
    return Identity.read(file);
  }

  private byte[] seal(byte[] plain, Recipient... recipients) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (AgeOutput age = new AgeOutput(out, List.of(recipients))) {
      age.write(plain);
      age.finish();
    }
    return out.toByteArray();
  }

  private Recipient recipient() {
    return Recipient.find(identity.recipient()).orElseThrow();
  }

  private static byte[] open(byte[] file, Identity with) throws IOException {
    try (AgeInput in = new AgeInput(new ByteArrayInputStream(file), with)) {
      return in.readAllBytes();
    }
  }

  @Test
  void recipient_ofTheExampleOfTheSpecification_isTheOneThere() throws IOException {
    assertThat(((Identity.Hybrid) example()).recipient())
        .isEqualTo(new String(resource("recipient.txt"), StandardCharsets.US_ASCII).strip());
  }

  @Test
  void open_writtenByAge_reads() throws IOException {
    assertThat(open(resource("written-by-age-1.3.1.age"), example()))
        .asString(StandardCharsets.US_ASCII)
        .isEqualTo("written by age v1.3.1\n");
  }

  @Test
  void open_whatWasSealed_isTheSameAtEverySize() throws IOException {
    for (int size : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5}) {
      byte[] plain = Randoms.bytes(size);
      assertThat(open(seal(plain, recipient()), identity)).as("size %s", size).isEqualTo(plain);
    }
  }

  @Test
  void open_severalRecipients_eachOpens() throws IOException {
    try (Identity.Hybrid other = Identity.generate();
        Identity.Hybrid stranger = Identity.generate()) {
      byte[] file =
          seal(
              new byte[] {1, 2},
              recipient(),
              Recipient.find(other.recipient()).orElseThrow());
      assertThat(open(file, identity)).containsExactly(1, 2);
      assertThat(open(file, other)).containsExactly(1, 2);
      assertThatThrownBy(() -> open(file, stranger))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("none of the 2 recipients");
    }
  }

  @Test
  void open_passphrase_opensWithTheSameOnly() throws IOException {
    byte[] file =
        seal(new byte[] {7}, new Recipient.Passphrase(SecretBytes.ofUtf8("correct horse battery")));
    assertThat(
            open(file, new Identity.Passphrase(SecretBytes.ofUtf8("correct horse battery"))))
        .containsExactly(7);
    assertThatThrownBy(
            () -> open(file, new Identity.Passphrase(SecretBytes.ofUtf8("correct horse batterz"))))
        .hasMessageContaining("the passphrase does not open");
    assertThatThrownBy(() -> open(file, identity)).isInstanceOf(BackupException.class);
  }

  @Test
  void open_oneBitChangedAnywhere_isRefused() throws IOException {
    byte[] file = seal(Randoms.bytes(2 * CHUNK + 100), recipient());
    int head = file.length - 2 * CHUNK - 100 - 3 * 16;
    List<Integer> places = new ArrayList<>();
    for (int at = 0; at < head; at += 13) {
      places.add(at);
    }
    for (int at = head; at < file.length; at += 4_001) {
      places.add(at);
    }
    places.add(file.length - 1);
    for (int at : places) {
      byte[] changed = file.clone();
      changed[at] ^= 1;
      assertThatThrownBy(() -> open(changed, identity))
          .as("byte %s", at)
          .isInstanceOf(BackupException.class);
    }
  }

  @Test
  void open_cut_isRefusedWithThePlace() throws IOException {
    byte[] file = seal(Randoms.bytes(2 * CHUNK + 100), recipient());
    for (int length = 0; length < file.length; length += 997) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> open(cut, identity))
          .as("%s bytes", length)
          .isInstanceOf(BackupException.class);
    }
    int head = file.length - 2 * CHUNK - 100 - 3 * 16;
    assertThatThrownBy(() -> open(Arrays.copyOf(file, head + CHUNK + 16), identity))
        .hasMessageContaining("cut")
        .hasMessageContaining("chunk 0")
        .hasMessageContaining("byte " + head);
  }

  @Test
  void open_chunksInAnotherOrderOrMore_isRefusedWithThePlace() throws IOException {
    byte[] file = seal(Randoms.bytes(3 * CHUNK), recipient());
    int sealed = CHUNK + 16;
    int head = file.length - 3 * sealed;
    byte[] swapped = file.clone();
    System.arraycopy(file, head, swapped, head + sealed, sealed);
    System.arraycopy(file, head + sealed, swapped, head, sealed);
    assertThatThrownBy(() -> open(swapped, identity)).hasMessageContaining("chunk 0");
    byte[] longer = Arrays.copyOf(file, file.length + 1);
    assertThatThrownBy(() -> open(longer, identity)).hasMessageContaining("follows the end");
  }

  @Test
  void checkFraming_withoutIdentity_findsWhatCannotBeWhole() throws IOException {
    byte[] file = seal(Randoms.bytes(CHUNK + 10), recipient());
    assertThat(AgeInput.checkFraming(new ByteArrayInputStream(file), file.length)).isEqualTo(2);
    assertThatThrownBy(
            () -> AgeInput.checkFraming(new ByteArrayInputStream(file), file.length - 11))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("byte " + (file.length - 11));
    byte[] other = "age-encryption.org/v2\n".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> AgeInput.checkFraming(new ByteArrayInputStream(other), other.length))
        .hasMessageContaining("no backup");
  }

  @Test
  void find_notARecipient_isEmpty() {
    String text = identity.recipient();
    char other = text.endsWith("q") ? 'p' : 'q';
    assertThat(Recipient.find(text.substring(0, text.length() - 1) + other)).isEmpty();
    assertThat(Recipient.find("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"))
        .isEmpty();
    assertThat(Recipient.find("")).isEmpty();
  }

  @Test
  void toString_identity_saysNothing() {
    assertThat(identity.toString()).doesNotContainIgnoringCase("age-secret");
  }
}
