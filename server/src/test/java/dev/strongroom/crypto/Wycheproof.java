package dev.strongroom.crypto;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyAlgorithm.Hash;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.zip.GZIPInputStream;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the files of Project Wycheproof that are about Key Vault's algorithms, through keys of the
 * server, and counts what was run, what was refused before any computation, and what says nothing
 * about us.
 */
public final class Wycheproof {
  /** Whose keys compute. */
  public interface Keys {
    OpenKey open(PrivateJwk jwk);

    /** Empty where only whole keys are taken, as by a vault. */
    Optional<OpenKey> openPublic(PublicJwk key);

    /** For what no algorithm of a vault asks for; empty where only a vault is asked. */
    Optional<Engine> engine();
  }

  /** Those of an engine in this process. */
  private record Own(SoftwareKeys keys, Engine own) implements Keys {
    @Override
    public OpenKey open(PrivateJwk jwk) {
      return keys.open(keys.importJwk(jwk));
    }

    @Override
    public Optional<OpenKey> openPublic(PublicJwk key) {
      return Optional.of(keys.openPublic(key));
    }

    @Override
    public Optional<Engine> engine() {
      return Optional.of(own);
    }
  }

  /** What a vault takes of another's keys. */
  record AsAVault(Keys keys) implements Keys {
    @Override
    public OpenKey open(PrivateJwk jwk) {
      return keys.open(jwk);
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

  /** What became of one case. */
  private sealed interface Outcome {
    /** Computed; whether the input was taken, and gave what the vector says. */
    record Ran(boolean accepted) implements Outcome {}

    /** Refused by a rule of the table of algorithms, which is right for good and bad cases alike. */
    record Early(String reason) implements Outcome {}

    /** Cannot be asked of us, or the vector leaves the answer open. */
    record NotApplicable(String reason) implements Outcome {}
  }

  /** One file, counted. */
  public record Tally(
      String file,
      String algorithms,
      int cases,
      int ran,
      Map<String, Integer> early,
      Map<String, Integer> notApplicable,
      List<String> mismatches) {}

  @FunctionalInterface
  private interface Case {
    Outcome run(JsonNode test);
  }

  /** Prepares a group: opens its key. */
  @FunctionalInterface
  private interface Group {
    Case open(JsonNode group);
  }

  private record Suite(String algorithms, Group group) {}

  private static final SecureRandom ZEROS = fixed(new byte[32]);

  private static final Case PUBLIC_ONLY = _ -> new Outcome.NotApplicable("only a public key");
  private static final Outcome NO_ALGORITHM = new Outcome.NotApplicable("no algorithm of a vault");

  /** About how many cases of a file are a sample. */
  private static final int SAMPLE = 16;

  private final Keys keys;
  private final Map<String, Suite> suites = new LinkedHashMap<>();

  static Keys of(Engine engine) {
    return new Own(new SoftwareKeys(engine), engine);
  }

  public Wycheproof(Keys keys) {
    this.keys = keys;
    ecdsa("ecdsa_secp256r1_sha256_p1363", KeyAlgorithm.ES256);
    ecdsa("ecdsa_secp256k1_sha256_p1363", KeyAlgorithm.ES256K);
    ecdsa("ecdsa_secp384r1_sha384_p1363", KeyAlgorithm.ES384);
    ecdsa("ecdsa_secp521r1_sha512_p1363", KeyAlgorithm.ES512);
    for (int bits : KeyType.RSA.sizes()) {
      rsaVerify("rsa_signature_" + bits + "_sha256", KeyAlgorithm.RS256);
      rsaVerify("rsa_signature_" + bits + "_sha384", KeyAlgorithm.RS384);
      rsaVerify("rsa_signature_" + bits + "_sha512", KeyAlgorithm.RS512);
      suites.put("rsa_pkcs1_" + bits + "_sig_gen", new Suite("RS256, RS384, RS512", this::rsaSign));
    }
    rsaVerify("rsa_pss_2048_sha256_mgf1_32", KeyAlgorithm.PS256);
    rsaVerify("rsa_pss_3072_sha256_mgf1_32", KeyAlgorithm.PS256);
    rsaVerify("rsa_pss_4096_sha256_mgf1_32", KeyAlgorithm.PS256);
    rsaVerify("rsa_pss_2048_sha384_mgf1_48", KeyAlgorithm.PS384);
    rsaVerify("rsa_pss_4096_sha384_mgf1_48", KeyAlgorithm.PS384);
    rsaVerify("rsa_pss_4096_sha512_mgf1_64", KeyAlgorithm.PS512);
    suites.put("rsa_pss_misc", new Suite("PS256, PS384, PS512", this::pssOfAnyHash));
    suites.put("rsa_oaep_2048_sha1_mgf1sha1", new Suite("RSA-OAEP", this::oaep));
    for (int bits : KeyType.RSA.sizes()) {
      suites.put(
          "rsa_oaep_" + bits + "_sha256_mgf1sha256", new Suite("RSA-OAEP-256", this::oaep));
    }
    for (int bits : KeyType.RSA.sizes()) {
      suites.put(
          "rsa_oaep_" + bits + "_sha256_mgf1sha1",
          new Suite("OAEP as such, with MGF1 over another hash", this::oaep));
    }
    suites.put(
        "rsa_oaep_misc",
        new Suite("RSA-OAEP, RSA-OAEP-256; OAEP as such where hash or label differ", this::oaep));
    for (int bits : KeyType.RSA.sizes()) {
      suites.put("rsa_pkcs1_" + bits, new Suite("RSA1_5", this::pkcs1Decrypt));
    }
    suites.put("aes_gcm", new Suite("A128GCM, A192GCM, A256GCM", _ -> this::gcm));
    suites.put("aes_cbc_pkcs5", new Suite("A128CBCPAD, A192CBCPAD, A256CBCPAD", _ -> this::cbc));
    suites.put(
        "aes_wrap",
        new Suite("A128KW, A192KW, A256KW, CKM_AES_KEY_WRAP", _ -> test -> wrap(test, false)));
    suites.put("aes_kwp", new Suite("CKM_AES_KEY_WRAP_PAD", _ -> test -> wrap(test, true)));
    hmac("hmac_sha256", KeyAlgorithm.HS256);
    hmac("hmac_sha384", KeyAlgorithm.HS384);
    hmac("hmac_sha512", KeyAlgorithm.HS512);
    for (KeyAlgorithm algorithm : KeyAlgorithm.akp()) {
      String name = "mldsa_" + algorithm.wire().substring("ML-DSA-".length());
      suites.put(
          name + "_verify", new Suite(algorithm.wire(), group -> mlDsaVerify(algorithm, group)));
      suites.put(
          name + "_sign_seed", new Suite(algorithm.wire(), group -> mlDsaSign(algorithm, group)));
    }
  }

  List<Tally> runAll() {
    return run(_ -> 1);
  }

  /** Some cases of each file, always the same ones. */
  public List<Tally> runSample() {
    return run(cases -> Math.max(1, cases / SAMPLE));
  }

  private List<Tally> run(IntUnaryOperator step) {
    List<Tally> tallies = new ArrayList<>();
    suites.forEach((file, suite) -> tallies.add(run(file + "_test", suite, step)));
    return tallies;
  }

  private Tally run(String file, Suite suite, IntUnaryOperator steps) {
    int cases = 0;
    int ran = 0;
    int seen = 0;
    JsonNode content = read(file);
    int step = steps.applyAsInt(content.get("numberOfTests").asInt());
    Map<String, Integer> early = new TreeMap<>();
    Map<String, Integer> notApplicable = new TreeMap<>();
    List<String> mismatches = new ArrayList<>();
    for (JsonNode group : content.get("testGroups")) {
      Case one = null;
      for (JsonNode test : group.get("tests")) {
        if (seen++ % step != 0) {
          continue;
        }
        cases++;
        one = one == null ? suite.group.open(group) : one;
        String result = test.get("result").asString();
        Outcome outcome =
            result.equals("acceptable")
                ? new Outcome.NotApplicable("the vector leaves the answer open")
                : one.run(test);
        switch (outcome) {
          case Outcome.Ran it -> {
            ran++;
            if (it.accepted != result.equals("valid")) {
              mismatches.add(file + " tcId " + test.get("tcId") + " is " + result);
            }
          }
          case Outcome.Early it -> early.merge(it.reason, 1, Integer::sum);
          case Outcome.NotApplicable it -> notApplicable.merge(it.reason, 1, Integer::sum);
        }
      }
    }
    return new Tally(file, suite.algorithms, cases, ran, early, notApplicable, mismatches);
  }

  private void ecdsa(String file, KeyAlgorithm algorithm) {
    suites.put(
        file,
        new Suite(
            algorithm.wire(),
            group -> {
              JsonNode key = group.get("publicKey");
              Curve curve = algorithm.curve().orElseThrow();
              return verifying(
                  EcMath.point(curve, number(key, "wx"), number(key, "wy")).orElseThrow(),
                  algorithm);
            }));
  }

  private void rsaVerify(String file, KeyAlgorithm algorithm) {
    suites.put(
        file,
        new Suite(algorithm.wire(), group -> verifying(rsaPublic(group), algorithm)));
  }

  private static PublicJwk rsaPublic(JsonNode group) {
    JsonNode key = group.get("publicKey");
    return new PublicJwk.Rsa(number(key, "modulus"), number(key, "publicExponent"));
  }

  private Case verifying(PublicJwk key, KeyAlgorithm algorithm) {
    return keys.openPublic(key)
        .<Case>map(open -> test -> verify(open, algorithm, test))
        .orElse(PUBLIC_ONLY);
  }

  private static Outcome verify(OpenKey open, KeyAlgorithm algorithm, JsonNode test) {
    return new Outcome.Ran(
        open.verify(
            algorithm,
            new ToSign.Digest(digest(algorithm.hash().orElseThrow(), bytes(test, "msg"))),
            bytes(test, "sig")));
  }

  private Case pssOfAnyHash(JsonNode group) {
    Optional<KeyAlgorithm> algorithm =
        algorithm(KeyAlgorithm.Family.RSA_PSS, group.get("sha").asString())
            .filter(_ -> group.get("mgfSha").equals(group.get("sha")))
            .filter(row -> row.hash().orElseThrow().bytes() == group.get("sLen").asInt());
    if (algorithm.isEmpty()) {
      return _ -> new Outcome.NotApplicable("hash, mask or salt that no PS algorithm has");
    }
    return verifying(rsaPublic(group), algorithm.get());
  }

  private Case rsaSign(JsonNode group) {
    Optional<KeyAlgorithm> algorithm =
        algorithm(KeyAlgorithm.Family.RSA_PKCS1_SIGNATURE, group.get("sha").asString());
    if (algorithm.isEmpty()) {
      return _ -> new Outcome.NotApplicable("a hash that no RS algorithm has");
    }
    Optional<OpenKey> open = importRsa(group);
    if (open.isEmpty()) {
      return _ -> new Outcome.Early("the key is refused at import");
    }
    return test ->
        new Outcome.Ran(
            Arrays.equals(
                open.get()
                    .sign(
                        algorithm.get(),
                        new ToSign.Digest(
                            digest(algorithm.get().hash().orElseThrow(), bytes(test, "msg")))),
                bytes(test, "sig")));
  }

  private Case oaep(JsonNode group) {
    Optional<Hash> hash = hash(group.get("sha").asString());
    Optional<Hash> mgf = hash(group.get("mgfSha").asString());
    if (hash.isEmpty() || mgf.isEmpty()) {
      return _ -> new Outcome.NotApplicable("a hash that is not ours");
    }
    Optional<KeyAlgorithm> algorithm =
        hash.equals(mgf)
            ? algorithm(KeyAlgorithm.Family.RSA_OAEP, group.get("sha").asString())
            : Optional.empty();
    Optional<OpenKey> open = importRsa(group);
    if (algorithm.isPresent() && open.isPresent()) {
      return test ->
          bytes(test, "label").length == 0
              ? decrypt(open.get(), algorithm.get(), test)
              : oaepAsSuch(group, hash.get(), mgf.get(), test);
    }
    return test -> oaepAsSuch(group, hash.get(), mgf.get(), test);
  }

  /** Around the engine's operation, for keys and parameters that no algorithm has. */
  private Outcome oaepAsSuch(JsonNode group, Hash hash, Hash mgf, JsonNode test) {
    if (keys.engine().isEmpty()) {
      return NO_ALGORITHM;
    }
    JsonNode key = group.get("privateKey");
    byte[] ciphertext = bytes(test, "ct");
    BigInteger n = number(key, "modulus");
    int length = (n.bitLength() + 7) / 8;
    if (ciphertext.length != length || new BigInteger(1, ciphertext).compareTo(n) >= 0) {
      return new Outcome.Ran(false);
    }
    try (RsaParts parts =
            RsaParts.of(
                n,
                number(key, "publicExponent"),
                number(key, "privateExponent"),
                number(key, "prime1"),
                number(key, "prime2"));
        Engine.RsaHandle handle = keys.engine().get().open(parts)) {
      return new Outcome.Ran(
          RsaEncoding.oaepDecode(hash, mgf, bytes(test, "label"), handle.privately(ciphertext))
              .filter(plain -> Arrays.equals(plain, bytes(test, "msg")))
              .isPresent());
    }
  }

  private Case pkcs1Decrypt(JsonNode group) {
    OpenKey open = importRsa(group).orElseThrow();
    return test -> decrypt(open, KeyAlgorithm.RSA1_5, test);
  }

  private static Outcome decrypt(OpenKey open, KeyAlgorithm algorithm, JsonNode test) {
    try (SecretBytes plain =
        opened(open.decrypt(algorithm, Ciphertext.of(bytes(test, "ct"))))) {
      return new Outcome.Ran(Arrays.equals(plain.exposed(), bytes(test, "msg")));
    } catch (VaultException e) {
      return refusal(e);
    }
  }

  private static SecretBytes opened(Optional<SecretBytes> plain) {
    return plain.orElseThrow(() -> VaultException.of(ErrorCode.DECRYPTION_FAILED));
  }

  private static Outcome refusal(VaultException e) {
    return e.code() == ErrorCode.DECRYPTION_FAILED
        ? new Outcome.Ran(false)
        : new Outcome.Early(reason(e));
  }

  private static String reason(VaultException e) {
    return switch (e.code()) {
      case INPUT_LENGTH -> "length of the value";
      case KEY_SIZE_UNSUPPORTED -> "size of the key";
      default -> "a member of the wrong length";
    };
  }

  /** Empty when the key is not one of Key Vault's sizes. */
  private Optional<OpenKey> importRsa(JsonNode group) {
    JsonNode key = group.get("privateKey");
    Map<String, SecretBytes> members = new HashMap<>();
    Map.of(
            "modulus", "n",
            "publicExponent", "e",
            "privateExponent", "d",
            "prime1", "p",
            "prime2", "q",
            "exponent1", "dp",
            "exponent2", "dq",
            "coefficient", "qi")
        .forEach(
            (name, member) -> {
              if (key.has(name)) {
                members.put(member, SecretBytes.taking(RsaParts.unsigned(number(key, name))));
              }
            });
    try {
      return Optional.of(
          keys.open(new PrivateJwk(KeyType.RSA, Optional.empty(), Optional.empty(), members)));
    } catch (VaultException e) {
      if (e.code() == ErrorCode.KEY_SIZE_UNSUPPORTED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Outcome gcm(JsonNode test) {
    byte[] key = bytes(test, "key");
    byte[] plain = bytes(test, "msg");
    KeyAlgorithm algorithm = KeyAlgorithm.find("A" + key.length * 8 + "GCM").orElseThrow();
    Ciphertext ciphertext =
        new Ciphertext(
            bytes(test, "ct"),
            Optional.of(bytes(test, "iv")),
            Optional.of(bytes(test, "tag")),
            Optional.of(bytes(test, "aad")));
    try (OpenKey open = oct(key);
        SecretBytes opened = opened(open.decrypt(algorithm, ciphertext))) {
      byte[] sealed =
          Aes.gcmSeal(
              new SecretKeySpec(key, "AES"), bytes(test, "iv"), bytes(test, "aad"), plain);
      return new Outcome.Ran(
          Arrays.equals(opened.exposed(), plain)
              && Arrays.equals(sealed, concat(bytes(test, "ct"), bytes(test, "tag"))));
    } catch (VaultException e) {
      return refusal(e);
    }
  }

  private Outcome cbc(JsonNode test) {
    byte[] key = bytes(test, "key");
    byte[] plain = bytes(test, "msg");
    Optional<byte[]> iv = Optional.of(bytes(test, "iv"));
    KeyAlgorithm algorithm = KeyAlgorithm.find("A" + key.length * 8 + "CBCPAD").orElseThrow();
    Ciphertext ciphertext =
        new Ciphertext(bytes(test, "ct"), iv, Optional.empty(), Optional.empty());
    try (OpenKey open = oct(key);
        SecretBytes opened = opened(open.decrypt(algorithm, ciphertext))) {
      Ciphertext again =
          open.encrypt(algorithm, SecretBytes.taking(plain.clone()), iv, Optional.empty());
      return new Outcome.Ran(
          Arrays.equals(opened.exposed(), plain)
              && Arrays.equals(again.value(), bytes(test, "ct")));
    } catch (VaultException e) {
      return refusal(e);
    }
  }

  private Outcome wrap(JsonNode test, boolean padded) {
    byte[] key = bytes(test, "key");
    byte[] plain = bytes(test, "msg");
    List<KeyAlgorithm> algorithms =
        padded
            ? List.of(KeyAlgorithm.CKM_AES_KEY_WRAP_PAD)
            : List.of(
                KeyAlgorithm.CKM_AES_KEY_WRAP,
                KeyAlgorithm.find("A" + key.length * 8 + "KW").orElseThrow());
    boolean accepted = true;
    try (OpenKey open = oct(key)) {
      for (KeyAlgorithm algorithm : algorithms) {
        byte[] unwrapped = opened(open.unwrap(algorithm, bytes(test, "ct"))).exposed();
        accepted &= Arrays.equals(unwrapped, plain);
        accepted &=
            Arrays.equals(
                open.wrap(algorithm, SecretBytes.taking(plain.clone())), bytes(test, "ct"));
      }
    } catch (VaultException e) {
      return refusal(e);
    }
    return new Outcome.Ran(accepted);
  }

  private void hmac(String file, KeyAlgorithm algorithm) {
    suites.put(
        file,
        new Suite(
            algorithm.wire() + "; HMAC as such where the size of the key differs",
            group -> {
              if (group.get("tagSize").asInt() != 8 * algorithm.hash().orElseThrow().bytes()) {
                return _ -> new Outcome.NotApplicable("tags are not cut short");
              }
              boolean ours = KeyType.OCT.sizes().contains(group.get("keySize").asInt());
              return test -> ours ? hmac(algorithm, test) : hmacAsSuch(algorithm, test);
            }));
  }

  private Outcome hmac(KeyAlgorithm algorithm, JsonNode test) {
    try (OpenKey open = oct(bytes(test, "key"))) {
      ToSign what = new ToSign.Digest(bytes(test, "msg"));
      byte[] tag = bytes(test, "tag");
      boolean same = Arrays.equals(open.sign(algorithm, what), tag);
      return new Outcome.Ran(open.verify(algorithm, what, tag) && same);
    }
  }

  /** With keys of sizes that a key vault does not have. */
  private Outcome hmacAsSuch(KeyAlgorithm algorithm, JsonNode test) {
    if (keys.engine().isEmpty()) {
      return NO_ALGORITHM;
    }
    byte[] tag =
        Hmac.of(algorithm.hash().orElseThrow(), bytes(test, "key"), bytes(test, "msg"));
    return new Outcome.Ran(Arrays.equals(tag, bytes(test, "tag")));
  }

  private OpenKey oct(byte[] key) {
    return keys.open(
        new PrivateJwk(
            KeyType.OCT,
            Optional.empty(),
            Optional.empty(),
            Map.of("k", SecretBytes.taking(key.clone()))));
  }

  private Case mlDsaVerify(KeyAlgorithm algorithm, JsonNode group) {
    Optional<OpenKey> open;
    try {
      open = keys.openPublic(new PublicJwk.Akp(algorithm, bytes(group, "publicKey")));
    } catch (IllegalArgumentException e) {
      return _ -> new Outcome.Early("length of the public key");
    }
    if (open.isEmpty()) {
      return PUBLIC_ONLY;
    }
    return test -> {
      try {
        return new Outcome.Ran(
            open.get()
                .verify(
                    algorithm,
                    new ToSign.Message(bytes(test, "msg"), context(test)),
                    bytes(test, "sig")));
      } catch (VaultException e) {
        return new Outcome.Early("context of more than 255 bytes");
      }
    };
  }

  private Case mlDsaSign(KeyAlgorithm algorithm, JsonNode group) {
    byte[] seed = bytes(group, "privateSeed");
    OpenKey open;
    try {
      open =
          keys.open(
              new PrivateJwk(
                  KeyType.AKP,
                  Optional.empty(),
                  Optional.of(algorithm),
                  Map.of(
                      "priv", SecretBytes.taking(seed.clone()),
                      "pub", SecretBytes.taking(bytes(group, "publicKey")))));
    } catch (VaultException e) {
      return _ -> new Outcome.Early("the key is refused at import");
    }
    if (keys.engine().isEmpty()) {
      return test -> verifiesSigned(open, algorithm, test);
    }
    MLDSAPrivateKeyParameters key = MlDsa.expand(algorithm, seed);
    return test -> {
      SecureRandom random = test.has("rnd") ? fixed(bytes(test, "rnd")) : ZEROS;
      boolean accepted = true;
      try {
        if (test.has("msg")) {
          ToSign message = new ToSign.Message(bytes(test, "msg"), context(test));
          accepted &= Arrays.equals(MlDsa.sign(key, message, random), bytes(test, "sig"));
        }
        if (test.has("mu")) {
          ToSign mu = new ToSign.ExternalMu(bytes(test, "mu"));
          accepted &= Arrays.equals(MlDsa.sign(key, mu, random), bytes(test, "sig"));
        }
        return new Outcome.Ran(accepted);
      } catch (VaultException e) {
        return new Outcome.Early("context of more than 255 bytes");
      }
    };
  }

  /** A vault signs with randomness of its own: it is asked whether it would have signed this. */
  private static Outcome verifiesSigned(OpenKey open, KeyAlgorithm algorithm, JsonNode test) {
    boolean accepted = true;
    try {
      if (test.has("msg")) {
        ToSign message = new ToSign.Message(bytes(test, "msg"), context(test));
        accepted &= open.verify(algorithm, message, bytes(test, "sig"));
        accepted &= open.verify(algorithm, message, open.sign(algorithm, message));
      }
      if (test.has("mu")) {
        ToSign mu = new ToSign.ExternalMu(bytes(test, "mu"));
        accepted &= open.verify(algorithm, mu, bytes(test, "sig"));
      }
      return new Outcome.Ran(accepted);
    } catch (VaultException e) {
      return new Outcome.Early("context of more than 255 bytes");
    }
  }

  private static byte[] context(JsonNode test) {
    return test.has("ctx") ? bytes(test, "ctx") : new byte[0];
  }

  private static SecureRandom fixed(byte[] bytes) {
    return new SecureRandom() {
      @Override
      public void nextBytes(byte[] out) {
        System.arraycopy(bytes, 0, out, 0, out.length);
      }
    };
  }

  private static Optional<KeyAlgorithm> algorithm(KeyAlgorithm.Family family, String hash) {
    return Arrays.stream(KeyAlgorithm.values())
        .filter(row -> row.family() == family)
        .filter(row -> row.hash().orElseThrow().standard().equals(hash))
        .findFirst();
  }

  private static Optional<Hash> hash(String name) {
    return Arrays.stream(Hash.values()).filter(row -> row.standard().equals(name)).findFirst();
  }

  private static byte[] digest(Hash hash, byte[] message) {
    try {
      return MessageDigest.getInstance(hash.standard()).digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static byte[] bytes(JsonNode node, String member) {
    return HexFormat.of().parseHex(node.get(member).asString());
  }

  private static BigInteger number(JsonNode node, String member) {
    return new BigInteger(1, bytes(node, member));
  }

  private static JsonNode read(String file) {
    try (InputStream in =
        new GZIPInputStream(
            Wycheproof.class.getResourceAsStream("/vectors/wycheproof/" + file + ".json.gz"))) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
