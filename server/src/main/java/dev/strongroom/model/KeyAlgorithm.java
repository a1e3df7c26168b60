package dev.strongroom.model;

import static dev.strongroom.model.KeyOperation.DECRYPT;
import static dev.strongroom.model.KeyOperation.ENCRYPT;
import static dev.strongroom.model.KeyOperation.SIGN;
import static dev.strongroom.model.KeyOperation.UNWRAP_KEY;
import static dev.strongroom.model.KeyOperation.VERIFY;
import static dev.strongroom.model.KeyOperation.WRAP_KEY;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The algorithms of Key Vault's cryptographic operations, one row each: name on the wire, family,
 * hash or curve or key size, first api-version.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/keys/about-keys-details">Key types,
 *     algorithms, and operations</a>
 */
public enum KeyAlgorithm {
  RS256("RS256", Family.RSA_PKCS1_SIGNATURE, Hash.SHA_256, ApiVersion.V2015_06_01),
  RS384("RS384", Family.RSA_PKCS1_SIGNATURE, Hash.SHA_384, ApiVersion.V2015_06_01),
  RS512("RS512", Family.RSA_PKCS1_SIGNATURE, Hash.SHA_512, ApiVersion.V2015_06_01),
  PS256("PS256", Family.RSA_PSS, Hash.SHA_256, ApiVersion.V2015_06_01),
  PS384("PS384", Family.RSA_PSS, Hash.SHA_384, ApiVersion.V2015_06_01),
  PS512("PS512", Family.RSA_PSS, Hash.SHA_512, ApiVersion.V2015_06_01),
  /** Signs what is given, as the content of a PKCS#1 block of type 1 (RFC 8017 section 9.2). */
  RSNULL("RSNULL", Family.RSA_PKCS1_RAW, ApiVersion.V2015_06_01),
  ES256("ES256", Curve.P_256, Hash.SHA_256, ApiVersion.V2015_06_01),
  ES384("ES384", Curve.P_384, Hash.SHA_384, ApiVersion.V2015_06_01),
  ES512("ES512", Curve.P_521, Hash.SHA_512, ApiVersion.V2015_06_01),
  ES256K("ES256K", Curve.P_256K, Hash.SHA_256, ApiVersion.V7_0_PREVIEW),
  HS256("HS256", Family.HMAC, Hash.SHA_256, ApiVersion.V7_6_PREVIEW_2),
  HS384("HS384", Family.HMAC, Hash.SHA_384, ApiVersion.V7_6_PREVIEW_2),
  HS512("HS512", Family.HMAC, Hash.SHA_512, ApiVersion.V7_6_PREVIEW_2),
  ML_DSA_44("ML-DSA-44", Family.ML_DSA, ApiVersion.V2026_05_01_PREVIEW),
  ML_DSA_65("ML-DSA-65", Family.ML_DSA, ApiVersion.V2026_05_01_PREVIEW),
  ML_DSA_87("ML-DSA-87", Family.ML_DSA, ApiVersion.V2026_05_01_PREVIEW),
  RSA1_5("RSA1_5", Family.RSA_PKCS1_ENCRYPTION, ApiVersion.V2015_06_01),
  /** With SHA-1, for what was encrypted so. */
  RSA_OAEP("RSA-OAEP", Family.RSA_OAEP, Hash.SHA_1, ApiVersion.V2015_06_01),
  /** With SHA-256 in the label hash and in MGF1. */
  RSA_OAEP_256("RSA-OAEP-256", Family.RSA_OAEP, Hash.SHA_256, ApiVersion.V2015_06_01),
  A128GCM("A128GCM", Family.AES_GCM, 128, ApiVersion.V7_2_PREVIEW),
  A192GCM("A192GCM", Family.AES_GCM, 192, ApiVersion.V7_2_PREVIEW),
  A256GCM("A256GCM", Family.AES_GCM, 256, ApiVersion.V7_2_PREVIEW),
  A128CBC("A128CBC", Family.AES_CBC, 128, ApiVersion.V7_2_PREVIEW),
  A192CBC("A192CBC", Family.AES_CBC, 192, ApiVersion.V7_2_PREVIEW),
  A256CBC("A256CBC", Family.AES_CBC, 256, ApiVersion.V7_2_PREVIEW),
  A128CBCPAD("A128CBCPAD", Family.AES_CBC_PAD, 128, ApiVersion.V7_2_PREVIEW),
  A192CBCPAD("A192CBCPAD", Family.AES_CBC_PAD, 192, ApiVersion.V7_2_PREVIEW),
  A256CBCPAD("A256CBCPAD", Family.AES_CBC_PAD, 256, ApiVersion.V7_2_PREVIEW),
  A128KW("A128KW", Family.AES_KW, 128, ApiVersion.V7_2_PREVIEW),
  A192KW("A192KW", Family.AES_KW, 192, ApiVersion.V7_2_PREVIEW),
  A256KW("A256KW", Family.AES_KW, 256, ApiVersion.V7_2_PREVIEW),
  /** RFC 3394 with a key of any AES size. */
  CKM_AES_KEY_WRAP("CKM_AES_KEY_WRAP", Family.AES_KW, ApiVersion.V7_6_PREVIEW_2),
  /** RFC 5649 with a key of any AES size. */
  CKM_AES_KEY_WRAP_PAD("CKM_AES_KEY_WRAP_PAD", Family.AES_KWP, ApiVersion.V7_6_PREVIEW_2);

  /** What algorithms have in common: the type of key, the operations, the rule for the input. */
  public enum Family {
    RSA_PKCS1_SIGNATURE(KeyType.RSA, "RFC 8017 section 8.2", EnumSet.of(SIGN, VERIFY)),
    RSA_PKCS1_RAW(KeyType.RSA, "RFC 8017 section 8.2", EnumSet.of(SIGN, VERIFY)),
    RSA_PSS(KeyType.RSA, "RFC 8017 section 8.1", EnumSet.of(SIGN, VERIFY)),
    ECDSA(KeyType.EC, "FIPS 186-5 section 6", EnumSet.of(SIGN, VERIFY)),
    HMAC(KeyType.OCT, "FIPS 198-1", EnumSet.of(SIGN, VERIFY)),
    ML_DSA(KeyType.AKP, "FIPS 204", EnumSet.of(SIGN, VERIFY)),
    RSA_PKCS1_ENCRYPTION(
        KeyType.RSA,
        "RFC 8017 section 7.2",
        EnumSet.of(ENCRYPT, DECRYPT, WRAP_KEY, UNWRAP_KEY)),
    RSA_OAEP(
        KeyType.RSA,
        "RFC 8017 section 7.1",
        EnumSet.of(ENCRYPT, DECRYPT, WRAP_KEY, UNWRAP_KEY)),
    AES_GCM(KeyType.OCT, "NIST SP 800-38D", EnumSet.of(ENCRYPT, DECRYPT)),
    AES_CBC(KeyType.OCT, "NIST SP 800-38A", EnumSet.of(ENCRYPT, DECRYPT)),
    AES_CBC_PAD(KeyType.OCT, "NIST SP 800-38A, RFC 5652 section 6.3", EnumSet.of(ENCRYPT, DECRYPT)),
    AES_KW(KeyType.OCT, "RFC 3394", EnumSet.of(WRAP_KEY, UNWRAP_KEY)),
    AES_KWP(KeyType.OCT, "RFC 5649", EnumSet.of(WRAP_KEY, UNWRAP_KEY));

    private final KeyType type;
    private final String standard;
    private final Set<KeyOperation> operations;

    Family(KeyType type, String standard, Set<KeyOperation> operations) {
      this.type = type;
      this.standard = standard;
      this.operations = Set.copyOf(operations);
    }

    public KeyType type() {
      return type;
    }

    public String standard() {
      return standard;
    }

    public Set<KeyOperation> operations() {
      return operations;
    }
  }

  /** The hash functions, by the names of the JDK. */
  public enum Hash {
    SHA_1("SHA-1", 20),
    SHA_256("SHA-256", 32),
    SHA_384("SHA-384", 48),
    SHA_512("SHA-512", 64);

    private final String standard;
    private final int bytes;

    Hash(String standard, int bytes) {
      this.standard = standard;
      this.bytes = bytes;
    }

    public String standard() {
      return standard;
    }

    public int bytes() {
      return bytes;
    }
  }

  /** Bytes of the initialization vector of AES-GCM, which the server makes. */
  public static final int GCM_IV = 12;

  /** Bytes of the authentication tag of AES-GCM. */
  public static final int GCM_TAG = 16;

  /** Bytes of the initialization vector of AES-CBC, which the caller sends. */
  public static final int CBC_IV = 16;

  /** Most bytes of the context of an ML-DSA signature (FIPS 204 section 5.2). */
  public static final int ML_DSA_CONTEXT = 255;

  /** Bytes of a message representative that was made outside (FIPS 204 section 6.2). */
  public static final int ML_DSA_MU = 64;

  private final String wire;
  private final Family family;
  private final Optional<Hash> hash;
  private final Optional<Curve> curve;
  private final OptionalInt bits;
  private final ApiVersion first;

  KeyAlgorithm(String wire, Family family, ApiVersion first) {
    this(wire, family, null, null, OptionalInt.empty(), first);
  }

  KeyAlgorithm(String wire, Family family, Hash hash, ApiVersion first) {
    this(wire, family, hash, null, OptionalInt.empty(), first);
  }

  KeyAlgorithm(String wire, Curve curve, Hash hash, ApiVersion first) {
    this(wire, Family.ECDSA, hash, curve, OptionalInt.empty(), first);
  }

  KeyAlgorithm(String wire, Family family, int bits, ApiVersion first) {
    this(wire, family, null, null, OptionalInt.of(bits), first);
  }

  KeyAlgorithm(
      String wire, Family family, Hash hash, Curve curve, OptionalInt bits, ApiVersion first) {
    this.wire = wire;
    this.family = family;
    this.hash = Optional.ofNullable(hash);
    this.curve = Optional.ofNullable(curve);
    this.bits = bits;
    this.first = first;
  }

  public String wire() {
    return wire;
  }

  public Family family() {
    return family;
  }

  public KeyType type() {
    return family.type();
  }

  public Set<KeyOperation> operations() {
    return family.operations();
  }

  public Optional<Hash> hash() {
    return hash;
  }

  /** The only curve whose keys it takes. */
  public Optional<Curve> curve() {
    return curve;
  }

  /** The only size of key that it takes. */
  public OptionalInt bits() {
    return bits;
  }

  public ApiVersion first() {
    return first;
  }

  /** How long the digest to be signed must be, for algorithms that sign one. */
  public OptionalInt digestLength() {
    return switch (family) {
      case RSA_PKCS1_SIGNATURE, RSA_PSS, ECDSA -> OptionalInt.of(hash.orElseThrow().bytes());
      default -> OptionalInt.empty();
    };
  }

  /** The most bytes that a key of this many bits encrypts, wraps or signs; empty: no limit of its own. */
  public OptionalInt mostInput(int keyBits) {
    int block = (keyBits + 7) / 8;
    return switch (family) {
      case RSA_PKCS1_ENCRYPTION, RSA_PKCS1_RAW -> OptionalInt.of(block - 11);
      case RSA_OAEP -> OptionalInt.of(block - 2 * hash.orElseThrow().bytes() - 2);
      default -> OptionalInt.empty();
    };
  }

  public boolean fits(PublicJwk key) {
    if (key.type() != type()) {
      return false;
    }
    return switch (key) {
      case PublicJwk.Rsa _ -> true;
      case PublicJwk.Ec ec -> ec.curve() == curve.orElseThrow();
      case PublicJwk.Oct oct -> bits.isEmpty() || bits.getAsInt() == oct.bits();
      case PublicJwk.Akp akp -> akp.algorithm() == this;
    };
  }

  /** Refuses an operation that it does not serve, and a key that it cannot be used with. */
  public void require(KeyOperation operation, PublicJwk key, String kid) {
    if (!operations().contains(operation)) {
      throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "alg");
    }
    if (fits(key)) {
      return;
    }
    String kind = operations().contains(SIGN) ? "signing" : "encryption";
    if (key.type() != type()) {
      throw VaultException.of(
          ErrorCode.KEY_TYPE_INCOMPATIBLE,
          "kind", kind,
          "kid", kid,
          "type", key.type().wire(),
          "algorithm", wire,
          "wanted", type().wire());
    }
    switch (key) {
      case PublicJwk.Ec ec ->
          throw VaultException.of(
              ErrorCode.KEY_CURVE_INCOMPATIBLE,
              "kid", kid,
              "curve", ec.curve().wire(),
              "algorithm", wire,
              "wanted", curve.orElseThrow().wire());
      case PublicJwk.Akp akp ->
          throw VaultException.of(
              ErrorCode.KEY_ALGORITHM_INCOMPATIBLE,
              "kid", kid,
              "own", akp.algorithm().wire(),
              "algorithm", wire);
      default ->
          throw VaultException.of(
              ErrorCode.KEY_SIZE_INCOMPATIBLE,
              "kid", kid,
              "size", Integer.toString(key.bits()),
              "algorithm", wire,
              "wanted", Integer.toString(bits.orElseThrow()));
    }
  }

  /** The algorithms of keys of type AKP. */
  public static List<KeyAlgorithm> akp() {
    return List.of(ML_DSA_44, ML_DSA_65, ML_DSA_87);
  }

  public static Optional<KeyAlgorithm> find(String wire) {
    for (KeyAlgorithm algorithm : values()) {
      if (algorithm.wire.equals(wire)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }
}
