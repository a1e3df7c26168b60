package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * RSA and the NIST curves by the operating system's libcrypto, two to six times as fast as the JDK.
 * secp256k1 stays with {@link JdkEngine}, whose code for it is faster.
 *
 * <p>Private keys live in the library's memory, outside the heap; closing a key frees them, which
 * overwrites them (EVP_PKEY_free(3)).
 */
public final class OpenSslEngine implements Engine {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ROOT);

  private final JdkEngine jdk;

  /** Loads the library and tries it; throws whatever tells that it is not there or does not work. */
  public OpenSslEngine() {
    jdk = new JdkEngine();
    selfTest();
  }

  @Override
  public String name() {
    return words()[0];
  }

  @Override
  public String version() {
    return words()[1];
  }

  @Override
  public Optional<LocalDate> released() {
    String[] words = words();
    if (words.length < 5) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          LocalDate.parse(String.join(" ", Arrays.copyOfRange(words, 2, 5)), DATE));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** OpenSSL 3.0.19 27 Jan 2026 (OpenSSL_version(3)). */
  private static String[] words() {
    return LibCrypto.version().split(" +");
  }

  @Override
  public RsaParts generateRsa(KeySpec.Rsa spec) {
    LibCrypto.Parameters parameters =
        new LibCrypto.Parameters()
            .number("bits", RsaParts.unsigned(BigInteger.valueOf(spec.bits())))
            .number("e", RsaParts.unsigned(BigInteger.valueOf(spec.exponent())));
    MemorySegment key = LibCrypto.generate("RSA", parameters);
    try {
      return new RsaParts(
          LibCrypto.number(key, "n"),
          LibCrypto.number(key, "e"),
          LibCrypto.number(key, "d"),
          LibCrypto.number(key, "rsa-factor1"),
          LibCrypto.number(key, "rsa-factor2"),
          LibCrypto.number(key, "rsa-exponent1"),
          LibCrypto.number(key, "rsa-exponent2"),
          LibCrypto.number(key, "rsa-coefficient1"));
    } finally {
      LibCrypto.free(key);
    }
  }

  @Override
  public RsaHandle open(RsaParts parts) {
    LibCrypto.Parameters parameters =
        new LibCrypto.Parameters()
            .number("n", parts.n())
            .number("e", parts.e())
            .number("d", parts.d())
            .number("rsa-factor1", parts.p())
            .number("rsa-factor2", parts.q())
            .number("rsa-exponent1", parts.dp())
            .number("rsa-exponent2", parts.dq())
            .number("rsa-coefficient1", parts.qi());
    return new Rsa(new Key(LibCrypto.key("RSA", parameters, true), true));
  }

  @Override
  public RsaHandle open(PublicJwk.Rsa key) {
    LibCrypto.Parameters parameters =
        new LibCrypto.Parameters()
            .number("n", RsaParts.unsigned(key.n()))
            .number("e", RsaParts.unsigned(key.e()));
    return new Rsa(new Key(LibCrypto.key("RSA", parameters, false), false));
  }

  @Override
  public EcHandle open(PublicJwk.Ec key, byte[] scalar) {
    if (key.curve() == Curve.P_256K) {
      return jdk.open(key, scalar);
    }
    LibCrypto.Parameters parameters = point(key).number("priv", scalar);
    return new Ec(key.curve(), new Key(LibCrypto.key("EC", parameters, true), true));
  }

  @Override
  public EcHandle open(PublicJwk.Ec key) {
    if (key.curve() == Curve.P_256K) {
      return jdk.open(key);
    }
    return new Ec(key.curve(), new Key(LibCrypto.key("EC", point(key), false), false));
  }

  private static LibCrypto.Parameters point(PublicJwk.Ec key) {
    int length = key.curve().bytes();
    byte[] uncompressed = new byte[1 + 2 * length];
    uncompressed[0] = 4;
    System.arraycopy(PublicJwk.fixed(key.x(), length), 0, uncompressed, 1, length);
    System.arraycopy(PublicJwk.fixed(key.y(), length), 0, uncompressed, 1 + length, length);
    return new LibCrypto.Parameters()
        .text("group", key.curve().wire())
        .bytes("pub", uncompressed);
  }

  /** A key that verifies its own signature and no other, and agrees with the JDK about it. */
  private void selfTest() {
    BigInteger scalar = EcMath.randomScalar(Curve.P_256);
    PublicJwk.Ec key = EcMath.publicKey(Curve.P_256, scalar);
    byte[] digest = Randoms.bytes(32);
    try (EcHandle ours = open(key, PublicJwk.fixed(scalar, 32));
        EcHandle theirs = jdk.open(key)) {
      byte[] signature = ours.sign(digest);
      boolean right = ours.verify(digest, signature) && theirs.verify(digest, signature);
      digest[0] ^= 1;
      if (!right || ours.verify(digest, signature)) {
        throw new IllegalStateException("libcrypto failed its self-test");
      }
    }
  }

  /** A key of the library with those who are using it. */
  private static final class Key {
    private final MemorySegment key;
    private final boolean hasPrivate;
    private final Holders holders;
    private final AtomicBoolean closed = new AtomicBoolean();

    Key(MemorySegment key, boolean hasPrivate) {
      this.key = key;
      this.hasPrivate = hasPrivate;
      this.holders = new Holders(() -> LibCrypto.free(key));
    }

    <R> R use(Function<MemorySegment, R> work) {
      if (!holders.take()) {
        throw new IllegalStateException("the key is not open");
      }
      try {
        return work.apply(key);
      } finally {
        holders.release();
      }
    }

    <R> R usePrivate(Function<MemorySegment, R> work) {
      if (!hasPrivate || closed.get()) {
        throw new IllegalStateException("the private key is not open");
      }
      return use(work);
    }

    void close() {
      if (closed.compareAndSet(false, true)) {
        holders.release();
      }
    }
  }

  private record Rsa(Key key) implements RsaHandle {
    @Override
    public byte[] privately(byte[] block) {
      // the library checks the result against the public exponent itself (rsa_ossl_mod_exp)
      return key.usePrivate(open -> LibCrypto.rsaPrivate(open, block));
    }

    @Override
    public byte[] publicly(byte[] block) {
      return key.use(open -> LibCrypto.rsaPublic(open, block));
    }

    @Override
    public void close() {
      key.close();
    }
  }

  private record Ec(Curve curve, Key key) implements EcHandle {
    @Override
    public byte[] sign(byte[] digest) {
      byte[] der = key.usePrivate(open -> LibCrypto.sign(open, digest, EcDer.longest(curve)));
      return EcDer.toP1363(curve, der);
    }

    @Override
    public boolean verify(byte[] digest, byte[] signature) {
      return EcMath.signature(curve, signature)
          .map(numbers -> EcDer.of(numbers[0], numbers[1]))
          .map(der -> key.use(open -> LibCrypto.verify(open, digest, der)))
          .orElse(false);
    }

    @Override
    public void close() {
      key.close();
    }
  }
}
