package dev.strongroom.crypto;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyAlgorithm.Family;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** An open symmetric key: AES in the modes of {@link Aes}, and HMAC. */
final class OpenOct implements OpenKey {
  private static final byte[] NO_AAD = {};

  private final PublicJwk.Oct key;
  private final SecretBytes secret;

  /** Takes the bytes over. */
  OpenOct(PublicJwk.Oct key, byte[] secret) {
    this.key = key;
    this.secret = SecretBytes.taking(secret);
  }

  @Override
  public PublicJwk publicJwk() {
    return key;
  }

  @Override
  public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
    Refused.unlessFits(algorithm, KeyOperation.SIGN, key);
    return Hmac.of(
        algorithm.hash().orElseThrow(), secret.exposed(), Refused.unlessDigest(what));
  }

  @Override
  public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
    Refused.unlessFits(algorithm, KeyOperation.VERIFY, key);
    return Digests.equal(
        Hmac.of(algorithm.hash().orElseThrow(), secret.exposed(), Refused.unlessDigest(what)),
        signature);
  }

  @Override
  public Ciphertext encrypt(
      KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
    Refused.unlessFits(algorithm, KeyOperation.ENCRYPT, key);
    return switch (algorithm.family()) {
      case AES_GCM -> {
        // a chosen iv that repeats gives away the key of the authentication (SP 800-38D section 8)
        Refused.ifThere("iv", iv);
        yield gcm(plain, aad);
      }
      case AES_CBC -> {
        Refused.ifThere("aad", aad);
        requireBlocks(algorithm, plain.length());
        yield cbc(plain.exposed(), cbcIv(iv));
      }
      case AES_CBC_PAD -> {
        Refused.ifThere("aad", aad);
        byte[] ivBytes = cbcIv(iv);
        try (SecretBytes padded = SecretBytes.taking(Aes.padded(plain.exposed()))) {
          yield cbc(padded.exposed(), ivBytes);
        }
      }
      default -> throw Refused.unreachable(algorithm);
    };
  }

  @Override
  public Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext) {
    Refused.unlessFits(algorithm, KeyOperation.DECRYPT, key);
    byte[] value = ciphertext.value();
    return switch (algorithm.family()) {
      case AES_GCM -> {
        byte[] iv = exactly("iv", ciphertext.iv(), KeyAlgorithm.GCM_IV);
        byte[] tag = exactly("tag", ciphertext.tag(), KeyAlgorithm.GCM_TAG);
        byte[] sealed = Arrays.copyOf(value, value.length + tag.length);
        System.arraycopy(tag, 0, sealed, value.length, tag.length);
        yield Aes.gcmOpen(aes(), iv, ciphertext.aad().orElse(NO_AAD), sealed)
            .map(SecretBytes::taking);
      }
      case AES_CBC -> {
        Refused.ifThere("tag", ciphertext.tag());
        Refused.ifThere("aad", ciphertext.aad());
        requireBlocks(algorithm, value.length);
        yield Optional.of(
            SecretBytes.taking(
                Aes.cbc(Cipher.DECRYPT_MODE, aes(), cbcIv(ciphertext.iv()), value)));
      }
      case AES_CBC_PAD -> {
        Refused.ifThere("tag", ciphertext.tag());
        Refused.ifThere("aad", ciphertext.aad());
        requireBlocks(algorithm, value.length);
        yield Aes.unpadded(Aes.cbc(Cipher.DECRYPT_MODE, aes(), cbcIv(ciphertext.iv()), value))
            .map(SecretBytes::taking);
      }
      default -> throw Refused.unreachable(algorithm);
    };
  }

  @Override
  public byte[] wrap(KeyAlgorithm algorithm, SecretBytes wrapped) {
    Refused.unlessFits(algorithm, KeyOperation.WRAP_KEY, key);
    int length = wrapped.length();
    if (algorithm.family() == Family.AES_KW
        && (length < Aes.KW_LEAST || length % Aes.KW_BLOCK != 0)) {
      throw Refused.length(
          algorithm,
          length,
          "a multiple of " + Aes.KW_BLOCK + " bytes, at least " + Aes.KW_LEAST);
    }
    if (length == 0) {
      throw Refused.length(algorithm, length, "at least one byte");
    }
    return Aes.wrap(algorithm.family(), aes(), wrapped.exposed());
  }

  @Override
  public Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped) {
    Refused.unlessFits(algorithm, KeyOperation.UNWRAP_KEY, key);
    int least = Aes.KW_BLOCK + (algorithm.family() == Family.AES_KW ? Aes.KW_LEAST : Aes.KW_BLOCK);
    if (wrapped.length < least || wrapped.length % Aes.KW_BLOCK != 0) {
      return Optional.empty();
    }
    return Aes.unwrap(algorithm.family(), aes(), wrapped).map(SecretBytes::taking);
  }

  private Ciphertext gcm(SecretBytes plain, Optional<byte[]> aad) {
    byte[] iv = Randoms.bytes(KeyAlgorithm.GCM_IV);
    byte[] sealed = Aes.gcmSeal(aes(), iv, aad.orElse(NO_AAD), plain.exposed());
    int length = sealed.length - KeyAlgorithm.GCM_TAG;
    return new Ciphertext(
        Arrays.copyOf(sealed, length),
        Optional.of(iv),
        Optional.of(Arrays.copyOfRange(sealed, length, sealed.length)),
        aad);
  }

  private Ciphertext cbc(byte[] blocks, byte[] iv) {
    return new Ciphertext(
        Aes.cbc(Cipher.ENCRYPT_MODE, aes(), iv, blocks),
        Optional.of(iv),
        Optional.empty(),
        Optional.empty());
  }

  private static void requireBlocks(KeyAlgorithm algorithm, int length) {
    if (length == 0 || length % Aes.BLOCK != 0) {
      throw Refused.length(
          algorithm, length, "a multiple of " + Aes.BLOCK + " bytes, at least " + Aes.BLOCK);
    }
  }

  private static byte[] cbcIv(Optional<byte[]> iv) {
    return exactly("iv", iv, KeyAlgorithm.CBC_IV);
  }

  private static byte[] exactly(String property, Optional<byte[]> bytes, int length) {
    return bytes
        .filter(given -> given.length == length)
        .orElseThrow(() -> Refused.property(property));
  }

  private SecretKeySpec aes() {
    return new SecretKeySpec(secret.exposed(), "AES");
  }

  @Override
  public void close() {
    secret.close();
  }
}
