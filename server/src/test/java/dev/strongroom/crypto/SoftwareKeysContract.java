package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What keys of every type promise, whatever engine is below. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SoftwareKeysContract {
  private static final byte[] MESSAGE = "strongroom".getBytes(StandardCharsets.UTF_8);

  private SoftwareKeys keys;
  private OpenKey rsa;

  abstract Engine engine();

  @BeforeAll
  void open() {
    keys = new SoftwareKeys(engine());
    rsa = keys.open(keys.generate(new KeySpec.Rsa(2048)));
  }

  @AfterAll
  void close() {
    rsa.close();
    keys.close();
  }

  @Test
  void generate_eachSpec_isStoredReadAndOpened() {
    Set<KeySpec> specs = new HashSet<>();
    specs.add(new KeySpec.Rsa(2048));
    specs.add(new KeySpec.Rsa(2048, 3));
    for (Curve curve : Curve.values()) {
      specs.add(new KeySpec.Ec(curve));
    }
    KeyType.OCT.sizes().forEach(size -> specs.add(new KeySpec.Oct(size)));
    KeyAlgorithm.akp().forEach(algorithm -> specs.add(new KeySpec.Akp(algorithm)));
    for (KeySpec spec : specs) {
      Material made = keys.generate(spec);
      assertThat(KeySpec.like(made.publicJwk())).isEqualTo(spec);
      PublicJwk publicJwk = PublicJwk.read(made.publicJwk().stored());
      assertThat(publicJwk).isEqualTo(made.publicJwk());
      Material read =
          Material.read(SecretBytes.taking(made.stored().exposed().clone()), publicJwk);
      try (OpenKey key = keys.open(read)) {
        read.close();
        roundTrips(key);
      }
      assertThat(read.stored().exposed()).containsOnly(0);
      assertThat(made.toString()).contains("redacted");
    }
  }

  /** Every algorithm that fits the key, in every operation that it serves. */
  private void roundTrips(OpenKey key) {
    int served = 0;
    for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
      if (!algorithm.fits(key.publicJwk())) {
        continue;
      }
      if (algorithm.operations().contains(KeyOperation.SIGN)) {
        ToSign what = toSign(algorithm, (byte) 1);
        byte[] signature = key.sign(algorithm, what);
        assertThat(key.verify(algorithm, what, signature)).as(algorithm.wire()).isTrue();
        assertThat(key.verify(algorithm, toSign(algorithm, (byte) 2), signature)).isFalse();
        signature[signature.length / 2] ^= 1;
        assertThat(key.verify(algorithm, what, signature)).isFalse();
        assertThat(key.verify(algorithm, what, new byte[signature.length])).isFalse();
        assertThat(key.verify(algorithm, what, new byte[0])).isFalse();
        assertThat(key.verify(algorithm, what, Arrays.copyOf(signature, signature.length + 1)))
            .isFalse();
      }
      if (algorithm.operations().contains(KeyOperation.ENCRYPT)) {
        byte[] plain = Arrays.copyOf(MESSAGE, 32);
        Ciphertext made = key.encrypt(algorithm, secret(plain), iv(algorithm), Optional.empty());
        assertThat(key.decrypt(algorithm, made).orElseThrow().exposed()).as(algorithm.wire()).isEqualTo(plain);
      }
      if (algorithm.operations().contains(KeyOperation.WRAP_KEY)) {
        byte[] plain = Arrays.copyOf(MESSAGE, 24);
        byte[] wrapped = key.wrap(algorithm, secret(plain));
        assertThat(key.unwrap(algorithm, wrapped).orElseThrow().exposed()).isEqualTo(plain);
        wrapped[3] ^= 1;
        assertThat(key.unwrap(algorithm, wrapped)).isEmpty();
        assertThat(key.unwrap(algorithm, Arrays.copyOf(wrapped, wrapped.length - 1))).isEmpty();
        assertThat(key.unwrap(algorithm, new byte[0])).isEmpty();
      }
      served++;
    }
    assertThat(served).isPositive();
  }

  private static Optional<byte[]> iv(KeyAlgorithm algorithm) {
    return switch (algorithm.family()) {
      case AES_CBC, AES_CBC_PAD -> Optional.of(Randoms.bytes(16));
      default -> Optional.empty();
    };
  }

  private static ToSign toSign(KeyAlgorithm algorithm, byte fill) {
    byte[] bytes = new byte[algorithm.digestLength().orElse(33)];
    Arrays.fill(bytes, fill);
    return algorithm.type() == KeyType.AKP
        ? new ToSign.Message(bytes, new byte[0])
        : new ToSign.Digest(bytes);
  }

  @Test
  void sign_rsa_isVerifiedByTheJdk() throws Exception {
    PublicKey jdk = jdk(rsa);
    for (KeyAlgorithm algorithm :
        EnumSet.of(
            KeyAlgorithm.RS256, KeyAlgorithm.RS384, KeyAlgorithm.RS512, KeyAlgorithm.PS256,
            KeyAlgorithm.PS384, KeyAlgorithm.PS512)) {
      String hash = algorithm.hash().orElseThrow().standard();
      byte[] signature = rsa.sign(algorithm, digest(algorithm));
      boolean pss = algorithm.family() == KeyAlgorithm.Family.RSA_PSS;
      Signature verifier =
          Signature.getInstance(pss ? "RSASSA-PSS" : hash.replace("-", "") + "withRSA");
      if (pss) {
        verifier.setParameter(
            new PSSParameterSpec(
                hash, "MGF1", new MGF1ParameterSpec(hash), signature(algorithm), 1));
      }
      verifier.initVerify(jdk);
      verifier.update(MESSAGE);
      assertThat(verifier.verify(signature)).as(algorithm.wire()).isTrue();
    }
  }

  private static int signature(KeyAlgorithm algorithm) {
    return algorithm.hash().orElseThrow().bytes();
  }

  @Test
  void sign_rsnullOverDigestInfo_isRs256() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(MESSAGE);
    byte[] info = Arrays.copyOf(
        java.util.HexFormat.of().parseHex("3031300d060960864801650304020105000420"), 19 + 32);
    System.arraycopy(digest, 0, info, 19, 32);
    assertThat(rsa.sign(KeyAlgorithm.RSNULL, new ToSign.Digest(info)))
        .isEqualTo(rsa.sign(KeyAlgorithm.RS256, new ToSign.Digest(digest)));
  }

  @Test
  void decrypt_whatTheJdkEncrypted_opens() throws Exception {
    for (KeyAlgorithm algorithm :
        EnumSet.of(KeyAlgorithm.RSA1_5, KeyAlgorithm.RSA_OAEP, KeyAlgorithm.RSA_OAEP_256)) {
      Cipher cipher;
      if (algorithm == KeyAlgorithm.RSA1_5) {
        cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, jdk(rsa));
      } else {
        String hash = algorithm.hash().orElseThrow().standard();
        cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
            Cipher.ENCRYPT_MODE,
            jdk(rsa),
            new OAEPParameterSpec(
                hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
      }
      byte[] made = cipher.doFinal(MESSAGE);
      assertThat(rsa.decrypt(algorithm, Ciphertext.of(made)).orElseThrow().exposed()).isEqualTo(MESSAGE);
    }
  }

  @Test
  void encrypt_emptyAndLongestMessages_roundTrip() {
    for (KeyAlgorithm algorithm :
        EnumSet.of(KeyAlgorithm.RSA1_5, KeyAlgorithm.RSA_OAEP, KeyAlgorithm.RSA_OAEP_256)) {
      int most = algorithm.mostInput(2048).orElseThrow();
      for (int length : new int[] {0, 1, most - 1, most}) {
        byte[] plain = Randoms.bytes(length);
        byte[] made = rsa.wrap(algorithm, secret(plain));
        assertThat(rsa.unwrap(algorithm, made).orElseThrow().exposed()).isEqualTo(plain);
      }
      refused(ErrorCode.INPUT_LENGTH, () -> rsa.wrap(algorithm, secret(new byte[most + 1])));
    }
  }

  @Test
  void encryptAndDecrypt_rsaWithMembersOfSymmetricKeys_areRefused() {
    Optional<byte[]> some = Optional.of(new byte[16]);
    Optional<byte[]> none = Optional.empty();
    KeyAlgorithm algorithm = KeyAlgorithm.RSA_OAEP_256;
    refused(
        ErrorCode.PROPERTY_INVALID, () -> rsa.encrypt(algorithm, secret(MESSAGE), some, none));
    refused(
        ErrorCode.PROPERTY_INVALID, () -> rsa.encrypt(algorithm, secret(MESSAGE), none, some));
    byte[] value = rsa.encrypt(algorithm, secret(MESSAGE), none, none).value();
    for (Ciphertext more :
        new Ciphertext[] {
          new Ciphertext(value, some, none, none),
          new Ciphertext(value, none, some, none),
          new Ciphertext(value, none, none, some)
        }) {
      refused(ErrorCode.PROPERTY_INVALID, () -> rsa.decrypt(algorithm, more));
    }
  }

  @Test
  void unwrap_everyKindOfBadBlock_isNothing() {
    PublicJwk.Rsa key = (PublicJwk.Rsa) rsa.publicJwk();
    Random random = new Random(5);
    for (KeyAlgorithm algorithm :
        EnumSet.of(KeyAlgorithm.RSA1_5, KeyAlgorithm.RSA_OAEP, KeyAlgorithm.RSA_OAEP_256)) {
      for (int i = 0; i < 50; i++) {
        byte[] block = new byte[256];
        random.nextBytes(block);
        block[0] = (byte) (i % 3 == 0 ? 0 : 1);
        block[1] = (byte) (i % 5 == 0 ? 2 : 7);
        if (i % 10 == 0) {
          for (int at = 2; at < 256; at++) {
            block[at] |= 1;
          }
        }
        byte[] bad =
            PublicJwk.fixed(new BigInteger(1, block).mod(key.n()).modPow(key.e(), key.n()), 256);
        if (i % 3 == 0 && i % 5 == 0 && algorithm == KeyAlgorithm.RSA1_5 && i % 10 != 0) {
          continue;
        }
        assertThat(rsa.unwrap(algorithm, bad)).isEmpty();
      }
      assertThat(rsa.unwrap(algorithm, PublicJwk.fixed(key.n(), 256))).isEmpty();
      assertThat(rsa.unwrap(algorithm, new byte[255])).isEmpty();
      assertThat(rsa.unwrap(algorithm, new byte[256])).isEmpty();
    }
  }

  @Test
  void sign_wrongDigestLength_isRefusedAsAzureDoes() {
    assertThatThrownBy(() -> rsa.sign(KeyAlgorithm.RS256, new ToSign.Digest(new byte[10])))
        .hasMessage(
            "Invalid length of 'value': 10 bytes. RS256 requires 32 bytes, encoded with base64url.");
    try (OpenKey ec = keys.open(keys.generate(new KeySpec.Ec(Curve.P_256)))) {
      assertThatThrownBy(
              () -> ec.verify(KeyAlgorithm.ES256, new ToSign.Digest(new byte[33]), new byte[64]))
          .hasMessage(
              "Invalid length of 'digest': 33 bytes. ES256 requires 32 bytes, encoded with"
                  + " base64url.");
    }
  }

  @Test
  void use_algorithmOfAnotherKey_isRefused() {
    refused(
        ErrorCode.KEY_TYPE_INCOMPATIBLE,
        () -> rsa.sign(KeyAlgorithm.ES256, new ToSign.Digest(new byte[32])));
    refused(ErrorCode.KEY_TYPE_INCOMPATIBLE, () -> rsa.wrap(KeyAlgorithm.A256KW, secret(MESSAGE)));
    refused(
        ErrorCode.PROPERTY_INVALID,
        () -> rsa.sign(KeyAlgorithm.RSA_OAEP, new ToSign.Digest(new byte[32])));
    try (OpenKey ec = keys.open(keys.generate(new KeySpec.Ec(Curve.P_256)));
        OpenKey oct = keys.open(keys.generate(new KeySpec.Oct(128)));
        OpenKey akp = keys.open(keys.generate(new KeySpec.Akp(KeyAlgorithm.ML_DSA_44)))) {
      refused(
          ErrorCode.KEY_CURVE_INCOMPATIBLE,
          () -> ec.sign(KeyAlgorithm.ES256K, new ToSign.Digest(new byte[32])));
      refused(
          ErrorCode.KEY_TYPE_INCOMPATIBLE, () -> ec.wrap(KeyAlgorithm.RSA_OAEP, secret(MESSAGE)));
      refused(
          ErrorCode.KEY_SIZE_INCOMPATIBLE, () -> oct.wrap(KeyAlgorithm.A256KW, secret(new byte[16])));
      refused(
          ErrorCode.KEY_ALGORITHM_INCOMPATIBLE,
          () -> akp.sign(KeyAlgorithm.ML_DSA_65, new ToSign.Message(MESSAGE, new byte[0])));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () -> akp.sign(KeyAlgorithm.ML_DSA_44, new ToSign.Digest(MESSAGE)));
    }
    refused(
        ErrorCode.PROPERTY_INVALID,
        () -> rsa.sign(KeyAlgorithm.RS256, new ToSign.Message(new byte[32], new byte[0])));
  }

  @Test
  void openPublic_everyKey_verifiesAndEncryptsButNotMore() {
    try (OpenKey open = keys.openPublic(rsa.publicJwk())) {
      byte[] signature = rsa.sign(KeyAlgorithm.PS384, digest(KeyAlgorithm.PS384));
      assertThat(open.verify(KeyAlgorithm.PS384, digest(KeyAlgorithm.PS384), signature)).isTrue();
      byte[] wrapped = open.wrap(KeyAlgorithm.RSA_OAEP_256, secret(MESSAGE));
      assertThat(rsa.unwrap(KeyAlgorithm.RSA_OAEP_256, wrapped).orElseThrow().exposed()).isEqualTo(MESSAGE);
      assertThatThrownBy(() -> open.unwrap(KeyAlgorithm.RSA_OAEP_256, wrapped))
          .isInstanceOf(IllegalStateException.class);
    }
    for (Curve curve : Curve.values()) {
      KeyAlgorithm algorithm =
          Arrays.stream(KeyAlgorithm.values())
              .filter(row -> row.curve().equals(Optional.of(curve)))
              .findFirst()
              .orElseThrow();
      OpenKey key = keys.open(keys.generate(new KeySpec.Ec(curve)));
      byte[] signature = key.sign(algorithm, toSign(algorithm, (byte) 7));
      assertThat(signature).hasSize(2 * curve.bytes());
      try (OpenKey open = keys.openPublic(key.publicJwk())) {
        assertThat(open.verify(algorithm, toSign(algorithm, (byte) 7), signature)).isTrue();
        assertThatThrownBy(() -> open.sign(algorithm, toSign(algorithm, (byte) 7)))
            .isInstanceOf(IllegalStateException.class);
      }
      key.close();
      assertThatThrownBy(() -> key.sign(algorithm, toSign(algorithm, (byte) 7)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void sign_mlDsaWithContextOrMu_bindsThem() {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Akp(KeyAlgorithm.ML_DSA_65)))) {
      byte[] context = "one".getBytes(StandardCharsets.UTF_8);
      byte[] signature = key.sign(KeyAlgorithm.ML_DSA_65, new ToSign.Message(MESSAGE, context));
      assertThat(
              key.verify(KeyAlgorithm.ML_DSA_65, new ToSign.Message(MESSAGE, context), signature))
          .isTrue();
      assertThat(
              key.verify(
                  KeyAlgorithm.ML_DSA_65, new ToSign.Message(MESSAGE, new byte[0]), signature))
          .isFalse();
      byte[] mu = mu(((PublicJwk.Akp) key.publicJwk()).pub(), context);
      assertThat(key.verify(KeyAlgorithm.ML_DSA_65, new ToSign.ExternalMu(mu), signature))
          .isTrue();
      byte[] other = key.sign(KeyAlgorithm.ML_DSA_65, new ToSign.ExternalMu(mu));
      assertThat(key.verify(KeyAlgorithm.ML_DSA_65, new ToSign.Message(MESSAGE, context), other))
          .isTrue();
    }
    refused(ErrorCode.PROPERTY_INVALID, () -> new ToSign.ExternalMu(new byte[63]));
    refused(ErrorCode.PROPERTY_INVALID, () -> new ToSign.Message(MESSAGE, new byte[256]));
  }

  /** SHAKE256 of the key's hash, the domain, the context and the message (FIPS 204 algorithm 7). */
  private static byte[] mu(byte[] pub, byte[] context) {
    byte[] tr = shake(pub);
    byte[] head = {0, (byte) context.length};
    return shake(tr, head, context, MESSAGE);
  }

  private static byte[] shake(byte[]... parts) {
    org.bouncycastle.crypto.digests.SHAKEDigest shake =
        new org.bouncycastle.crypto.digests.SHAKEDigest(256);
    for (byte[] part : parts) {
      shake.update(part, 0, part.length);
    }
    byte[] out = new byte[64];
    shake.doFinal(out, 0, 64);
    return out;
  }

  @Test
  void encrypt_gcm_makesItsOwnIvAndBindsTheAdditionalData() {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Oct(256)))) {
      Optional<byte[]> aad = Optional.of(MESSAGE);
      Ciphertext one = key.encrypt(KeyAlgorithm.A256GCM, secret(MESSAGE), Optional.empty(), aad);
      Ciphertext two = key.encrypt(KeyAlgorithm.A256GCM, secret(MESSAGE), Optional.empty(), aad);
      assertThat(one.iv().orElseThrow()).hasSize(12).isNotEqualTo(two.iv().orElseThrow());
      assertThat(one.tag().orElseThrow()).hasSize(16);
      assertThat(one.aad()).isEqualTo(aad);
      assertThat(key.decrypt(KeyAlgorithm.A256GCM, one).orElseThrow().exposed()).isEqualTo(MESSAGE);
      assertThat(
              key.decrypt(
                  KeyAlgorithm.A256GCM,
                  new Ciphertext(one.value(), one.iv(), one.tag(), Optional.empty())))
          .isEmpty();
      refused(
          ErrorCode.PROPERTY_INVALID,
          () ->
              key.encrypt(
                  KeyAlgorithm.A256GCM, secret(MESSAGE), one.iv(), Optional.empty()));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () ->
              key.decrypt(
                  KeyAlgorithm.A256GCM,
                  new Ciphertext(
                      one.value(), one.iv(), Optional.of(new byte[4]), Optional.empty())));
    }
  }

  @Test
  void decrypt_cbc_refusesWhatIsNotWholeBlocksAndEveryBadPadding() {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Oct(128)))) {
      Optional<byte[]> iv = Optional.of(new byte[16]);
      refused(
          ErrorCode.INPUT_LENGTH,
          () -> key.encrypt(KeyAlgorithm.A128CBC, secret(new byte[0]), iv, Optional.empty()));
      refused(
          ErrorCode.INPUT_LENGTH,
          () -> key.encrypt(KeyAlgorithm.A128CBC, secret(new byte[17]), iv, Optional.empty()));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () ->
              key.encrypt(
                  KeyAlgorithm.A128CBC, secret(new byte[16]), Optional.empty(), Optional.empty()));
      for (KeyAlgorithm algorithm : EnumSet.of(KeyAlgorithm.A128CBC, KeyAlgorithm.A128CBCPAD)) {
        for (int length : new int[] {0, 15, 17}) {
          refused(
              ErrorCode.INPUT_LENGTH,
              () -> key.decrypt(algorithm, cipher(new byte[length], iv)));
        }
      }
      for (int length = 0; length <= 33; length++) {
        byte[] plain = Randoms.bytes(length);
        Ciphertext made =
            key.encrypt(KeyAlgorithm.A128CBCPAD, secret(plain), iv, Optional.empty());
        assertThat(made.value()).hasSize((length / 16 + 1) * 16);
        assertThat(key.decrypt(KeyAlgorithm.A128CBCPAD, made).orElseThrow().exposed()).isEqualTo(plain);
      }
      for (byte[] bad : new byte[][] {ending(0), ending(17), ending(255), ending(2), ending(16)}) {
        Ciphertext made = key.encrypt(KeyAlgorithm.A128CBC, secret(bad), iv, Optional.empty());
        assertThat(key.decrypt(KeyAlgorithm.A128CBCPAD, made)).isEmpty();
      }
    }
  }

  private static Ciphertext cipher(byte[] value, Optional<byte[]> iv) {
    return new Ciphertext(value, iv, Optional.empty(), Optional.empty());
  }

  private static byte[] ending(int last) {
    byte[] block = new byte[32];
    Arrays.fill(block, (byte) 0x55);
    block[31] = (byte) last;
    return block;
  }

  @Test
  void wrap_lengthsThatTheRfcsForbid_areRefused() {
    try (OpenKey key = keys.open(keys.generate(new KeySpec.Oct(256)))) {
      for (int length : new int[] {0, 8, 15, 17, 20}) {
        refused(
            ErrorCode.INPUT_LENGTH, () -> key.wrap(KeyAlgorithm.A256KW, secret(new byte[length])));
      }
      refused(
          ErrorCode.INPUT_LENGTH,
          () -> key.wrap(KeyAlgorithm.CKM_AES_KEY_WRAP_PAD, secret(new byte[0])));
      for (int length = 1; length < 40; length++) {
        byte[] plain = Randoms.bytes(length);
        byte[] wrapped = key.wrap(KeyAlgorithm.CKM_AES_KEY_WRAP_PAD, secret(plain));
        assertThat(key.unwrap(KeyAlgorithm.CKM_AES_KEY_WRAP_PAD, wrapped).orElseThrow().exposed())
            .isEqualTo(plain);
      }
      assertThat(key.unwrap(KeyAlgorithm.A256KW, new byte[16])).isEmpty();
    }
  }

  @Test
  void importJwk_exportedRsa_isTheSameKey() {
    try (RsaParts parts = engine().generateRsa(new KeySpec.Rsa(2048))) {
      Map<String, byte[]> all = members(parts);
      for (Set<String> without :
          Set.of(Set.of("none"), Set.of("dp", "dq", "qi"), Set.of("p", "q", "dp", "dq", "qi"))) {
        Map<String, byte[]> some = new HashMap<>(all);
        without.forEach(some::remove);
        Material made = keys.importJwk(jwk(KeyType.RSA, some));
        assertThat(made.publicJwk()).isEqualTo(parts.publicJwk());
        try (OpenKey key = keys.open(made)) {
          roundTrips(key);
        }
      }
      for (String member : all.keySet()) {
        Map<String, byte[]> wrong = new HashMap<>(all);
        wrong.compute(member, (_, bytes) -> changed(bytes));
        assertThatThrownBy(() -> keys.importJwk(jwk(KeyType.RSA, wrong)))
            .as(member)
            .isInstanceOf(VaultException.class);
      }
      for (String member : Set.of("n", "e", "d", "p", "q")) {
        Map<String, byte[]> missing = new HashMap<>(all);
        missing.remove(member);
        assertThatThrownBy(() -> keys.importJwk(jwk(KeyType.RSA, missing)))
            .as(member)
            .isInstanceOf(VaultException.class);
      }
    }
  }

  @Test
  void importJwk_rsaPrimesThatCanBeFound_areRefused() {
    Random random = new Random(29);
    BigInteger small = BigInteger.probablePrime(500, random);
    BigInteger large;
    do {
      large = BigInteger.probablePrime(1548, random);
    } while (small.multiply(large).bitLength() != 2048);
    BigInteger one;
    do {
      one = BigInteger.probablePrime(1024, random);
    } while (one.multiply(one).bitLength() != 2048);
    BigInteger next = one.nextProbablePrime();
    for (RsaParts weak : new RsaParts[] {rsaOf(small, large), rsaOf(one, next)}) {
      refused(
          ErrorCode.PROPERTY_INVALID, () -> keys.importJwk(jwk(KeyType.RSA, members(weak))));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () ->
              keys.importJwk(
                  jwk(KeyType.RSA, Map.of("n", weak.n(), "e", weak.e(), "d", weak.d()))));
    }
  }

  private static RsaParts rsaOf(BigInteger p, BigInteger q) {
    BigInteger e = BigInteger.valueOf(65537);
    BigInteger phi = p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE));
    return RsaParts.of(p.multiply(q), e, e.modInverse(phi), p, q);
  }

  @Test
  void importJwk_rsaExponentThatOnlyLooksLikeOne_isRefused() {
    try (RsaParts parts = engine().generateRsa(new KeySpec.Rsa(2048))) {
      // e times d less one is nothing but twos, the most work for whoever looks for the primes
      BigInteger d = RsaParts.number(parts.e()).modInverse(BigInteger.ONE.shiftLeft(2047));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () ->
              keys.importJwk(
                  jwk(
                      KeyType.RSA,
                      Map.of("n", parts.n(), "e", parts.e(), "d", RsaParts.unsigned(d)))));
    }
  }

  @Test
  void importJwk_rsaModulusThatIsAPrime_isRefused() {
    BigInteger e = BigInteger.valueOf(65537);
    BigInteger n = BigInteger.probablePrime(2048, new Random(31));
    BigInteger d = e.modInverse(n.subtract(BigInteger.ONE));
    refused(
        ErrorCode.PROPERTY_INVALID,
        () ->
            keys.importJwk(
                jwk(
                    KeyType.RSA,
                    Map.of(
                        "n", RsaParts.unsigned(n),
                        "e", RsaParts.unsigned(e),
                        "d", RsaParts.unsigned(d)))));
  }

  private static Map<String, byte[]> members(RsaParts parts) {
    Map<String, byte[]> all = new HashMap<>();
    all.put("n", parts.n());
    all.put("e", parts.e());
    all.put("d", parts.d());
    all.put("p", parts.p());
    all.put("q", parts.q());
    all.put("dp", parts.dp());
    all.put("dq", parts.dq());
    all.put("qi", parts.qi());
    return all;
  }

  @Test
  void importJwk_ec_checksPointAndScalar() {
    for (Curve curve : Curve.values()) {
      BigInteger d = EcMath.randomScalar(curve);
      PublicJwk.Ec key = EcMath.publicKey(curve, d);
      Map<String, byte[]> members =
          Map.of(
              "x", PublicJwk.fixed(key.x(), curve.bytes()),
              "y", PublicJwk.fixed(key.y(), curve.bytes()),
              "d", PublicJwk.fixed(d, curve.bytes()));
      try (OpenKey open = keys.open(keys.importJwk(ecJwk(curve, members)))) {
        assertThat(open.publicJwk()).isEqualTo(key);
        roundTrips(open);
      }
      for (String member : members.keySet()) {
        Map<String, byte[]> wrong = new HashMap<>(members);
        wrong.compute(member, (_, bytes) -> changed(bytes));
        refused(ErrorCode.PROPERTY_INVALID, () -> keys.importJwk(ecJwk(curve, wrong)));
        wrong.remove(member);
        refused(ErrorCode.PROPERTY_INVALID, () -> keys.importJwk(ecJwk(curve, wrong)));
      }
      Map<String, byte[]> large = new HashMap<>(members);
      large.put("d", RsaParts.unsigned(d.add(EcMath.order(curve))));
      refused(ErrorCode.PROPERTY_INVALID, () -> keys.importJwk(ecJwk(curve, large)));
    }
  }

  @Test
  void importJwk_octAndAkp_checkTheirLength() {
    Material oct = keys.importJwk(jwk(KeyType.OCT, Map.of("k", new byte[32])));
    assertThat(oct.publicJwk()).isEqualTo(new PublicJwk.Oct(256));
    refused(
        ErrorCode.KEY_SIZE_UNSUPPORTED,
        () -> keys.importJwk(jwk(KeyType.OCT, Map.of("k", new byte[31]))));
    refused(ErrorCode.PROPERTY_INVALID, () -> keys.importJwk(jwk(KeyType.OCT, Map.of())));
    refused(
        ErrorCode.PROPERTY_INVALID,
        () -> keys.importJwk(jwk(KeyType.RSA_HSM, Map.of("n", new byte[1]))));
    for (KeyAlgorithm algorithm : KeyAlgorithm.akp()) {
      byte[] seed = Randoms.bytes(32);
      Material made = keys.importJwk(akpJwk(algorithm, Map.of("priv", seed)));
      byte[] pub = ((PublicJwk.Akp) made.publicJwk()).pub();
      assertThat(
              keys.importJwk(akpJwk(algorithm, Map.of("priv", seed, "pub", pub))).publicJwk())
          .isEqualTo(made.publicJwk());
      refused(
          ErrorCode.PROPERTY_INVALID,
          () -> keys.importJwk(akpJwk(algorithm, Map.of("priv", seed, "pub", changed(pub)))));
      refused(
          ErrorCode.PROPERTY_INVALID,
          () -> keys.importJwk(akpJwk(algorithm, Map.of("priv", new byte[31]))));
    }
    refused(
        ErrorCode.PROPERTY_INVALID,
        () -> keys.importJwk(akpJwk(KeyAlgorithm.ES256, Map.of("priv", new byte[32]))));
  }

  @Test
  void read_materialOfAnotherKey_isRefused() {
    Material one = keys.generate(new KeySpec.Rsa(2048));
    Material ec = keys.generate(new KeySpec.Ec(Curve.P_256));
    for (SecretBytes wrong :
        new SecretBytes[] {
          ec.stored(),
          secret(new byte[] {1, 1, 0, 4, 1}),
          secret(new byte[] {2, 1}),
          secret(new byte[0]),
          secret(Arrays.copyOf(one.stored().exposed(), one.stored().length() + 1))
        }) {
      assertThatThrownBy(() -> Material.read(wrong, one.publicJwk()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Material.read(one.stored(), rsa.publicJwk()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void use_oneKeyByManyThreads_answersRightly() throws Exception {
    OpenKey ec = keys.open(keys.generate(new KeySpec.Ec(Curve.P_256)));
    try (var threads = java.util.concurrent.Executors.newFixedThreadPool(8)) {
      var all = new java.util.ArrayList<java.util.concurrent.Future<Boolean>>();
      for (int i = 0; i < 64; i++) {
        byte fill = (byte) i;
        all.add(
            threads.submit(
                () -> {
                  ToSign what = toSign(KeyAlgorithm.RS256, fill);
                  return rsa.verify(KeyAlgorithm.RS256, what, rsa.sign(KeyAlgorithm.RS256, what))
                      && ec.verify(KeyAlgorithm.ES256, what, ec.sign(KeyAlgorithm.ES256, what));
                }));
      }
      for (var one : all) {
        assertThat(one.get()).isTrue();
      }
    }
  }

  private static PrivateJwk jwk(KeyType type, Map<String, byte[]> members) {
    return new PrivateJwk(type, Optional.empty(), Optional.empty(), secrets(members));
  }

  private static PrivateJwk ecJwk(Curve curve, Map<String, byte[]> members) {
    return new PrivateJwk(KeyType.EC, Optional.of(curve), Optional.empty(), secrets(members));
  }

  private static PrivateJwk akpJwk(KeyAlgorithm algorithm, Map<String, byte[]> members) {
    return new PrivateJwk(KeyType.AKP, Optional.empty(), Optional.of(algorithm), secrets(members));
  }

  private static Map<String, SecretBytes> secrets(Map<String, byte[]> members) {
    Map<String, SecretBytes> secrets = new HashMap<>();
    members.forEach((name, bytes) -> secrets.put(name, secret(bytes)));
    return secrets;
  }

  private static byte[] changed(byte[] bytes) {
    byte[] other = bytes.clone();
    other[other.length - 1] ^= 2;
    return other;
  }

  private static ToSign digest(KeyAlgorithm algorithm) {
    try {
      return new ToSign.Digest(
          MessageDigest.getInstance(algorithm.hash().orElseThrow().standard()).digest(MESSAGE));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static PublicKey jdk(OpenKey key) throws Exception {
    PublicJwk.Rsa jwk = (PublicJwk.Rsa) key.publicJwk();
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(jwk.n(), jwk.e()));
  }

  private static SecretBytes secret(byte[] bytes) {
    return SecretBytes.taking(bytes.clone());
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VaultException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
