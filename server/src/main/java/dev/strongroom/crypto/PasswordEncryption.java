package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.MacData;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.CipherParameters;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.PBEParametersGenerator;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.engines.RC2Engine;
import org.bouncycastle.crypto.generators.PKCS12ParametersGenerator;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * Decrypts what a password encrypts in PFX files and PKCS#8 keys that callers bring (RFC 7292
 * appendix B, RFC 8018), with a bound on all the iterations that one file may ask for.
 */
final class PasswordEncryption {
  private static final int MOST_ITERATIONS = 2_000_000;

  private final String password;
  private byte[] unicode;
  private int iterations;

  PasswordEncryption(String password) {
    this.password = password;
    this.unicode = PBEParametersGenerator.PKCS12PasswordToBytes(password.toCharArray());
  }

  /** Whether the password is the one that the contents were authenticated with. */
  boolean matches(MacData mac, byte[] contents) {
    if (isMac(mac, contents)) {
      return true;
    }
    // because some programs write the empty password as two zero bytes, its terminator
    if (password.isEmpty()) {
      unicode = new byte[2];
      return isMac(mac, contents);
    }
    return false;
  }

  private boolean isMac(MacData mac, byte[] contents) {
    spend(mac.getIterationCount());
    Digest digest = digest(mac.getMac().getAlgorithmId().getAlgorithm());
    PKCS12ParametersGenerator generator = new PKCS12ParametersGenerator(digest);
    generator.init(unicode, mac.getSalt(), mac.getIterationCount().intValueExact());
    HMac hmac = new HMac(digest);
    hmac.init(generator.generateDerivedMacParameters(8 * digest.getDigestSize()));
    hmac.update(contents, 0, contents.length);
    byte[] made = new byte[hmac.getMacSize()];
    hmac.doFinal(made, 0);
    return Digests.equal(made, mac.getMac().getDigest());
  }

  /** Empty when the password does not fit. */
  Optional<byte[]> decrypt(AlgorithmIdentifier algorithm, byte[] encrypted) {
    PaddedBufferedBlockCipher cipher = cipher(algorithm);
    if (encrypted.length == 0 || encrypted.length % cipher.getBlockSize() != 0) {
      return Optional.empty();
    }
    byte[] out = new byte[cipher.getOutputSize(encrypted.length)];
    try {
      int length = cipher.processBytes(encrypted, 0, encrypted.length, out, 0);
      length += cipher.doFinal(out, length);
      byte[] plain = Arrays.copyOf(out, length);
      return Optional.of(plain);
    } catch (InvalidCipherTextException e) {
      return Optional.empty();
    } finally {
      Arrays.fill(out, (byte) 0);
    }
  }

  private PaddedBufferedBlockCipher cipher(AlgorithmIdentifier algorithm) {
    ASN1ObjectIdentifier scheme = algorithm.getAlgorithm();
    if (scheme.equals(PKCSObjectIdentifiers.id_PBES2)) {
      return pbes2(PBES2Parameters.getInstance(algorithm.getParameters()));
    }
    PKCS12PBEParams params = PKCS12PBEParams.getInstance(algorithm.getParameters());
    if (scheme.equals(PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC)) {
      return pkcs12(params, new DESedeEngine(), 192);
    }
    if (scheme.equals(PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC2_CBC)) {
      return pkcs12(params, new RC2Engine(), 128);
    }
    if (scheme.equals(PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC2_CBC)) {
      return pkcs12(params, new RC2Engine(), 40);
    }
    throw unsupported();
  }

  private PaddedBufferedBlockCipher pkcs12(PKCS12PBEParams params, BlockCipher engine, int bits) {
    spend(params.getIterations());
    PKCS12ParametersGenerator generator = new PKCS12ParametersGenerator(new SHA1Digest());
    generator.init(unicode, params.getIV(), params.getIterations().intValueExact());
    return ready(
        engine, generator.generateDerivedParameters(bits, 8 * engine.getBlockSize()));
  }

  private PaddedBufferedBlockCipher pbes2(PBES2Parameters params) {
    if (!params.getKeyDerivationFunc().getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
      throw unsupported();
    }
    PBKDF2Params derivation =
        PBKDF2Params.getInstance(params.getKeyDerivationFunc().getParameters());
    spend(derivation.getIterationCount());
    EncryptionScheme encryption = params.getEncryptionScheme();
    int bits = keyBits(encryption.getAlgorithm());
    BlockCipher engine = bits == 192 && isDes(encryption) ? new DESedeEngine() : newAes();
    byte[] iv = ASN1OctetString.getInstance(encryption.getParameters()).getOctets();
    if (iv.length != engine.getBlockSize()) {
      throw unsupported();
    }
    PKCS5S2ParametersGenerator generator =
        new PKCS5S2ParametersGenerator(digestOfPrf(derivation.getPrf()));
    generator.init(
        password.getBytes(StandardCharsets.UTF_8),
        derivation.getSalt(),
        derivation.getIterationCount().intValueExact());
    KeyParameter key = (KeyParameter) generator.generateDerivedParameters(bits);
    return ready(engine, new ParametersWithIV(key, iv));
  }

  private static BlockCipher newAes() {
    return AESEngine.newInstance();
  }

  private static boolean isDes(EncryptionScheme scheme) {
    return scheme.getAlgorithm().equals(PKCSObjectIdentifiers.des_EDE3_CBC);
  }

  private static int keyBits(ASN1ObjectIdentifier cipher) {
    if (cipher.equals(NISTObjectIdentifiers.id_aes256_CBC)) {
      return 256;
    }
    if (cipher.equals(NISTObjectIdentifiers.id_aes192_CBC)
        || cipher.equals(PKCSObjectIdentifiers.des_EDE3_CBC)) {
      return 192;
    }
    if (cipher.equals(NISTObjectIdentifiers.id_aes128_CBC)) {
      return 128;
    }
    throw unsupported();
  }

  private static PaddedBufferedBlockCipher ready(BlockCipher engine, CipherParameters key) {
    PaddedBufferedBlockCipher cipher =
        new PaddedBufferedBlockCipher(CBCBlockCipher.newInstance(engine));
    cipher.init(false, key);
    return cipher;
  }

  private static Digest digest(ASN1ObjectIdentifier oid) {
    if (oid.equals(OIWObjectIdentifiers.idSHA1)) {
      return new SHA1Digest();
    }
    if (oid.equals(NISTObjectIdentifiers.id_sha256)) {
      return new SHA256Digest();
    }
    if (oid.equals(NISTObjectIdentifiers.id_sha384)) {
      return new SHA384Digest();
    }
    if (oid.equals(NISTObjectIdentifiers.id_sha512)) {
      return new SHA512Digest();
    }
    throw unsupported();
  }

  private static Digest digestOfPrf(AlgorithmIdentifier prf) {
    ASN1ObjectIdentifier oid = prf.getAlgorithm();
    boolean isPlain =
        prf.getParameters() == null || DERNull.INSTANCE.equals(prf.getParameters());
    if (isPlain && oid.equals(PKCSObjectIdentifiers.id_hmacWithSHA1)) {
      return new SHA1Digest();
    }
    if (isPlain && oid.equals(PKCSObjectIdentifiers.id_hmacWithSHA256)) {
      return new SHA256Digest();
    }
    if (isPlain && oid.equals(PKCSObjectIdentifiers.id_hmacWithSHA384)) {
      return new SHA384Digest();
    }
    if (isPlain && oid.equals(PKCSObjectIdentifiers.id_hmacWithSHA512)) {
      return new SHA512Digest();
    }
    throw unsupported();
  }

  private void spend(BigInteger count) {
    if (count.signum() <= 0
        || count.bitLength() > 31
        || count.intValue() > MOST_ITERATIONS - iterations) {
      throw invalid(
          "its password is to be hashed more often than the "
              + MOST_ITERATIONS
              + " times that are allowed");
    }
    iterations += count.intValue();
  }

  private static VaultException unsupported() {
    return invalid("it is encrypted or authenticated in a way that is not supported");
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_CONTENT_INVALID, "reason", reason);
  }
}
