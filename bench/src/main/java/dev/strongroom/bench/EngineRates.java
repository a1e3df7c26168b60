package dev.strongroom.bench;

import dev.strongroom.crypto.Engine;
import dev.strongroom.crypto.JdkEngine;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.OpenSslEngine;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Curve;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * How fast each engine that could be used is, and what it costs at start. Ours are measured through
 * the open keys of the server, encodings included; a provider of the JCA by the calls that an engine
 * over it would make.
 *
 * <p>{@code rates}: operations per second of CPU of one thread, candidates in turn, median of five
 * rounds. {@code start NAME}: milliseconds to the first RSA-2048 signature, with a key that is
 * there, in this process. Candidates that are not on the class path are left out.
 */
public final class EngineRates {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 5;
  private static final long ROUND_NANOS = 300_000_000;
  private static final byte[] DIGEST = new byte[32];

  private EngineRates() {}

  @FunctionalInterface
  private interface Operation {
    Object run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("start")) {
      start(arguments[1]);
      return;
    }
    Map<String, Map<String, Operation>> candidates = new LinkedHashMap<>();
    for (String name : List.of("JDK", "OpenSSL", "ACCP", "Conscrypt")) {
      operations(name).ifPresent(all -> candidates.put(name, all));
    }
    List<String> operations = new ArrayList<>(candidates.get("JDK").keySet());
    System.out.printf("%-22s", "operations/CPU second");
    candidates.keySet().forEach(name -> System.out.printf("%14s", name));
    System.out.println();
    for (String operation : operations) {
      Map<String, double[]> rates = new LinkedHashMap<>();
      for (String name : candidates.keySet()) {
        rate(candidates.get(name).get(operation));
        rates.put(name, new double[ROUNDS]);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (String name : candidates.keySet()) {
          rates.get(name)[round] = rate(candidates.get(name).get(operation));
        }
      }
      System.out.printf("%-22s", operation);
      for (double[] all : rates.values()) {
        Arrays.sort(all);
        System.out.printf("%14.0f", all[ROUNDS / 2]);
      }
      System.out.println();
    }
  }

  private static void start(String name) throws Exception {
    // the key is made before, so that what is measured is loading, opening and signing
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Material material =
        new SoftwareKeys(new JdkEngine()).generate(new KeySpec.Rsa(2048));
    long before = System.nanoTime();
    switch (name) {
      case "JDK" -> sign(new JdkEngine(), material);
      case "OpenSSL" -> sign(new OpenSslEngine(), material);
      default -> {
        Provider provider = provider(name);
        Key key = imported(provider, "RSA", pair, true);
        byte[] block = new byte[256];
        block[1] = 1;
        raw(provider, Cipher.DECRYPT_MODE, key, block);
      }
    }
    System.out.printf(
        "%s: %.0f ms to the first RSA signature%n", name, (System.nanoTime() - before) / 1e6);
  }

  private static void sign(Engine engine, Material material) {
    try (SoftwareKeys keys = new SoftwareKeys(engine);
        OpenKey key = keys.open(material)) {
      key.sign(KeyAlgorithm.RS256, new ToSign.Digest(DIGEST));
    }
  }

  private static double rate(Operation operation) throws Exception {
    if (operation == null) {
      return Double.NaN;
    }
    long count = 0;
    long began = THREADS.getCurrentThreadCpuTime();
    long used = 0;
    while (used < ROUND_NANOS) {
      operation.run();
      count++;
      if (count % 8 == 0 || used == 0) {
        used = THREADS.getCurrentThreadCpuTime() - began;
      }
    }
    return count * 1e9 / used;
  }

  private static Optional<Map<String, Operation>> operations(String name) {
    try {
      return Optional.of(
          switch (name) {
            case "JDK" -> ours(new JdkEngine());
            case "OpenSSL" -> ours(new OpenSslEngine());
            default -> operations(provider(name));
          });
    } catch (Exception | LinkageError e) {
      System.err.println(name + " is left out: " + e);
      return Optional.empty();
    }
  }

  private static Map<String, Operation> ours(Engine engine) {
    SoftwareKeys keys = new SoftwareKeys(engine);
    Map<String, Operation> all = new LinkedHashMap<>();
    ToSign digest = new ToSign.Digest(DIGEST);
    for (int bits : new int[] {2048, 3072, 4096}) {
      OpenKey key = keys.open(keys.generate(new KeySpec.Rsa(bits)));
      byte[] signature = key.sign(KeyAlgorithm.RS256, digest);
      all.put("RSA-" + bits + " sign", () -> key.sign(KeyAlgorithm.RS256, digest));
      all.put("RSA-" + bits + " verify", () -> key.verify(KeyAlgorithm.RS256, digest, signature));
      if (bits == 2048) {
        byte[] wrapped = key.wrap(KeyAlgorithm.RSA_OAEP_256, SecretBytes.taking(new byte[32]));
        all.put("RSA-2048 unwrap", () -> key.unwrap(KeyAlgorithm.RSA_OAEP_256, wrapped));
      }
    }
    Map<Curve, KeyAlgorithm> curves =
        Map.of(
            Curve.P_256, KeyAlgorithm.ES256,
            Curve.P_384, KeyAlgorithm.ES384,
            Curve.P_521, KeyAlgorithm.ES512,
            Curve.P_256K, KeyAlgorithm.ES256K);
    for (Curve curve : Curve.values()) {
      KeyAlgorithm algorithm = curves.get(curve);
      OpenKey key = keys.open(keys.generate(new KeySpec.Ec(curve)));
      ToSign what = new ToSign.Digest(new byte[algorithm.digestLength().orElseThrow()]);
      byte[] signature = key.sign(algorithm, what);
      all.put(curve.wire() + " sign", () -> key.sign(algorithm, what));
      all.put(curve.wire() + " verify", () -> key.verify(algorithm, what, signature));
    }
    OpenKey akp = keys.open(keys.generate(new KeySpec.Akp(KeyAlgorithm.ML_DSA_65)));
    ToSign message = new ToSign.Message(DIGEST, new byte[0]);
    byte[] signature = akp.sign(KeyAlgorithm.ML_DSA_65, message);
    all.put("ML-DSA-65 sign", () -> akp.sign(KeyAlgorithm.ML_DSA_65, message));
    all.put("ML-DSA-65 verify", () -> akp.verify(KeyAlgorithm.ML_DSA_65, message, signature));
    OpenKey oct = keys.open(keys.generate(new KeySpec.Oct(256)));
    SecretBytes plain = SecretBytes.taking(new byte[4096]);
    Ciphertext sealed =
        oct.encrypt(KeyAlgorithm.A256GCM, plain, Optional.empty(), Optional.empty());
    all.put(
        "AES-256-GCM 4K seal",
        () -> oct.encrypt(KeyAlgorithm.A256GCM, plain, Optional.empty(), Optional.empty()));
    all.put("AES-256-GCM 4K open", () -> oct.decrypt(KeyAlgorithm.A256GCM, sealed));
    return all;
  }

  private static Provider provider(String name) throws ReflectiveOperationException {
    Object found =
        name.equals("ACCP")
            ? Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider")
                .getField("INSTANCE")
                .get(null)
            : Class.forName("org.conscrypt.OpenSSLProvider").getConstructor().newInstance();
    return (Provider) found;
  }

  private static Map<String, Operation> operations(Provider provider) throws Exception {
    Map<String, Operation> all = new LinkedHashMap<>();
    for (int bits : new int[] {2048, 3072, 4096}) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      KeyPair pair = generator.generateKeyPair();
      Key own = imported(provider, "RSA", pair, true);
      Key ownPublic = imported(provider, "RSA", pair, false);
      byte[] block = new byte[((RSAPublicKey) pair.getPublic()).getModulus().bitLength() / 8];
      block[1] = 1;
      all.put("RSA-" + bits + " sign", () -> raw(provider, Cipher.DECRYPT_MODE, own, block));
      all.put(
          "RSA-" + bits + " verify", () -> raw(provider, Cipher.ENCRYPT_MODE, ownPublic, block));
      if (bits == 2048) {
        all.put("RSA-2048 unwrap", () -> raw(provider, Cipher.DECRYPT_MODE, own, block));
      }
    }
    for (Curve curve : Curve.values()) {
      if (curve == Curve.P_256K) {
        continue;
      }
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve.standard()));
      KeyPair pair = generator.generateKeyPair();
      Key own = imported(provider, "EC", pair, true);
      Key ownPublic = imported(provider, "EC", pair, false);
      byte[] signature = sign(provider, own);
      all.put(curve.wire() + " sign", () -> sign(provider, own));
      all.put(
          curve.wire() + " verify",
          () -> {
            Signature verifier = Signature.getInstance("NONEwithECDSA", provider);
            verifier.initVerify((java.security.PublicKey) ownPublic);
            verifier.update(DIGEST);
            return verifier.verify(signature);
          });
    }
    SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
    SecureRandom random = new SecureRandom();
    byte[] plain = new byte[4096];
    all.put(
        "AES-256-GCM 4K seal",
        () -> {
          byte[] iv = new byte[12];
          random.nextBytes(iv);
          return gcm(provider, Cipher.ENCRYPT_MODE, key, iv).doFinal(plain);
        });
    byte[] sealed = gcm(provider, Cipher.ENCRYPT_MODE, key, new byte[12]).doFinal(plain);
    all.put(
        "AES-256-GCM 4K open",
        () -> gcm(provider, Cipher.DECRYPT_MODE, key, new byte[12]).doFinal(sealed));
    return all;
  }

  private static Key imported(Provider provider, String type, KeyPair pair, boolean secret)
      throws Exception {
    KeyFactory factory = KeyFactory.getInstance(type, provider);
    return secret
        ? factory.generatePrivate(new PKCS8EncodedKeySpec(pair.getPrivate().getEncoded()))
        : factory.generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded()));
  }

  private static byte[] raw(Provider provider, int mode, Key key, byte[] block) throws Exception {
    Cipher cipher = Cipher.getInstance("RSA/ECB/NoPadding", provider);
    cipher.init(mode, key);
    return cipher.doFinal(block);
  }

  private static byte[] sign(Provider provider, Key key) throws Exception {
    Signature signer = Signature.getInstance("NONEwithECDSA", provider);
    signer.initSign((java.security.PrivateKey) key);
    signer.update(DIGEST);
    return signer.sign();
  }

  private static Cipher gcm(Provider provider, int mode, Key key, byte[] iv) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
    cipher.init(mode, key, new GCMParameterSpec(128, iv));
    return cipher;
  }
}
