package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * The engine that is always there: the JDK for all that is secret, but for secp256k1, which it no
 * longer has and Bouncy Castle does. Signatures on curves are verified by Bouncy Castle: it is six
 * times as fast and takes no signature of a wrong length.
 */
public final class JdkEngine implements Engine {
  private final Map<Curve, ECParameterSpec> curves = new EnumMap<>(Curve.class);

  public JdkEngine() {
    for (Curve curve : Curve.values()) {
      if (curve != Curve.P_256K) {
        curves.put(curve, parameters(curve));
      }
    }
  }

  @Override
  public String name() {
    return "JDK";
  }

  @Override
  public String version() {
    return Runtime.version().toString();
  }

  @Override
  public Optional<LocalDate> released() {
    return Optional.ofNullable(System.getProperty("java.version.date")).map(LocalDate::parse);
  }

  @Override
  public RsaParts generateRsa(KeySpec.Rsa spec) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(
          new RSAKeyGenParameterSpec(spec.bits(), BigInteger.valueOf(spec.exponent())));
      RSAPrivateCrtKey key = (RSAPrivateCrtKey) generator.generateKeyPair().getPrivate();
      return RsaParts.of(
          key.getModulus(),
          key.getPublicExponent(),
          key.getPrivateExponent(),
          key.getPrimeP(),
          key.getPrimeQ());
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  @Override
  public RsaHandle open(RsaParts parts) {
    try {
      PrivateKey key =
          KeyFactory.getInstance("RSA")
              .generatePrivate(
                  new RSAPrivateCrtKeySpec(
                      RsaParts.number(parts.n()),
                      RsaParts.number(parts.e()),
                      RsaParts.number(parts.d()),
                      RsaParts.number(parts.p()),
                      RsaParts.number(parts.q()),
                      RsaParts.number(parts.dp()),
                      RsaParts.number(parts.dq()),
                      RsaParts.number(parts.qi())));
      return new JdkRsa(parts.publicJwk(), Optional.of(key));
    } catch (GeneralSecurityException e) {
      throw unusable();
    }
  }

  @Override
  public RsaHandle open(PublicJwk.Rsa key) {
    return new JdkRsa(key, Optional.empty());
  }

  @Override
  public EcHandle open(PublicJwk.Ec key, byte[] scalar) {
    BigInteger secret = new BigInteger(1, scalar);
    if (key.curve() == Curve.P_256K) {
      return new BouncyEc(
          key,
          Optional.of(new ECPrivateKeyParameters(secret, EcMath.domain(key.curve()))));
    }
    try {
      PrivateKey opened =
          KeyFactory.getInstance("EC")
              .generatePrivate(new ECPrivateKeySpec(secret, curves.get(key.curve())));
      return new JdkEc(key, opened);
    } catch (GeneralSecurityException e) {
      throw unusable();
    }
  }

  @Override
  public EcHandle open(PublicJwk.Ec key) {
    return new BouncyEc(key, Optional.empty());
  }

  private static ECParameterSpec parameters(Curve curve) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(curve.standard()));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(GeneralSecurityException cause) {
    return new IllegalStateException("every JDK has RSA and the NIST curves", cause);
  }

  /** Without the cause, because a provider's message may quote what it could not read. */
  private static IllegalArgumentException unusable() {
    return new IllegalArgumentException("not a usable private key");
  }

  private static final class JdkRsa implements RsaHandle {
    private static final String RAW = "RSA/ECB/NoPadding";

    private final PublicJwk.Rsa key;
    private final PublicKey publicKey;
    private volatile Optional<PrivateKey> privateKey;

    JdkRsa(PublicJwk.Rsa key, Optional<PrivateKey> privateKey) {
      this.key = key;
      this.privateKey = privateKey;
      try {
        publicKey =
            KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(key.n(), key.e()));
      } catch (GeneralSecurityException e) {
        throw unusable();
      }
    }

    @Override
    public byte[] privately(byte[] block) {
      byte[] out = run(Cipher.DECRYPT_MODE, opened(privateKey), block);
      if (!Arrays.equals(run(Cipher.ENCRYPT_MODE, publicKey, out), block)) {
        throw new IllegalStateException("an RSA computation went wrong");
      }
      return out;
    }

    @Override
    public byte[] publicly(byte[] block) {
      return run(Cipher.ENCRYPT_MODE, publicKey, block);
    }

    private byte[] run(int mode, Key with, byte[] block) {
      try {
        Cipher cipher = Cipher.getInstance(RAW);
        cipher.init(mode, with);
        byte[] out = cipher.doFinal(block);
        if (out.length != (key.bits() + 7) / 8) {
          throw new IllegalStateException("an RSA block of the wrong length");
        }
        return out;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("an RSA computation failed");
      }
    }

    @Override
    public void close() {
      // the JDK's key objects cannot be wiped, only let go
      privateKey = Optional.empty();
    }
  }

  private static final class JdkEc implements EcHandle {
    private final PublicJwk.Ec key;
    private final ECPublicKeyParameters publicKey;
    private volatile Optional<PrivateKey> privateKey;

    JdkEc(PublicJwk.Ec key, PrivateKey privateKey) {
      this.key = key;
      this.publicKey = EcMath.parameters(key);
      this.privateKey = Optional.of(privateKey);
    }

    @Override
    public byte[] sign(byte[] digest) {
      try {
        Signature signature = Signature.getInstance("NONEwithECDSAinP1363Format");
        signature.initSign(opened(privateKey));
        signature.update(digest);
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("an ECDSA signature failed");
      }
    }

    @Override
    public boolean verify(byte[] digest, byte[] signature) {
      return EcMath.verify(publicKey, key.curve(), digest, signature);
    }

    @Override
    public void close() {
      privateKey = Optional.empty();
    }
  }

  private static final class BouncyEc implements EcHandle {
    private final PublicJwk.Ec key;
    private final ECPublicKeyParameters publicKey;
    private volatile Optional<ECPrivateKeyParameters> privateKey;

    BouncyEc(PublicJwk.Ec key, Optional<ECPrivateKeyParameters> privateKey) {
      this.key = key;
      this.publicKey = EcMath.parameters(key);
      this.privateKey = privateKey;
    }

    @Override
    public byte[] sign(byte[] digest) {
      ECDSASigner signer = new ECDSASigner();
      signer.init(true, new ParametersWithRandom(opened(privateKey), Randoms.source()));
      BigInteger[] numbers = signer.generateSignature(digest);
      return EcMath.p1363(key.curve(), numbers[0], numbers[1]);
    }

    @Override
    public boolean verify(byte[] digest, byte[] signature) {
      return EcMath.verify(publicKey, key.curve(), digest, signature);
    }

    @Override
    public void close() {
      privateKey = Optional.empty();
    }
  }

  private static <K> K opened(Optional<K> key) {
    return key.orElseThrow(() -> new IllegalStateException("the private key is not open"));
  }
}
