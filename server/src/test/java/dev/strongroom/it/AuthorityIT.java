package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.it.RunningServer.Finished;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The built-in certificate authority as an operator sets it up and as OpenSSL sees what it issues,
 * publishes and revokes.
 */
class AuthorityIT {
  private static final String POLICY =
      """
      {"policy":{"issuer":{"name":"Strongroom"},
        "key_props":{"kty":"EC","crv":"P-256"},
        "secret_props":{"contentType":"application/x-pem-file"},
        "x509_props":{"subject":"CN=site.example.test",
          "sans":{"dns_names":["site.example.test"]},"validity_months":12}}}
      """;
  private static final int KILLS = 2;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private ServeFolder installation;
  private String url;

  @BeforeEach
  void install() throws IOException {
    int port = RunningServer.freePort();
    url = "http://127.0.0.1:" + port;
    installation =
        ServeFolder.init(
            folder,
            folder.resolve("data"),
            """
            audit.reserveMebibytes = 1
            [[listeners]]
            address = "127.0.0.1"
            port = %d
            role = "pki-http"
            """
                .formatted(port));
  }

  @Test
  void authority_fromInitToRevocation_isWhatOpensslExpects() throws Exception {
    try (RunningServer server = installation.serve()) {
      ServeFolder.makeVault(server, "dev");
      Answer without = server.secret("POST", "/certificates/site/create", POLICY);
      assertThat(without.status()).isEqualTo(404);
      assertThat(without.errorCode()).isEqualTo("CertificateIssuerNotFound");
      JsonNode made = command("ca", "init", "--name", "Example", "--url", url);
      String id = made.path("issuing").path("id").asString();
      Path leaf = create(server, "site");
      Path issuer = der("x509", "issuing.pem", get("/ca/" + id + ".crt").body());
      Path root =
          der(
              "x509",
              "root.pem",
              get("/ca/" + made.path("root").path("id").asString() + ".crt").body());
      Path rootList =
          der(
              "crl",
              "root-list.pem",
              get("/crl/" + made.path("root").path("id").asString() + ".crl").body());

      assertThat(verify(root, issuer, rootList, list(id), leaf)).contains("leaf.pem: OK");
      for (String hash : List.of("-sha1", "-sha256")) {
        assertThat(ocsp(root, issuer, hash, "-cert", leaf.toString()))
            .contains("Response verify OK", "leaf.pem: good");
      }
      assertThat(ocsp(root, issuer, "-sha1", "-serial", "0x1234"))
          .contains("Response verify OK", "0x1234: unknown");

      JsonNode revoked =
          command(
              "ca",
              "revoke",
              server.setting("vaultUrl") + "/certificates/site",
              "--reason",
              "keyCompromise");
      assertThat(revoked.path("reason").asString()).isEqualTo("keyCompromise");
      assertThat(verify(root, issuer, rootList, list(id), leaf))
          .contains("certificate revoked");
      assertThat(ocsp(root, issuer, "-sha1", "-cert", leaf.toString()))
          .contains("Response verify OK", "leaf.pem: revoked", "keyCompromise");

      JsonNode rotated = command("ca", "rotate", "--key-type", "P-256");
      String next = rotated.path("issuing").path("id").asString();
      assertThat(rotated.path("former").path(0).path("id").asString()).isEqualTo(id);
      Path newer = create(server, "newer");
      Path nextIssuer = der("x509", "next.pem", get("/ca/" + next + ".crt").body());
      assertThat(verify(root, nextIssuer, rootList, list(next), newer)).contains("leaf.pem: OK");
      assertThat(ocsp(root, nextIssuer, "-sha1", "-cert", newer.toString()))
          .contains("Response verify OK", "leaf.pem: good");
      String serial = made.path("issuing").path("serial").asString();
      assertThat(
              ocsp(root, issuer, "-sha1", "-serial", "0x" + revoked.path("serial").asString()))
          .contains("Response verify OK", ": revoked");
      command("ca", "revoke", serial, "--reason", "superseded");
      String rootId = made.path("root").path("id").asString();
      Path newRootList = der("crl", "root-list.pem", get("/crl/" + rootId + ".crl").body());
      assertThat(openssl("crl", "-in", newRootList.toString(), "-noout", "-text"))
          .containsIgnoringCase(serial);
      assertThat(verify(root, nextIssuer, newRootList, list(next), newer))
          .contains("leaf.pem: OK");

      byte[] question = Files.readAllBytes(folder.resolve("question.der"));
      assertThat(
              get(
                      "/ocsp/"
                          + URLEncoder.encode(
                              Base64.getEncoder().encodeToString(question),
                              StandardCharsets.US_ASCII))
                  .body())
          .isEqualTo(post("/ocsp", question).body());
      // RFC 6960 section 4.2.1: OCSPResponseStatus malformedRequest (1)
      assertThat(post("/ocsp", new byte[] {1, 2, 3}).body())
          .containsExactly(0x30, 0x03, 0x0a, 0x01, 0x01);
      assertThat(get("/secrets/site?api-version=7.4").statusCode()).isEqualTo(404);
      assertThat(server.stop()).isZero();
    }
    Finished audit =
        RunningServer.run("audit", "verify", "--data", installation.data().toString());
    assertThat(audit.code()).as(audit.out() + audit.err()).isZero();
  }

  @Test
  void create_serverKilledAtAnyTime_leavesWholeCertificatesAndOneRecordForEach()
      throws Exception {
    Random random = new Random(7);
    int named = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      try (RunningServer server = installation.serve()) {
        if (kill == 0) {
          ServeFolder.makeVault(server, "dev");
          command("ca", "init", "--name", "Example", "--key-type", "P-256");
        }
        server.token("vault");
        int first = named;
        named += 1_000;
        Thread writer =
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int i = first; server.isAlive(); i++) {
                        try {
                          server.sending(
                              server.vaultRequest(
                                  "POST", "/certificates/c" + i % 1_003 + "/create", POLICY));
                        } catch (IOException e) {
                          return;
                        }
                      }
                    });
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(500)));
        server.kill();
        writer.join();
      }
    }
    try (RunningServer server = installation.serve()) {
      Set<String> versions = new HashSet<>();
      List<String> names = new ArrayList<>();
      String next = server.setting("vaultUrl") + "/certificates?includePending=true";
      while (!next.isEmpty()) {
        Answer answer = server.secret("GET", path(server, next), null);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode page = answer.json();
        page.path("value").forEach(one -> names.add(path(server, one.path("id").asString())));
        next = page.path("nextLink").asString("");
      }
      assertThat(names).isNotEmpty();
      for (String name : names) {
        JsonNode all = server.secret("GET", name + "/versions", null).json().path("value");
        assertThat(all).isNotEmpty();
        for (JsonNode one : all) {
          String version = path(server, one.path("id").asString());
          versions.add(version.substring(version.lastIndexOf('/') + 1));
          for (String facet : List.of("secrets", "keys")) {
            assertThat(
                    server
                        .secret("GET", version.replace("certificates", facet), null)
                        .status())
                .isEqualTo(200);
          }
        }
      }
      Set<String> issued = new HashSet<>();
      command("ca", "list")
          .path("certificates")
          .forEach(one -> issued.add(one.path("version").asString()));
      assertThat(issued).isEqualTo(versions);
    }
  }

  private static String path(RunningServer server, String address) {
    return address
        .substring(server.setting("vaultUrl").length())
        .replaceFirst("api-version=[^&]*&?", "")
        .replaceFirst("[?&]$", "");
  }

  private JsonNode command(String... words) throws IOException {
    Finished done = installation.run(words);
    assertThat(done.code()).as(done.err()).isZero();
    return tools.jackson.databind.json.JsonMapper.shared().readTree(done.out());
  }

  private Path create(RunningServer server, String name) throws Exception {
    Answer begun = server.secret("POST", "/certificates/" + name + "/create", POLICY);
    assertThat(begun.status()).as(begun.body()).isEqualTo(202);
    assertThat(begun.header("Retry-After")).contains("0");
    Answer pending = server.secret("GET", "/certificates/" + name + "/pending", null);
    assertThat(pending.json().path("status").asString()).isEqualTo("completed");
    JsonNode bundle = server.secret("GET", "/certificates/" + name, null).json();
    return der(
        "x509", "leaf.pem", Base64.getDecoder().decode(bundle.path("cer").asString()));
  }

  private Path list(String id) throws Exception {
    return der("crl", "list.pem", get("/crl/" + id + ".crl").body());
  }

  private String verify(Path root, Path issuer, Path rootList, Path list, Path leaf)
      throws Exception {
    return openssl(
        "verify",
        "-x509_strict",
        "-crl_check_all",
        "-CAfile",
        root.toString(),
        "-untrusted",
        issuer.toString(),
        "-CRLfile",
        rootList.toString(),
        "-CRLfile",
        list.toString(),
        leaf.toString());
  }

  private String ocsp(Path root, Path issuer, String... more) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of(
                "ocsp",
                "-issuer",
                issuer.toString(),
                "-url",
                url + "/ocsp",
                "-CAfile",
                root.toString(),
                "-verify_other",
                issuer.toString(),
                "-no_nonce",
                "-reqout",
                folder.resolve("question.der").toString()));
    line.addAll(List.of(more));
    return openssl(line.toArray(String[]::new));
  }

  private Path der(String kind, String name, byte[] der) throws Exception {
    Path in = write(name + ".der", der);
    Path out = folder.resolve(name);
    openssl(kind, "-inform", "DER", "-in", in.toString(), "-out", out.toString());
    return out;
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private String openssl(String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of("openssl"));
    line.addAll(List.of(words));
    Path out = Files.createTempFile(folder, "openssl", ".txt");
    Process process =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("openssl does not end: " + line);
    }
    return Files.readString(out);
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> post(String path, byte[] body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/ocsp-request")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }
}
