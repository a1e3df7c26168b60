package dev.strongroom.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.Engine;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.Wycheproof;
import dev.strongroom.it.RunningServer.Answer;
import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A sample of Project Wycheproof through the API: keys are imported, and asked over HTTPS. */
class VectorsIT {
  private static final Path TABLE = Path.of("../docs/VECTORS.md");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(\\w+)` \\|.*\\| ([^|]+) \\|$", Pattern.MULTILINE);

  @TempDir Path folder;

  @Test
  void vectors_sampledThroughTheApi_agreeAndAreAsManyAsTheDocumentSays() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    ROW.matcher(Files.readString(TABLE))
        .results()
        .forEach(row -> documented.put(row.group(1), row.group(2)));
    try (RunningServer server = RunningServer.dev(folder.resolve("data"), "--symmetric-keys")) {
      List<Wycheproof.Tally> tallies = new Wycheproof(new Imported(server)).runSample();
      assertThat(tallies)
          .extracting(Wycheproof.Tally::file)
          .containsExactlyElementsOf(documented.keySet());
      for (Wycheproof.Tally tally : tallies) {
        assertThat(tally.mismatches()).as(tally.file()).isEmpty();
        String many = documented.get(tally.file());
        assertThat(tally.ran())
            .as("%s, of which the document says: %s", tally, many)
            .isEqualTo(many.startsWith("none: ") ? 0 : Integer.parseInt(many));
      }
    }
  }

  @Test
  void decrypt_blocksThatAreWrongInDifferentWays_haveOneAnswerByteForByte() throws IOException {
    try (RunningServer server = RunningServer.dev(folder.resolve("data"), "--symmetric-keys")) {
      JsonNode made =
          ask(server, "POST", "/keys/rsa/create", Map.of("kty", "RSA", "key_size", 2048)).path("key");
      BigInteger n = number(made.path("n"));
      BigInteger e = number(made.path("e"));
      for (String operation : List.of("decrypt", "unwrapkey")) {
        for (String algorithm : List.of("RSA1_5", "RSA-OAEP", "RSA-OAEP-256")) {
          assertOneAnswer(
              server,
              "/keys/rsa/" + operation,
              algorithm,
              wrongBlocks().map(block -> unsigned(new BigInteger(1, block).modPow(e, n))).toList());
        }
      }
      ask(
          server,
          "POST",
          "/keys/aes/create",
          Map.of("kty", "oct", "key_size", 256, "key_ops", List.of("encrypt", "decrypt")));
      Random random = new Random(7);
      List<byte[]> blocks =
          Stream.generate(() -> random(random, 32))
              // one of 256 ends in a padding of one byte, which is right
              .filter(block -> decrypted(server, block).status() != 200)
              .limit(20)
              .toList();
      assertOneAnswer(server, "/keys/aes/decrypt", "A256CBCPAD", blocks);
    }
  }

  /** Encoded messages that no encoding makes, each for a reason of its own (RFC 8017 section 7). */
  private static Stream<byte[]> wrongBlocks() {
    Random random = new Random(11);
    return Stream.of(
            new int[] {0, 1, 1, 3, 20, 0},
            new int[] {0, 0, 1, 0, 20, 0},
            new int[] {0, 0, 1, 1, 20, 0},
            new int[] {0, 0, 1, 2, 5, 0},
            new int[] {0, 0, 1, 2, 255, 7},
            new int[] {0, 0, 1, 9, 255, 0})
        .map(
            form -> {
              byte[] block = random(random, 256);
              for (int i = 0; i < block.length; i++) {
                block[i] |= 1;
              }
              block[form[0]] = (byte) form[1];
              block[form[2]] = (byte) form[3];
              block[form[4]] = (byte) form[5];
              // so that it is less than the modulus
              block[0] &= 0x3f;
              return block;
            });
  }

  private static void assertOneAnswer(
      RunningServer server, String path, String algorithm, List<byte[]> ciphertexts) {
    List<String> answers =
        ciphertexts.stream()
            .map(ciphertext -> sent(server, path, algorithm, ciphertext))
            .map(VectorsIT::withoutItsOwn)
            .distinct()
            .toList();
    assertThat(answers).as("%s %s", path, algorithm).hasSize(1);
    assertThat(answers.getFirst()).startsWith("400 ").contains("BadParameter");
  }

  /** Everything that the client sees but what is new in each answer. */
  private static String withoutItsOwn(Answer answer) {
    Map<String, List<String>> headers = new TreeMap<>(answer.headers());
    headers.keySet().removeAll(List.of("date", "x-ms-request-id"));
    return answer.status() + " " + headers + " " + answer.body();
  }

  private static Answer decrypted(RunningServer server, byte[] ciphertext) {
    return sent(server, "/keys/aes/decrypt", "A256CBCPAD", ciphertext);
  }

  private static Answer sent(
      RunningServer server, String path, String algorithm, byte[] ciphertext) {
    return server.send(
        request(
            server,
            "POST",
            path,
            algorithm.startsWith("RSA")
                ? Map.of("alg", algorithm, "value", base64(ciphertext))
                : Map.of(
                    "alg", algorithm, "value", base64(ciphertext), "iv", base64(new byte[16]))));
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static BigInteger number(JsonNode member) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(member.asString()));
  }

  private static byte[] unsigned(BigInteger number) {
    byte[] bytes = new byte[256];
    byte[] signed = number.toByteArray();
    int length = Math.min(signed.length, bytes.length);
    System.arraycopy(signed, signed.length - length, bytes, bytes.length - length, length);
    return bytes;
  }

  /** Each key imported under a name of its own. */
  private static final class Imported implements Wycheproof.Keys {
    private static final List<String> OCT_OPERATIONS =
        List.of("encrypt", "decrypt", "wrapKey", "unwrapKey", "sign", "verify");

    private final RunningServer server;
    private int number;

    Imported(RunningServer server) {
      this.server = server;
    }

    @Override
    public OpenKey open(PrivateJwk jwk) {
      String name = "vector-" + number++;
      Map<String, Object> key = new LinkedHashMap<>();
      key.put("kty", jwk.type().wire());
      jwk.curve().ifPresent(curve -> key.put("crv", curve.wire()));
      jwk.algorithm().ifPresent(algorithm -> key.put("alg", algorithm.wire()));
      jwk.members().forEach((member, bytes) -> key.put(member, base64(bytes.exposed())));
      if (jwk.type() == KeyType.OCT) {
        key.put("key_ops", OCT_OPERATIONS);
      }
      ask(server, "PUT", "/keys/" + name, Map.of("key", key));
      return new Remote(server, "/keys/" + name);
    }

    @Override
    public Optional<OpenKey> openPublic(PublicJwk key) {
      return Optional.empty();
    }

    @Override
    public Optional<Engine> engine() {
      return Optional.empty();
    }
  }

  /** A key that is asked over HTTPS. */
  private record Remote(RunningServer server, String path) implements OpenKey {
    @Override
    public PublicJwk publicJwk() {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
      return value(ask("sign", toSign(algorithm, what, "value")));
    }

    @Override
    public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
      Map<String, Object> body = toSign(algorithm, what, "digest");
      body.put("value", base64(signature));
      return ask("verify", body).path("value").asBoolean();
    }

    private static Map<String, Object> toSign(
        KeyAlgorithm algorithm, ToSign what, String member) {
      Map<String, Object> body = new LinkedHashMap<>();
      switch (what) {
        case ToSign.Digest digest -> {
          body.put("alg", algorithm.wire());
          body.put(member, base64(digest.bytes()));
        }
        case ToSign.Message message -> {
          body.put(member, base64(message.bytes()));
          body.put("context", base64(message.context()));
        }
        case ToSign.ExternalMu mu -> body.put("external_mu", base64(mu.bytes()));
      }
      return body;
    }

    @Override
    public Ciphertext encrypt(
        KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
      Map<String, Object> body = body(algorithm, plain.exposed());
      iv.ifPresent(bytes -> body.put("iv", base64(bytes)));
      aad.ifPresent(bytes -> body.put("aad", base64(bytes)));
      return Ciphertext.of(value(ask("encrypt", body)));
    }

    @Override
    public Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext) {
      Map<String, Object> body = body(algorithm, ciphertext.value());
      ciphertext.iv().ifPresent(bytes -> body.put("iv", base64(bytes)));
      ciphertext.tag().ifPresent(bytes -> body.put("tag", base64(bytes)));
      ciphertext.aad().ifPresent(bytes -> body.put("aad", base64(bytes)));
      return plain("decrypt", body);
    }

    @Override
    public byte[] wrap(KeyAlgorithm algorithm, SecretBytes key) {
      return value(ask("wrapkey", body(algorithm, key.exposed())));
    }

    @Override
    public Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped) {
      return plain("unwrapkey", body(algorithm, wrapped));
    }

    private Optional<SecretBytes> plain(String operation, Map<String, Object> body) {
      try {
        return Optional.of(SecretBytes.taking(value(ask(operation, body))));
      } catch (VaultException e) {
        if (e.code() == ErrorCode.DECRYPTION_FAILED) {
          return Optional.empty();
        }
        throw e;
      }
    }

    @Override
    public void close() {}

    private static Map<String, Object> body(KeyAlgorithm algorithm, byte[] value) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("alg", algorithm.wire());
      body.put("value", base64(value));
      return body;
    }

    private JsonNode ask(String operation, Map<String, Object> body) {
      return VectorsIT.ask(server, "POST", path + "/" + operation, body);
    }

    private static byte[] value(JsonNode answer) {
      return Base64.getUrlDecoder().decode(answer.path("value").asString());
    }
  }

  private static HttpRequest.Builder request(
      RunningServer server, String method, String path, Map<String, Object> body) {
    return HttpRequest.newBuilder(
            URI.create(server.setting("vaultUrl") + path + "?api-version=2026-07-01-preview"))
        .header("Authorization", "Bearer " + server.token("vault"))
        .header("Content-Type", "application/json")
        .method(
            method,
            HttpRequest.BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)));
  }

  /** The answer, or the refusal as the server meant it. */
  private static JsonNode ask(
      RunningServer server, String method, String path, Map<String, Object> body) {
    Answer answer = server.send(request(server, method, path, body));
    if (answer.status() == 200) {
      return answer.json();
    }
    String message = answer.json().path("error").path("message").asString();
    for (ErrorCode code :
        List.of(
            ErrorCode.DECRYPTION_FAILED,
            ErrorCode.INPUT_LENGTH,
            ErrorCode.INPUT_LENGTH_EXACT,
            ErrorCode.KEY_SIZE_UNSUPPORTED,
            ErrorCode.PROPERTY_INVALID)) {
      Optional<String[]> slots = slots(code, message);
      if (answer.status() == code.status() && slots.isPresent()) {
        throw VaultException.of(code, slots.get());
      }
    }
    throw new AssertionError(method + " " + path + ": " + answer);
  }

  /** Name, value, name, value, if the message is one of this row. */
  private static Optional<String[]> slots(ErrorCode code, String message) {
    List<String> names = new ArrayList<>();
    StringBuilder pattern = new StringBuilder();
    Matcher slot = Pattern.compile("\\{(\\w+)\\}").matcher(code.template());
    int end = 0;
    while (slot.find()) {
      pattern.append(Pattern.quote(code.template().substring(end, slot.start()))).append("(.*)");
      names.add(slot.group(1));
      end = slot.end();
    }
    pattern.append(Pattern.quote(code.template().substring(end)));
    Matcher found = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(message);
    if (!found.matches()) {
      return Optional.empty();
    }
    List<String> slots = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      slots.add(names.get(i));
      slots.add(found.group(i + 1));
    }
    return Optional.of(slots.toArray(String[]::new));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
