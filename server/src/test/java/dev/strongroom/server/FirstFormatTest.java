package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.access.Rules;
import dev.strongroom.audit.Verification;
import dev.strongroom.audit.Verifier;
import dev.strongroom.control.Vaults;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.PassphraseSlot;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.store.FormatCheck;
import dev.strongroom.store.OpenSql;
import dev.strongroom.vault.Secret;
import dev.strongroom.vault.Secrets;
import dev.strongroom.vault.VaultObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that the first program which served has written; see {@code formats/README.md}. */
class FirstFormatTest {
  /** A day after the folder was made, whenever this runs. */
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  private static final Id TENANT = Id.guid("6b2a2f08-c220-4c14-b2b0-b3d868d2f9f2");
  private static final Id SUBSCRIPTION = Id.guid("7e3bb222-c019-4208-885d-3d77f0f95b02");
  private static final Id APPLICATION = Id.guid("b1b54b7e-3736-4135-9a56-03e6ca4093f0");

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void unpack() throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(FirstFormatTest.class.getResourceAsStream("/formats/first.zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    }
    data = folder.resolve("data");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
  }

  private Wiring open() throws IOException {
    Path config = folder.resolve("strongroom.toml");
    Files.writeString(
        config,
        """
        data = "%s"
        domain = "localhost"
        audit.reserveMebibytes = 1
        [[listeners]]
        address = "127.0.0.1"
        port = 443
        certificate = "server.pem"
        key = "server.key"
        """
            .formatted(data));
    Wiring server =
        Wiring.open(
            ConfigFile.read(config, Map.of()), Wiring.Mode.SERVE, InstantSource.fixed(NOW));
    server.build(443);
    return server;
  }

  private Map<Path, String> content() throws IOException {
    Map<Path, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(data)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        all.put(path, new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  @Test
  void checkFormat_firstFormat_namesTheStepsAndTouchesNothing() throws Exception {
    Map<Path, String> before = content();
    FormatCheck found = OpenSql.checkFormat(data);
    assertThat(found.applied()).containsExactly("001_rows.sql");
    assertThat(found.missing()).startsWith("002_details.sql", "003_nodes.sql", "004_issued.sql");
    assertThat(found.isPossible()).isTrue();
    assertThat(content()).isEqualTo(before);
    OpenSql.sqlite(data, "node-1", new NoKeys(), (table, key) -> {}, InstantSource.system())
        .close();
    FormatCheck after = OpenSql.checkFormat(data);
    assertThat(after.missing()).isEmpty();
    assertThat(after.applied()).startsWith("001_rows.sql").hasSizeGreaterThan(3);
  }

  /** For opening a store whose rows are not read. */
  private record NoKeys() implements dev.strongroom.model.RowAuthenticator {
    @Override
    public byte[] mac(byte[]... parts) {
      throw new IllegalStateException("no row is written");
    }

    @Override
    public boolean matches(byte[] mac, byte[]... parts) {
      throw new IllegalStateException("no row is read");
    }
  }

  @Test
  void serve_firstFormat_readsEverythingBackAndGoesOn() throws Exception {
    Path trusted = folder.resolve("kept-elsewhere.pub");
    Files.copy(data.resolve("audit").resolve("audit-key.pub"), trusted);
    try (Wiring server = open();
        SlotKey slot = FileSlot.load(folder.resolve("slot.key"))) {
      server.unseal(slot);
      readEverything(server);
      Container one = vault(server, "one");
      server
          .secrets()
          .recover(one, new ObjectName("deleted"), origin(Operation.SECRET_RECOVER));
      assertThat(value(server, one, "deleted", Optional.empty())).isEqualTo("deleted value");
      server.secrets().restore(one, blob(), origin(Operation.SECRET_RESTORE));
      assertThat(value(server, one, "blob", Optional.empty())).isEqualTo("blob two");
      assertThat(server.secrets().listVersions(one, new ObjectName("blob"), 0, 10)).hasSize(2);
    }
    // and once more, now that it has the format of today
    try (Wiring server = open();
        SlotKey slot =
            PassphraseSlot.of(
                NamedFile.firstLine("the passphrase", folder.resolve("passphrase")))) {
      server.unseal(slot);
      assertThat(value(server, vault(server, "one"), "deleted", Optional.empty()))
          .isEqualTo("deleted value");
    }
    try (OpenSql.OpenJournal journal = OpenSql.readJournal(data)) {
      Verification found =
          new Verifier(journal.view(), "node-1").verify(data, Optional.of(trusted));
      assertThat(found.bad()).isEmpty();
      // the folder had one record of a change that was made up for; the changes above are others
      assertThat(found.recovered()).isEqualTo(3);
      assertThat(found.records()).isEqualTo(32);
      assertThat(found.pending()).isZero();
    }
  }

  private static byte[] blob() throws IOException {
    try (InputStream in = FirstFormatTest.class.getResourceAsStream("/formats/secret-1.blob")) {
      return Base64.getUrlDecoder()
          .decode(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }

  private static void readEverything(Wiring server) {
    Container one = vault(server, "one");
    Container policies = vault(server, "policies");
    assertThat(server.vaults().deleted(SUBSCRIPTION, NOW))
        .extracting(Container::name)
        .containsExactly("gone");
    assertThat(one.deleted()).isEmpty();
    Secrets secrets = server.secrets();

    List<VaultObject> versions =
        secrets.listVersions(one, new ObjectName("versions"), 0, 10);
    assertThat(versions).hasSize(3);
    assertThat(versions.get(0).tags()).isEqualTo(Map.of("n", "1"));
    assertThat(versions.get(0).contentType()).contains("text/plain");
    assertThat(versions.get(1).attributes().enabled()).isFalse();
    assertThat(versions.get(1).attributes().notBefore())
        .contains(Instant.ofEpochSecond(1_700_000_000));
    assertThat(versions.get(2).tags()).isEqualTo(Map.of("n", "3", "k\u00e4se", "w"));
    assertThat(versions.get(2).attributes().expires())
        .contains(Instant.ofEpochSecond(4_102_444_800L));
    Optional<Id> first = Optional.of(versions.get(0).version());
    Optional<Id> second = Optional.of(versions.get(1).version());
    assertThat(value(server, one, "versions", first)).isEqualTo("first value");
    assertThatThrownBy(() -> value(server, one, "versions", second))
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SECRET_DISABLED));
    assertThat(value(server, one, "versions", Optional.empty()))
        .isEqualTo("third value \u00e9 \uD83D\uDE00");
    assertThat(value(server, one, "plain", Optional.empty())).isEqualTo("plain value");
    assertThat(value(server, policies, "by-policy", Optional.empty())).isEqualTo("policy value");
    assertThat(secrets.getDeleted(one, new ObjectName("deleted"), NOW).deleted()).isPresent();
    assertThat(secrets.listDeleted(one, "", 10, NOW))
        .extracting(VaultObject::name)
        .containsExactly("deleted");
    assertThat(secrets.list(one, "", 10, NOW))
        .extracting(VaultObject::name)
        .containsExactlyInAnyOrder("versions", "Plain");

    Rules rules = new Rules(server.store);
    assertThat(mayGet(rules, APPLICATION, one)).isTrue();
    assertThat(mayGet(rules, APPLICATION, policies)).isTrue();
    assertThat(mayGet(rules, TENANT, one)).isFalse();
    assertThat(mayGet(rules, TENANT, policies)).isFalse();
  }

  private static boolean mayGet(Rules rules, Id who, Container vault) {
    return rules
        .decide(
            new Principal(
                TENANT,
                who,
                Principal.Kind.APPLICATION,
                Optional.empty(),
                "",
                Set.of(),
                Map.of()),
            Operation.SECRET_GET,
            vault,
            Optional.of(new ObjectName("plain")),
            NOW)
        .allowed();
  }

  private static Container vault(Wiring server, String name) {
    Vaults vaults = server.vaults();
    return vaults.find(ContainerKind.VAULT, name).orElseThrow();
  }

  private static String value(
      Wiring server, Container vault, String name, Optional<Id> version) {
    Secret secret = server.secrets().get(vault, new ObjectName(name), version);
    try (SecretBytes value = secret.value()) {
      return new String(value.exposed(), StandardCharsets.UTF_8);
    }
  }

  private static Origin origin(Operation operation) {
    return new Origin(
        dev.strongroom.crypto.Randoms.id(), operation.auditName(), Optional.empty(), NOW);
  }
}
