package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.strongroom.crypto.X509;
import dev.strongroom.it.RunningServer.Finished;
import dev.strongroom.it.RunningServer.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line against a running server. */
class CommandLineIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir static Path folder;
  private static RunningServer server;

  /** Of this test alone: who is logged in is kept in a folder beside it. */
  @TempDir Path own;

  private Commands commands;

  @BeforeAll
  static void startServer() throws IOException {
    server = RunningServer.dev(folder.resolve("data"));
  }

  @AfterAll
  static void stopServer() throws IOException {
    if (server != null) {
      assertThat(server.stop()).isZero();
      Finished verified = RunningServer.run("audit", "verify", "--data", server.data().toString());
      assertThat(verified.out()).startsWith("clean: ");
      server.close();
    }
  }

  @BeforeEach
  void startCommands() throws IOException {
    commands = new Commands(process());
  }

  @AfterEach
  void stopCommands() {
    commands.close();
  }

  @Test
  void anyCommand_asAProcess_endsWithItsCode() throws IOException {
    String data = server.data().toString();
    Finished done = RunningServer.run(process("secret", "list", "-o", "tsv", "--data", data));
    assertThat(done.err()).isEmpty();
    assertThat(done.code()).isZero();
    failed(
        RunningServer.run(process("secret", "show", "-n", "not-there", "--data", data)),
        3,
        "404 SecretNotFound",
        "hint: ");
    failed(RunningServer.run(process("secret", "list")), 1, "--vault-name is missing", "");
    Finished wrong = RunningServer.run(process("secrets"));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  @Test
  void secret_wholeLife_isDoneByCommands() throws IOException {
    Path value = Files.writeString(own.resolve("value"), "from a file\nwith two lines");
    JsonNode set =
        json("secret", "set", "-n", "life", "-f", value.toString(), "--content-type", "text/plain",
            "--tags", "a=1", "b=2", "--expires", "2100-01-01T00:00:00Z");
    assertThat(set.path("value").isMissingNode()).as("the value is not shown again").isTrue();
    assertThat(set.path("tags").path("b").asString()).isEqualTo("2");
    assertThat(set.path("attributes").path("exp").asLong()).isEqualTo(4102444800L);
    String first = version(set);
    Path input = Files.writeString(own.resolve("input"), "from standard input");
    Finished second =
        RunningServer.run(
            process("secret", "set", "-n", "life", "-f", "-", "--data", server.data().toString())
                .reading(input));
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.out()).doesNotContain("from standard input");
    assertThat(json("secret", "show", "-n", "life").path("value").asString())
        .isEqualTo("from standard input");
    assertThat(
            json("secret", "show", "-n", "life", "--version", first).path("value").asString())
        .isEqualTo("from a file\nwith two lines");
    assertThat(json("secret", "list-versions", "-n", "life")).hasSize(2);
    assertThat(
            json("secret", "set-attributes", "-n", "life", "--enabled", "false")
                .path("attributes")
                .path("enabled")
                .asBoolean(true))
        .isFalse();
    failed(1, "Forbidden (SecretDisabled)", "hint: Enable it", "secret", "show", "-n", "life");
    json("secret", "set-attributes", "-n", "life", "--enabled", "true");

    Path backup = own.resolve("life.backup");
    ok("secret", "backup", "-n", "life", "-f", backup.toString());
    assertThat(Files.getPosixFilePermissions(backup))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    failed(1, "is there already", "Choose another file", "secret", "backup", "-n", "life", "-f",
        backup.toString());
    json("secret", "delete", "-n", "life");
    failed(3, "404 SecretNotFound", "secret list-deleted", "secret", "show", "-n", "life");
    failed(1, "409 Conflict (ObjectIsDeletedButRecoverable)", "secret recover", "secret", "set",
        "-n", "life", "--value", "x");
    assertThat(json("secret", "show-deleted", "-n", "life").path("recoveryId").asString())
        .endsWith("/deletedsecrets/life");
    assertThat(ok("secret", "list-deleted", "-o", "tsv")).contains("/deletedsecrets/life\t");
    json("secret", "recover", "-n", "life");
    assertThat(json("secret", "list-versions", "-n", "life")).hasSize(2);
    json("secret", "delete", "-n", "life");
    ok("secret", "purge", "-n", "life");
    failed(3, "404", "", "secret", "show-deleted", "-n", "life");
    json("secret", "restore", "-f", backup.toString());
    assertThat(json("secret", "show", "-n", "life", "--version", first).path("value").asString())
        .isEqualTo("from a file\nwith two lines");
  }

  @Test
  void key_wholeLife_isDoneByCommands() throws Exception {
    JsonNode created =
        json("key", "create", "-n", "life", "--kty", "EC", "--curve", "P-384", "--tags", "a=1",
            "--expires", "2100-01-01T00:00:00Z");
    assertThat(created.path("key").path("crv").asString()).isEqualTo("P-384");
    assertThat(created.path("attributes").path("exp").asLong()).isEqualTo(4102444800L);
    String digest = "A".repeat(64);
    String signature =
        json("key", "sign", "-n", "life", "-a", "ES384", "--digest", digest)
            .path("value")
            .asString();
    assertThat(
            json("key", "verify", "-n", "life", "-a", "ES384", "--digest", digest,
                    "--signature", signature)
                .path("value")
                .asBoolean(false))
        .isTrue();
    Finished other =
        dev("key", "verify", "-n", "life", "-a", "ES384", "--digest", "B" + digest.substring(1),
            "--signature", signature);
    assertThat(other.code()).as(other.err()).isEqualTo(1);
    json("key", "rotate", "-n", "life");
    assertThat(json("key", "list-versions", "-n", "life")).hasSize(2);
    assertThat(
            json("key", "set-attributes", "-n", "life", "--ops", "verify", "--enabled", "false")
                .path("key")
                .path("key_ops")
                .toString())
        .isEqualTo("[\"verify\"]");
    failed(1, "Forbidden (KeyDisabled)", "", "key", "sign", "-n", "life", "-a", "ES384",
        "--digest", digest);
    json("key", "rotation-policy", "update", "-n", "life", "--value",
        "{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},"
            + "\"action\":{\"type\":\"Rotate\"}}]}");
    assertThat(
            json("key", "rotation-policy", "show", "-n", "life")
                .path("lifetimeActions")
                .path(0)
                .path("trigger")
                .path("timeAfterCreate")
                .asString())
        .isEqualTo("P30D");
    Path backup = own.resolve("key.backup");
    ok("key", "backup", "-n", "life", "-f", backup.toString());
    json("key", "delete", "-n", "life");
    failed(3, "404 KeyNotFound", "", "key", "show", "-n", "life");
    assertThat(ok("key", "list-deleted", "-o", "tsv")).contains("/deletedkeys/life\t");
    json("key", "recover", "-n", "life");
    json("key", "delete", "-n", "life");
    ok("key", "purge", "-n", "life");
    json("key", "restore", "-f", backup.toString());
    assertThat(json("key", "list-versions", "-n", "life")).hasSize(2);
  }

  @Test
  void certificate_wholeLife_isDoneByCommands() throws Exception {
    Path policy = own.resolve("policy.json");
    Files.writeString(policy, ok(dev("certificate", "get-default-policy")));
    JsonNode operation =
        json(dev("certificate", "create", "-n", "certified", "-p", "@" + policy, "--validity", "6",
            "--tags", "a=1"));
    assertThat(operation.path("status").asString()).isEqualTo("completed");
    JsonNode shown = json(dev("certificate", "show", "-n", "certified"));
    assertThat(shown.path("policy").path("x509_props").path("validity_months").asInt())
        .isEqualTo(6);
    assertThat(shown.path("policy").path("lifetime_actions").toString())
        .contains("\"days_before_expiry\":90");
    assertThat(shown.path("tags").path("a").asString()).isEqualTo("1");
    Path pem = own.resolve("certificate.pem");
    ok(dev("certificate", "download", "-n", "certified", "-f", pem.toString()));
    assertThat(Files.readString(pem)).startsWith("-----BEGIN CERTIFICATE-----\n");
    failed(dev("certificate", "download", "-n", "certified",
        "-f", pem.toString()), 1, "is there already", "Choose another file");
    Path pfx = own.resolve("certificate.p12");
    Files.write(
        pfx,
        Base64.getDecoder()
            .decode(json(dev("secret", "show", "-n", "certified")).path("value").asString()));
    assertThat(json(dev("certificate", "import", "-n", "copy", "-f", pfx.toString())).path("cer"))
        .isEqualTo(shown.path("cer"));
    json(dev("certificate", "create", "-n", "certified"));
    assertThat(json(dev("certificate", "list-versions", "-n", "certified"))).hasSize(2);
    assertThat(
            json(dev("certificate", "set-attributes", "-n", "certified", "--enabled", "false"))
                .path("attributes")
                .path("enabled")
                .asBoolean(true))
        .isFalse();
    Path backup = own.resolve("certificate.backup");
    ok(dev("certificate", "backup", "-n", "certified", "-f", backup.toString()));
    json(dev("certificate", "delete", "-n", "certified"));
    failed(dev("certificate", "show", "-n", "certified"), 3, "404 CertificateNotFound", "");
    assertThat(ok(dev("certificate", "list-deleted", "-o", "tsv")))
        .contains("/deletedcertificates/certified\t");
    json(dev("certificate", "recover", "-n", "certified"));
    json(dev("certificate", "delete", "-n", "certified"));
    ok(dev("certificate", "purge", "-n", "certified"));
    json(dev("certificate", "restore", "-f", backup.toString()));
    assertThat(json(dev("certificate", "list"))).hasSize(2);
  }

  @Test
  void certificate_pendingIssuersContacts_areDoneByCommands() throws Exception {
    String unknown = "{\"keyProperties\":{\"keyType\":\"EC\"},"
        + "\"x509CertificateProperties\":{\"subject\":\"CN=a\"}}";
    Finished begun =
        dev("certificate", "create", "-n", "waiting", "-p", unknown, "-o", "json");
    assertThat(begun.code()).as(begun.err()).isZero();
    assertThat(begun.err()).contains("Please Perform Merge");
    assertThat(json(dev("certificate", "pending", "show", "-n", "waiting")).path("status").asString())
        .isEqualTo("inProgress");
    assertThat(json(dev("certificate", "list", "--include-pending")).toString())
        .contains("/certificates/waiting");
    Path pem = own.resolve("wrong.pem");
    Files.writeString(pem, pem("CERTIFICATE", new byte[] {0x30, 0}));
    failed(dev("certificate", "pending", "merge", "-n", "waiting", "-f",
        pem.toString()), 1, "400 BadParameter", "");
    assertThat(
            json(dev("certificate", "pending", "cancel", "-n", "waiting")).path("status").asString())
        .isEqualTo("canceled");
    json(dev("certificate", "pending", "delete", "-n", "waiting"));
    failed(dev("certificate", "pending", "show", "-n",
        "waiting"), 3, "404 PendingCertificateNotFound", "");
    json(dev("certificate", "delete", "-n", "waiting"));
    assertThat(ok(dev("certificate", "list-deleted", "-o", "tsv"))).doesNotContain("waiting");
    assertThat(ok(dev("certificate", "list-deleted", "--include-pending", "-o", "tsv")))
        .contains("/deletedcertificates/waiting\t");
    json(dev("certificate", "issuer", "create", "--issuer-name", "ours", "--provider-name", "DigiCert",
        "--account-id", "me", "--password", "hidden-word"));
    json(dev("certificate", "issuer", "update", "--issuer-name", "ours", "--organization-id", "7"));
    JsonNode issuer = json(dev("certificate", "issuer", "show", "--issuer-name", "ours"));
    assertThat(issuer.path("credentials").toString()).isEqualTo("{\"account_id\":\"me\"}");
    assertThat(issuer.path("org_details").path("id").asString()).isEqualTo("7");
    assertThat(json(dev("certificate", "issuer", "list"))).hasSize(1);
    json(dev("certificate", "issuer", "admin", "add", "--issuer-name", "ours", "--email", "a@b.test",
        "--first-name", "A", "--last-name", "B", "--phone", "1"));
    assertThat(
            json(dev("certificate", "issuer", "admin", "add", "--issuer-name", "ours", "--email",
                "c@b.test")))
        .hasSize(2);
    assertThat(
            json(dev("certificate", "issuer", "admin", "delete", "--issuer-name", "ours", "--email",
                "A@b.test")))
        .hasSize(1);
    assertThat(
            json(dev("certificate", "issuer", "admin", "list", "--issuer-name", "ours"))
                .path(0)
                .path("email")
                .asString())
        .isEqualTo("c@b.test");
    assertThat(
            json(dev("certificate", "issuer", "show", "--issuer-name", "ours"))
                .path("org_details")
                .path("id")
                .asString())
        .isEqualTo("7");
    json(dev("certificate", "issuer", "delete", "--issuer-name", "ours"));
    json(dev("certificate", "contact", "add", "--email", "a@b.test", "--name", "A"));
    assertThat(json(dev("certificate", "contact", "add", "--email", "c@b.test"))).hasSize(2);
    assertThat(json(dev("certificate", "contact", "delete", "--email", "a@b.test"))).hasSize(1);
    assertThat(json(dev("certificate", "contact", "list")).toString()).contains("c@b.test");
    json(dev("certificate", "contact", "delete", "--email", "c@b.test"));
    failed(dev("certificate", "contact", "list"), 3, "404 ContactsNotFound", "");
  }

  @Test
  void key_importedAndDownloaded_isTheSame() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Path pem = own.resolve("private.pem");
    Files.writeString(pem, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    json("key", "import", "-n", "brought", "--pem-file", pem.toString(), "--ops", "decrypt",
        "encrypt");
    Path downloaded = own.resolve("public.pem");
    ok("key", "download", "-n", "brought", "-f", downloaded.toString());
    assertThat(Files.readString(downloaded))
        .isEqualTo(pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    Path jwk = own.resolve("public.jwk");
    ok("key", "download", "-n", "brought", "-f", jwk.toString(), "-e", "JWK");
    assertThat(JSON.readTree(Files.readString(jwk)).path("kty").asString()).isEqualTo("RSA");
    String encrypted =
        json("key", "encrypt", "-n", "brought", "-a", "RSA-OAEP-256", "--value", "a text",
                "--data-type", "plaintext")
            .path("value")
            .asString();
    assertThat(
            json("key", "decrypt", "-n", "brought", "-a", "RSA-OAEP-256", "--value", encrypted,
                    "--data-type", "plaintext")
                .path("value")
                .asString())
        .isEqualTo("a text");
    Files.writeString(pem, pem("ENCRYPTED PRIVATE KEY", new byte[] {5, 0}));
    failed(1, "the private key is encrypted", "openssl pkcs8", "key", "import", "-n", "x",
        "--pem-file", pem.toString());
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  @Test
  void clock_movedAhead_makesWhatIsDueHappen() throws Exception {
    try (RunningServer moved = RunningServer.dev(own.resolve("moved"))) {
      String data = moved.data().toString();
      for (String[] command :
          new String[][] {
            {"key", "create", "-n", "k", "--kty", "EC", "--data", data},
            {
              "key", "rotation-policy", "update", "-n", "k", "--data", data, "--value",
              "{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P90D\"},"
                  + "\"action\":{\"type\":\"Rotate\"}}]}"
            },
            {"clock", "--advance", "P91D", "--data", data}
          }) {
        ok(plain(command));
      }
      RunningServer.await(
          "the key is rotated",
          Duration.ofSeconds(20),
          () ->
              ok(plain("key", "list-versions", "-n", "k", "-o", "tsv", "--data", data))
                      .lines()
                      .count()
                  == 2);
      failed(plain("clock", "--advance", "P-1D", "--data", data), 1,
          "the clock is never moved back", "");
    }
  }

  @Test
  void output_tableAndTsv_areForPeopleAndScripts() throws IOException {
    json("secret", "set", "-n", "shown", "--value", "one\ttwo\nthree", "--content-type", "t");
    List<String> table = ok("secret", "show", "-n", "shown", "-o", "table").lines().toList();
    assertThat(table).hasSize(3);
    assertThat(table.get(0)).matches("Id +Value +ContentType");
    assertThat(table.get(1)).matches("-+ +-+ +-+");
    assertThat(table.get(2)).contains("one two three").endsWith("t");
    List<String> tsv = ok("secret", "show", "-n", "shown", "-o", "tsv").lines().toList();
    assertThat(tsv).singleElement().asString().endsWith("\tone two three\tt");
    assertThat(ok("secret", "list", "-o", "table").lines().findFirst().orElse(""))
        .matches("Id +ContentType +Enabled +Expires");
    assertThat(ok("secret", "list", "-o", "JSON")).startsWith("[");
    Finished wrong = dev("secret", "list", "-o", "yaml");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("yaml", "json, table, tsv");
  }

  @Test
  void secretList_moreThanAPage_showsAll() throws IOException {
    ok("group", "create", "-n", "paged-group");
    json("vault", "create", "-n", "kv-paged", "-g", "paged-group");
    json("role", "assignment", "create", "--vault-name", "kv-paged", "--assignee",
        server.setting("clientId"), "--role", "Key Vault Secrets Officer");
    String url = server.setting("vaultUrl").replace("dev.vault", "kv-paged.vault");
    for (int i = 0; i < 60; i++) {
      var request =
          server
              .vaultRequest("PUT", "/secrets/p" + i, "{\"value\":\"v\"}")
              .uri(java.net.URI.create(url + "/secrets/p" + i + "?api-version=2026-04-01"));
      assertThat(server.send(request).status()).isEqualTo(200);
    }
    assertThat(json("secret", "list", "--vault-name", "kv-paged")).hasSize(60);
    assertThat(ok("secret", "list", "--vault-name", "kv-paged", "-o", "tsv").lines()).hasSize(60);
  }

  @Test
  void vault_wholeLife_isDoneByCommands() throws IOException {
    failed(3, "404 ResourceGroupNotFound", "group create", "vault", "create", "-n", "kv-life",
        "-g", "no-such-group");
    ok("group", "create", "-n", "life-group", "-l", "local");
    JsonNode made =
        json("vault", "create", "-n", "kv-life", "-g", "life-group", "--retention-days", "7");
    assertThat(made.path("properties").path("enableRbacAuthorization").asBoolean()).isTrue();
    assertThat(made.path("properties").path("softDeleteRetentionInDays").asInt()).isEqualTo(7);
    assertThat(json("vault", "show", "-n", "KV-Life").path("id")).isEqualTo(made.path("id"));
    assertThat(ok("vault", "list", "-o", "tsv"))
        .contains("kv-life\tlocal\tlife-group\thttps://kv-life.vault.localhost:" + server.port());
    failed(1, "Forbidden (ForbiddenByRbac)", "role assignment create", "secret", "list",
        "--vault-name", "kv-life");
    JsonNode assignment =
        json("role", "assignment", "create", "--scope", made.path("id").asString(),
            "--assignee-object-id", server.setting("objectId"), "--role",
            "key vault secrets officer");
    assertThat(assignment.path("properties").path("scope").asString())
        .isEqualTo(made.path("id").asString());
    json("secret", "set", "--vault-name", "kv-life", "-n", "a", "--value", "v");
    assertThat(
            json("role", "assignment", "list", "--vault-name", "kv-life", "--assignee",
                server.setting("clientId")))
        .isNotEmpty()
        .allSatisfy(
            one ->
                assertThat(one.path("properties").path("principalId").asString())
                    .isEqualTo(server.setting("objectId")));
    ok("role", "assignment", "delete", "--vault-name", "kv-life", "--name",
        assignment.path("name").asString());
    RunningServer.await(
        "the role is gone",
        Duration.ofSeconds(20),
        () -> dev("secret", "list", "--vault-name", "kv-life").code() == 1);
    json("role", "assignment", "create", "--vault-name", "kv-life", "--secret-name", "a",
        "--assignee", server.setting("objectId"), "--role", "Key Vault Secrets User");
    assertThat(json("secret", "show", "--vault-name", "kv-life", "-n", "a").path("value").asString())
        .isEqualTo("v");
    failed(3, "There is no role", "role definition list", "role", "assignment", "create",
        "--vault-name", "kv-life", "--assignee", server.setting("objectId"), "--role", "King");
    assertThat(ok("role", "definition", "list", "-o", "table")).contains("Key Vault Secrets User");

    failed(1, "409", "", "group", "delete", "-n", "life-group");
    ok("vault", "delete", "-n", "kv-life");
    failed(3, "There is no vault kv-life", "vault list", "vault", "show", "-n", "kv-life");
    failed(1, "409 ConflictError", "vault recover", "vault", "create", "-n", "kv-life", "-g",
        "life-group");
    assertThat(ok("vault", "list-deleted", "-o", "table")).contains("kv-life");
    json("vault", "recover", "-n", "kv-life");
    json("vault", "update", "-n", "kv-life", "--enable-purge-protection");
    failed(1, "400", "", "vault", "update", "-n", "kv-life", "--enable-purge-protection", "false");
    ok("vault", "delete", "-n", "kv-life");
    failed(1, "", "", "vault", "purge", "-n", "kv-life");
    json("vault", "create", "-n", "kv-short", "-g", "life-group");
    ok("vault", "delete", "-n", "kv-short");
    ok("vault", "purge", "-n", "kv-short");
    failed(3, "There is no deleted vault", "vault list-deleted", "vault", "recover", "-n",
        "kv-short");
  }

  @Test
  void login_bySecret_isKeptForItsOwnerAndForgotten() throws IOException {
    failed(plain("secret", "list"), 1, "--vault-name is missing", "STRONGROOM_CLIENT_VAULT");
    failed(plain("vault", "list"), 1, "You are not logged in", "strongroom login");
    JsonNode app = json("app", "create", "-n", "by-secret");
    JsonNode secret = json("app", "secret", "add", "--id", app.path("appId").asString());
    Path file = privately("secret", secret.path("secretText").asString() + "\n");
    failed(login(app, "--secret-file", privately("bad", "wrong").toString()), 1, "invalid_client",
        "app secret add");
    assertThat(profile()).doesNotExist();
    Finished in =
        RunningServer.run(
            process(loginWords(app.path("appId").asString(), "--service-principal", "--secret-file", "-"))
                .reading(file));
    assertThat(in.code()).as(in.err()).isZero();
    assertThat(in.out())
        .contains(app.path("appId").asString())
        .doesNotContain(secret.path("secretText").asString());
    assertThat(Files.getPosixFilePermissions(profile()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(json(plain("account", "show")).path("user").path("name").asString())
        .isEqualTo(app.path("appId").asString());
    failed(plain("secret", "list", "--vault-name", "dev"), 1, "Forbidden (ForbiddenByRbac)",
        "hint: Give a role");
    failed(plain("app", "list"), 1, "403 AuthorizationFailed", "An Owner must give");
    json("role", "assignment", "create", "--vault-name", "dev", "--assignee",
        app.path("appId").asString(), "--role", "Key Vault Secrets Officer");
    json(plain("secret", "set", "--vault-name", "dev", "-n", "mine", "--value", "v"));
    assertThat(json(plain("secret", "show", "--vault-name", "dev", "-n", "mine")).path("value")
            .asString())
        .isEqualTo("v");
    String token =
        ok(plain("account", "get-access-token", "--resource", "https://vault.localhost", "-o",
                "tsv"))
            .strip();
    assertThat(token.split("\\.")).hasSize(3);
    ok("app", "secret", "remove", "--id", app.path("appId").asString(), "--key-id",
        secret.path("keyId").asString());
    failed(plain("secret", "list", "--vault-name", "dev"), 1, "invalid_client", "hint: ");
    ok(plain("logout"));
    assertThat(profile()).doesNotExist();
    failed(plain("logout"), 1, "Nobody is logged in", "");
    failed(plain("secret", "list", "--vault-name", "dev"), 1, "You are not logged in",
        "strongroom login");
  }

  @Test
  void login_byCertificate_signsWithItsKey() throws IOException {
    X509.Issued issued = certificate();
    Path pem =
        privately(
            "client.pem",
            issued.certificate().pem()
                + new String(issued.privateKeyPem().exposed(),
                    java.nio.charset.StandardCharsets.US_ASCII));
    Path open = Files.writeString(own.resolve("cert.pem"), issued.certificate().pem());
    JsonNode app = json("app", "create", "-n", "by-certificate");
    String id = app.path("appId").asString();
    failed(1, "was not sent: the file holds a private key", "openssl x509", "app", "cert", "add", "--id", id, "-f", pem.toString());
    JsonNode added = json("app", "cert", "add", "--id", id, "-f", open.toString());
    json("role", "assignment", "create", "--vault-name", "dev", "--assignee", id, "--role",
        "Key Vault Secrets Officer");
    failed(login(app, "--certificate", open.toString()), 1, "its one private key", "openssl pkcs8");
    json(login(app, "--certificate", pem.toString()));
    json(plain("secret", "set", "--vault-name", "dev", "-n", "signed", "--value", "v"));
    assertThat(Files.readString(profile())).doesNotContain("PRIVATE KEY").contains(pem.toString());
    ok(plain("logout"));
    Start environment =
        process("secret", "show", "--vault-name", "dev", "-n", "signed", "--arm-url",
                server.setting("armUrl"), "--ca-file", server.setting("caFile"))
            .with("AZURE_TENANT_ID", server.setting("tenantId"))
            .with("AZURE_CLIENT_ID", id)
            .with("AZURE_CLIENT_CERTIFICATE_PATH", pem.toString());
    assertThat(json(RunningServer.run(environment)).path("value").asString()).isEqualTo("v");
    ok("app", "cert", "remove", "--id", id, "--key-id", added.path("keyId").asString());
    failed(login(app, "--certificate", pem.toString()), 1, "invalid_client", "hint: ");
  }

  @Test
  void login_byFederatedToken_readsTheFileEachTime() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("k1").generate();
    String issuer = "https://issuer.example.test/it";
    Path jwks =
        Files.writeString(own.resolve("jwks.json"), new JWKSet(key.toPublicJWK()).toString());
    json("issuer", "add", "--url", issuer, "--jwks-file", jwks.toString());
    assertThat(ok("issuer", "list")).contains(issuer, "fixed");
    JsonNode app = json("app", "create", "-n", "by-federation");
    String id = app.path("appId").asString();
    JsonNode federation =
        json("app", "federate", "--id", id, "--issuer", issuer, "--subject", "repo:a/b");
    json("role", "assignment", "create", "--vault-name", "dev", "--assignee", id, "--role",
        "Key Vault Secrets Officer");
    Path token = privately("token", token(key, issuer, "repo:a/c"));
    failed(login(app, "--federated-token-file", token.toString()), 1, "invalid_client", "");
    Files.writeString(token, token(key, issuer, "repo:a/b") + "\n");
    json(login(app, "--federated-token-file", token.toString()));
    json(plain("secret", "set", "--vault-name", "dev", "-n", "federated", "--value", "v"));
    Files.writeString(token, token(key, issuer, "repo:a/c"));
    failed(plain("secret", "list", "--vault-name", "dev"), 1, "invalid_client", "");
    ok("app", "unfederate", "--id", id, "--federation-id", federation.path("id").asString());
    ok("issuer", "remove", "--url", issuer);
    Files.writeString(token, token(key, issuer, "repo:a/b"));
    failed(plain("secret", "list", "--vault-name", "dev"), 1, "invalid_client", "");
  }

  @Test
  void app_disabled_isRefusedUntilEnabled() throws IOException {
    JsonNode app = json("app", "create", "-n", "switched");
    String id = app.path("appId").asString();
    assertThat(ok("app", "list", "-o", "tsv")).contains("switched\t" + id);
    JsonNode secret = json("app", "secret", "add", "--id", id, "--days", "1", "--name", "one day");
    Path file = privately("secret", secret.path("secretText").asString());
    ok("app", "disable", "--id", id);
    failed(login(app, "--secret-file", file.toString()), 1, "unauthorized_client", "app enable");
    ok("app", "enable", "--id", id);
    ok(login(app, "--secret-file", file.toString()));
    assertThat(json("app", "show", "--id", app.path("id").asString()).path("displayName").asString())
        .isEqualTo("switched");
    failed(3, "404", "", "app", "show", "--id", "00000000-0000-0000-0000-000000000001");
  }

  @Test
  void account_setAndList_chooseTheSubscription() throws IOException {
    Path secret = privately("secret", server.setting("clientSecret"));
    JsonNode in =
        json(plain(loginWords(server.setting("clientId"), "--secret-file", secret.toString())));
    assertThat(in.path("id").asString()).isEqualTo(server.setting("subscriptionId"));
    assertThat(ok(plain("account", "list", "-o", "tsv"))).contains(server.setting("subscriptionId"));
    failed(plain("account", "set", "-s", "none"), 3, "There is no subscription", "account list");
    assertThat(json(plain("account", "set", "-s", in.path("name").asString())).path("id"))
        .isEqualTo(in.path("id"));
    assertThat(ok(plain("vault", "list", "-o", "tsv"))).contains("dev\t");
  }

  @Test
  void anyCommand_serverNotReached_saysWhatToDo() throws Exception {
    int closed;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = free.getLocalPort();
    }
    failed(
        dev("secret", "list", "--arm-url", "https://management.localhost:" + closed),
        1,
        "Nothing answers at management.localhost:" + closed,
        "Is the server running?");
    Path other = Files.writeString(own.resolve("other.pem"), authority().certificate().pem());
    failed(dev("secret", "list", "--ca-file", other.toString()), 1,
        "The certificate of management.localhost:" + server.port() + " is not to be trusted",
        "--ca-file FILE; this command trusts " + other);
    failed(dev("secret", "list", "--ca-file", own.resolve("none").toString()), 1, "Cannot read the",
        "");
    failed(dev("secret", "list", "--arm-url", "https://management.no-such-host.invalid"), 1,
        "does not resolve", "/etc/hosts");
    failed(dev("secret", "list", "--arm-url", "not an address"), 1, "This is not an address", "");
    failed(plain("secret", "list", "--data", own.toString()), 1, "No dev server has started in",
        "dev --data");
    failed(plain("status", "--data", own.toString()), 1, "", "");
    failed(1, "This is not a vault's name", "", "secret", "list", "--vault-name", "a/b");
    for (String[] wrong :
        List.of(
            new String[] {"secret", "set", "-n", "a"},
            new String[] {"secret", "show"},
            new String[] {"secrets"},
            new String[] {"vault", "create"},
            new String[] {"role", "assignment", "create", "--role", "x"})) {
      Finished ended = dev(wrong);
      assertThat(ended.code()).as("%s", (Object) wrong).isEqualTo(2);
      assertThat(ended.out()).isEmpty();
    }
    assertThat(plain("--help").out()).contains("login", "secret", "vault", "serve");
    assertThat(plain("secret", "set", "--help").out()).contains("--file", "--tags");
  }

  /** A command of dev's own application. */
  private Finished dev(String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--data", server.data().toString()));
    return plain(line.toArray(String[]::new));
  }

  /** A command that is told nothing but its words. */
  private Finished plain(String... words) {
    try {
      return commands.run(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command in a process of its own, where variables or standard input count. */
  private Start process(String... words) {
    return Start.command(own.resolve("command-" + COUNT.incrementAndGet()), words)
        .withJava("-XX:TieredStopAtLevel=1");
  }

  private Finished login(JsonNode app, String... proof) {
    return plain(loginWords(app.path("appId").asString(), proof));
  }

  private String[] loginWords(String clientId, String... proof) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "login", "--arm-url", server.setting("armUrl"), "--ca-file",
                server.setting("caFile"), "--tenant", server.setting("tenantId"), "-u", clientId));
    line.addAll(List.of(proof));
    return line.toArray(String[]::new);
  }

  private Path profile() {
    return own.resolve("home").resolve("profile.json");
  }

  private Path privately(String name, String text) throws IOException {
    Path file = own.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text);
  }

  private String ok(String... words) {
    return ok(dev(words));
  }

  private static String ok(Finished ended) {
    assertThat(ended.err()).isEmpty();
    assertThat(ended.code()).isZero();
    return ended.out();
  }

  private JsonNode json(String... words) {
    return json(dev(words));
  }

  private static JsonNode json(Finished ended) {
    return JSON.readTree(ok(ended));
  }

  private void failed(int code, String what, String next, String... words) {
    failed(dev(words), code, what, next);
  }

  private static void failed(Finished ended, int code, String what, String next) {
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).startsWith("strongroom: ").contains(what, next);
    assertThat(ended.err()).doesNotContain("\tat ");
  }

  private static String version(JsonNode secret) {
    String id = secret.path("id").asString();
    return id.substring(id.lastIndexOf('/') + 1);
  }

  private static X509.Issued authority() {
    Instant now = Instant.now();
    return X509.newAuthority(
        "Another authority",
        List.of("localhost"),
        List.of("127.0.0.0/8"),
        now.minus(Duration.ofDays(1)),
        now.plus(Duration.ofDays(1)));
  }

  private static X509.Issued certificate() {
    Instant now = Instant.now();
    return X509.newServerCertificate(
        authority(),
        "client",
        List.of("client.localhost"),
        List.of(),
        now.minus(Duration.ofHours(1)),
        now.plus(Duration.ofDays(1)));
  }

  private static String token(RSAKey key, String issuer, String subject) throws Exception {
    Instant now = Instant.now();
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject(subject)
                .audience("api://AzureADTokenExchange")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .build());
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }
}
