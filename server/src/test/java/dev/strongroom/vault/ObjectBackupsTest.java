package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.control.Refused;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectBackupsTest {
  private static final ObjectName NAME = new ObjectName("Key-1");

  private final OpenVault vault = new OpenVault();
  private final Container target = vault.another("Vault-2", 90, false);

  private Sealed sealed(VaultObject version) {
    return vault
        .store
        .findVersion(
            version.container().id(), Collection.SECRETS, NAME.folded(), version.version())
        .orElseThrow()
        .version()
        .value();
  }

  private byte[] backup() {
    return vault.secrets.backup(vault.container, NAME);
  }

  private VaultObject restore(Container into, byte[] blob) {
    return vault.secrets.restore(into, blob, vault.origin());
  }

  private byte[] small() {
    vault.set(NAME.text(), "s3cret");
    return backup();
  }

  @Test
  void secretRestore_otherVault_bringsEverythingBack() {
    Instant second = vault.now.truncatedTo(ChronoUnit.SECONDS);
    SecretChange full =
        new SecretChange(
            Optional.of(true),
            Optional.of(second.minusSeconds(5)),
            Optional.of(second.plusSeconds(5)),
            Optional.of(Map.of("a", "1", "\u00fc", "")),
            Optional.of("text/plain"));
    vault.set(NAME.text(), "one \uD83D\uDD11", full);
    vault.pass(Duration.ofSeconds(3));
    vault.set(NAME.text(), "");
    vault.secrets.update(
        vault.container,
        NAME,
        Optional.empty(),
        new SecretChange(
            Optional.of(false),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("")),
        vault.origin());
    vault.pass(Duration.ofSeconds(3));
    vault.set(NAME.text(), "three");
    List<VaultObject> before = vault.secrets.listVersions(vault.container, NAME, 0, 25);
    byte[] blob = backup();
    vault.pass(Duration.ofDays(1));
    VaultObject head = restore(target, blob);
    List<VaultObject> after = vault.secrets.listVersions(target, NAME, 0, 25);
    assertThat(after).hasSize(3);
    for (int i = 0; i < 3; i++) {
      var was = before.get(i);
      var is = after.get(i);
      assertThat(is.version()).isEqualTo(was.version());
      assertThat(is.number()).isEqualTo(was.number());
      assertThat(is.previous()).isEqualTo(was.previous());
      assertThat(is.attributes()).isEqualTo(was.attributes());
      assertThat(is.tags()).isEqualTo(was.tags());
      assertThat(is.contentType()).isEqualTo(was.contentType());
      assertThat(sealed(is)).as("sealed anew").isNotEqualTo(sealed(was));
    }
    assertThat(head.name()).isEqualTo("Key-1");
    assertThat(vault.store.findObject(head.object()).orElseThrow().created()).isEqualTo(second);
    assertThat(head.object()).isNotEqualTo(before.getFirst().object());
    assertThat(vault.get(target, "key-1", Optional.of(after.getFirst().version())))
        .isEqualTo("one \uD83D\uDD11");
    assertThat(vault.get(target, "key-1", Optional.empty())).isEqualTo("three");
    VaultObject next =
        vault.secrets.set(
            target,
            NAME,
            dev.strongroom.model.SecretBytes.ofUtf8("four"),
            SecretChange.none(),
            vault.origin());
    assertThat(next.number()).isEqualTo(4);
    assertThat(vault.get("Key-1")).as("the original is independent").isEqualTo("three");
  }

  @Test
  void secretRestore_afterPurgeOfTheOriginal_works() {
    byte[] blob = small();
    vault.delete(NAME.text());
    Refused.with(
        ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE, () -> restore(vault.container, blob));
    vault.secrets.purge(vault.container, NAME, vault.origin());
    restore(vault.container, blob);
    assertThat(vault.get("Key-1")).isEqualTo("s3cret");
    Refused.with(ErrorCode.OBJECT_EXISTS, () -> restore(vault.container, blob));
  }

  @Test
  void secretRestore_overNameThatIsGone_works() {
    byte[] blob = small();
    vault.delete(NAME.text());
    vault.pass(Duration.ofDays(90));
    restore(vault.container, blob);
    assertThat(vault.get("Key-1")).isEqualTo("s3cret");
  }

  @Test
  void secretBackup_sixHundredVersions_restoresThemAll() {
    for (int i = 0; i < 600; i++) {
      vault.set(NAME.text(), "value " + i);
    }
    restore(target, backup());
    List<VaultObject> versions = vault.secrets.listVersions(target, NAME, 0, 1000);
    assertThat(versions).hasSize(600);
    assertThat(vault.get(target, "Key-1", Optional.of(versions.get(499).version())))
        .isEqualTo("value 499");
    assertThat(vault.get(target, "Key-1", Optional.empty())).isEqualTo("value 599");
  }

  @Test
  void secretBackup_newVersionWhileItReads_isStillRestorable() {
    vault.set(NAME.text(), "one");
    BetweenStore between = new BetweenStore(vault.store);
    between.beforeVersions(() -> vault.set(NAME.text(), "two"));
    byte[] blob =
        new Secrets(between, vault.seal).backup(vault.container, NAME);
    assertThat(restore(target, blob).number()).isEqualTo(1);
    assertThat(vault.get(target, "Key-1", Optional.empty())).isEqualTo("one");
  }

  @Test
  void secretBackup_purgedWhileItReads_isNotFound() {
    vault.set(NAME.text(), "one");
    BetweenStore between = new BetweenStore(vault.store);
    between.beforeVersions(
        () -> {
          vault.delete(NAME.text());
          vault.secrets.purge(vault.container, NAME, vault.origin());
        });
    Refused.with(
        ErrorCode.SECRET_NOT_FOUND,
        () -> new Secrets(between, vault.seal).backup(vault.container, NAME));
  }

  @Test
  void secretRestore_elsewhere_isRefusedWithTheReason() {
    byte[] blob = small();
    Id tenant = vault.container.tenant();
    Id subscription = vault.container.subscription();
    Map<String, Container> elsewhere =
        Map.of(
            "another tenant",
            OpenVault.vault("V-t", Randoms.guid(), subscription, "westeurope", 90, false),
            "another subscription",
            OpenVault.vault("V-s", tenant, Randoms.guid(), "westeurope", 90, false),
            "another geography",
            OpenVault.vault("V-l", tenant, subscription, "northeurope", 90, false));
    elsewhere.forEach(
        (reason, container) -> {
          vault.add(container);
          assertThat(Refused.with(ErrorCode.BACKUP_FOREIGN, () -> restore(container, blob)))
              .hasMessageContaining(reason);
          assertThat(vault.store.countObjects(container.id())).isZero();
        });
  }

  @Test
  void secretRestore_headerRewrittenToFit_isRefused() {
    byte[] blob = small();
    Container thief =
        vault.add(OpenVault.vault("V-t", Randoms.guid(), Randoms.guid(), "westeurope", 90, false));
    byte[] forged = blob.clone();
    System.arraycopy(thief.tenant().bytes(), 0, forged, 6, 16);
    System.arraycopy(thief.subscription().bytes(), 0, forged, 22, 16);
    Refused.with(ErrorCode.BACKUP_FOREIGN, () -> restore(thief, forged));
    byte[] renamed = blob.clone();
    byte[] name = "Key-1".getBytes(StandardCharsets.UTF_8);
    int at = indexOf(renamed, name);
    renamed[at + 4] = '2';
    Refused.with(ErrorCode.BACKUP_FOREIGN, () -> restore(target, renamed));
    assertThat(vault.store.countObjects(target.id())).isZero();
  }

  @Test
  void open_asAnotherCollection_isRefused() {
    byte[] blob = small();
    ObjectBackups backups = new ObjectBackups(vault.store, vault.seal);
    for (Collection other : List.of(Collection.KEYS, Collection.CERTIFICATES)) {
      Refused.with(ErrorCode.BACKUP_INVALID, () -> backups.open(target, other, blob));
    }
    byte[] asKey = blob.clone();
    byte[] word = "secrets".getBytes(StandardCharsets.UTF_8);
    System.arraycopy("kecrets".getBytes(StandardCharsets.UTF_8), 0, asKey, indexOf(blob, word), 7);
    Refused.with(ErrorCode.BACKUP_INVALID, () -> restore(target, asKey));
  }

  @Test
  void secretRestore_otherInstallation_isRefused() {
    byte[] blob = small();
    OpenVault other = new OpenVault();
    Container same =
        other.add(
            OpenVault.vault(
                "Vault-2", target.tenant(), target.subscription(), "westeurope", 90, false));
    Refused.with(
        ErrorCode.BACKUP_FOREIGN, () -> other.secrets.restore(same, blob, other.origin()));
  }

  @Test
  void secretRestore_anyByteChanged_isInvalidOrForeign() {
    byte[] blob = small();
    long before = vault.store.journalHead();
    List<String> wrong = new ArrayList<>();
    for (int at = 0; at < blob.length; at++) {
      for (int change : new int[] {0x01, 0x02, 0x10, 0x20, 0x80, 0xff}) {
        byte[] changed = blob.clone();
        changed[at] ^= (byte) change;
        wrong.addAll(outcome("byte " + at + " ^ " + change, changed));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(vault.store.journalHead()).isEqualTo(before);
  }

  @Test
  void secretRestore_cutOrLengthened_isInvalidOrForeign() {
    byte[] blob = small();
    List<String> wrong = new ArrayList<>();
    for (int length = 0; length < blob.length; length++) {
      wrong.addAll(outcome("cut at " + length, Arrays.copyOf(blob, length)));
    }
    wrong.addAll(outcome("longer", Arrays.copyOf(blob, blob.length + 1)));
    assertThat(wrong).isEmpty();
  }

  private List<String> outcome(String what, byte[] blob) {
    Throwable thrown = catchThrowableOfType(Throwable.class, () -> restore(target, blob));
    return thrown instanceof VaultException e
            && (e.code() == ErrorCode.BACKUP_INVALID || e.code() == ErrorCode.BACKUP_FOREIGN)
        ? List.of()
        : List.of(what + " gives " + thrown);
  }

  @Test
  void secretRestore_ofAReplacedWrappedKey_isRefused() {
    byte[] first = small();
    vault.set("Key-2", "other");
    byte[] second =
        vault.secrets.backup(vault.container, new ObjectName("Key-2"));
    int head = 6 + (first[4] << 8 | first[5]);
    int key = 2 + (first[head] << 8 | first[head + 1] & 0xff);
    byte[] mixed = first.clone();
    System.arraycopy(second, head, mixed, head, key);
    assertThat(outcome("mixed", mixed)).isEmpty();
  }

  @Test
  void backup_ofAValue_doesNotShowIt() {
    vault.set(NAME.text(), "very visible text");
    assertThat(indexOf(backup(), "visible".getBytes(StandardCharsets.UTF_8))).isNegative();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at + part.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    return -1;
  }
}
