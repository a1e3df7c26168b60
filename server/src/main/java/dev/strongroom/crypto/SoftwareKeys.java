package dev.strongroom.crypto;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.VaultException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/** Keys made, opened and used in this process, with the mathematics of an {@link Engine}. */
public final class SoftwareKeys implements KeyBackend {
  private final Engine engine;
  private final RsaKeyMaker rsaKeys;

  public SoftwareKeys(Engine engine) {
    this(engine, new RsaKeyMaker(engine));
  }

  SoftwareKeys(Engine engine, RsaKeyMaker rsaKeys) {
    this.engine = engine;
    this.rsaKeys = rsaKeys;
  }

  @Override
  public Assurance assurance() {
    return Assurance.SOFTWARE;
  }

  @Override
  public Material generate(KeySpec spec) {
    NoWaiting.aboutToWait();
    return switch (spec) {
      case KeySpec.Rsa rsa -> {
        try (RsaParts parts = rsaKeys.make(rsa)) {
          yield SoftwareKey.rsa(parts);
        }
      }
      case KeySpec.Ec ec -> {
        BigInteger scalar = EcMath.randomScalar(ec.curve());
        yield SoftwareKey.ec(EcMath.publicKey(ec.curve(), scalar), scalar);
      }
      case KeySpec.Oct oct -> {
        byte[] key = Randoms.bytes(oct.bits() / 8);
        try {
          yield SoftwareKey.oct(key);
        } finally {
          Arrays.fill(key, (byte) 0);
        }
      }
      case KeySpec.Akp akp -> {
        byte[] seed = Randoms.bytes(SoftwareKey.SEED);
        try {
          yield SoftwareKey.akp(MlDsa.publicKey(akp.algorithm(), seed), seed);
        } finally {
          Arrays.fill(seed, (byte) 0);
        }
      }
    };
  }

  @Override
  public Material importJwk(PrivateJwk jwk) {
    NoWaiting.aboutToWait();
    if (jwk.type().isHardware()) {
      throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "kty");
    }
    return KeyImport.read(jwk);
  }

  @Override
  public OpenKey open(Material material) {
    SoftwareKey key = (SoftwareKey) material;
    return switch (key.publicJwk()) {
      case PublicJwk.Rsa rsa -> {
        try (RsaParts parts = key.rsaParts()) {
          yield new OpenRsa(rsa, engine.open(parts));
        }
      }
      case PublicJwk.Ec ec -> {
        byte[] scalar = key.secret();
        try {
          yield new OpenEc(ec, engine.open(ec, scalar));
        } finally {
          Arrays.fill(scalar, (byte) 0);
        }
      }
      case PublicJwk.Oct oct -> new OpenOct(oct, key.secret());
      case PublicJwk.Akp akp -> {
        byte[] seed = key.secret();
        try {
          yield new OpenAkp(akp, Optional.of(MlDsa.expand(akp.algorithm(), seed)));
        } finally {
          Arrays.fill(seed, (byte) 0);
        }
      }
    };
  }

  /** A key that can verify, encrypt and wrap only. */
  public OpenKey openPublic(PublicJwk key) {
    return switch (key) {
      case PublicJwk.Rsa rsa -> new OpenRsa(rsa, engine.open(rsa));
      case PublicJwk.Ec ec -> new OpenEc(ec, engine.open(ec));
      case PublicJwk.Akp akp -> new OpenAkp(akp, Optional.empty());
      case PublicJwk.Oct _ -> throw new IllegalArgumentException("a symmetric key is all secret");
    };
  }

  @Override
  public void forgetSpares() {
    rsaKeys.forgetSpares();
  }

  @Override
  public void close() {
    rsaKeys.close();
  }
}
