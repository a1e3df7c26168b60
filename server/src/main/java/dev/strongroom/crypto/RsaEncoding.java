package dev.strongroom.crypto;

import dev.strongroom.model.KeyAlgorithm.Hash;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The encodings between messages and RSA blocks (RFC 8017 sections 7 and 9).
 *
 * <p>What is decoded comes from whoever sent the ciphertext, so decoding touches every byte of the
 * block once, branches on none of them, and ends in a single answer: decoded or not. Which rule a
 * bad block broke shows neither in the answer nor in the time it took (Bleichenbacher 1998, Manger
 * 2001).
 */
final class RsaEncoding {
  /** DER of DigestInfo before the digest (RFC 8017 section 9.2, note 1). */
  private static final Map<Hash, byte[]> DIGEST_INFO =
      Map.of(
          Hash.SHA_1, hex("3021300906052b0e03021a05000414"),
          Hash.SHA_256, hex("3031300d060960864801650304020105000420"),
          Hash.SHA_384, hex("3041300d060960864801650304020205000430"),
          Hash.SHA_512, hex("3051300d060960864801650304020305000440"));

  private static final int PKCS1_LEAST_PADDING = 8;

  private RsaEncoding() {}

  /** EMSA-PKCS1-v1_5: a block of type 1 with the DigestInfo of this digest. */
  static byte[] pkcs1Signature(Hash hash, byte[] digest, int blockLength) {
    byte[] prefix = DIGEST_INFO.get(hash);
    byte[] content = Arrays.copyOf(prefix, prefix.length + digest.length);
    System.arraycopy(digest, 0, content, prefix.length, digest.length);
    return pkcs1Raw(content, blockLength);
  }

  /** A block of type 1 with this content. */
  static byte[] pkcs1Raw(byte[] content, int blockLength) {
    int padding = blockLength - 3 - content.length;
    if (padding < PKCS1_LEAST_PADDING) {
      throw new IllegalArgumentException("too long for a block of " + blockLength + " bytes");
    }
    byte[] block = new byte[blockLength];
    block[1] = 1;
    Arrays.fill(block, 2, 2 + padding, (byte) 0xff);
    System.arraycopy(content, 0, block, 3 + padding, content.length);
    return block;
  }

  /** EMSA-PSS with MGF1 over the same hash and a salt as long as the hash. */
  static byte[] pss(Hash hash, byte[] digest, byte[] salt, int modulusBits) {
    int bits = modulusBits - 1;
    int length = (bits + 7) / 8;
    int dbLength = length - digest.length - 1;
    if (dbLength < salt.length + 1) {
      throw new IllegalArgumentException("too long for a key of " + modulusBits + " bits");
    }
    byte[] h = pssHash(hash, digest, salt);
    byte[] encoded = new byte[length];
    encoded[dbLength - salt.length - 1] = 1;
    System.arraycopy(salt, 0, encoded, dbLength - salt.length, salt.length);
    System.arraycopy(h, 0, encoded, dbLength, h.length);
    mask(hash, encoded, dbLength, h.length, 0, dbLength);
    encoded[0] &= (byte) (0xff >>> (8 * length - bits));
    encoded[length - 1] = (byte) 0xbc;
    return leftPadded(encoded, (modulusBits + 7) / 8);
  }

  static boolean pssMatches(
      Hash hash, byte[] digest, byte[] block, int saltLength, int modulusBits) {
    int bits = modulusBits - 1;
    int length = (bits + 7) / 8;
    int dbLength = length - hash.bytes() - 1;
    if (dbLength < saltLength + 1 || block.length < length) {
      return false;
    }
    for (int i = 0; i < block.length - length; i++) {
      if (block[i] != 0) {
        return false;
      }
    }
    byte[] encoded = Arrays.copyOfRange(block, block.length - length, block.length);
    int unused = 8 * length - bits;
    if (encoded[length - 1] != (byte) 0xbc || (encoded[0] & 0xff & ~(0xff >>> unused)) != 0) {
      return false;
    }
    byte[] h = Arrays.copyOfRange(encoded, dbLength, dbLength + hash.bytes());
    mask(hash, encoded, dbLength, h.length, 0, dbLength);
    encoded[0] &= (byte) (0xff >>> unused);
    int one = dbLength - saltLength - 1;
    for (int i = 0; i < one; i++) {
      if (encoded[i] != 0) {
        return false;
      }
    }
    if (encoded[one] != 1) {
      return false;
    }
    byte[] salt = Arrays.copyOfRange(encoded, one + 1, dbLength);
    return MessageDigest.isEqual(h, pssHash(hash, digest, salt));
  }

  /** RSAES-PKCS1-v1_5: a block of type 2 with random padding. */
  static byte[] pkcs1Encrypt(byte[] message, int blockLength) {
    int padding = blockLength - 3 - message.length;
    if (padding < PKCS1_LEAST_PADDING) {
      throw new IllegalArgumentException("too long for a block of " + blockLength + " bytes");
    }
    byte[] block = new byte[blockLength];
    block[1] = 2;
    for (int at = 2; at < 2 + padding; ) {
      for (byte random : Randoms.bytes(2 + padding - at)) {
        if (random != 0) {
          block[at++] = random;
        }
      }
    }
    System.arraycopy(message, 0, block, 3 + padding, message.length);
    return block;
  }

  /** The message of a block of type 2; the block is wiped. */
  static Optional<byte[]> pkcs1Decrypt(byte[] block) {
    int bad = block[0] & 0xff | (block[1] & 0xff) ^ 2;
    int looking = -1;
    int separator = 0;
    for (int i = 2; i < block.length; i++) {
      int zero = isZero(block[i] & 0xff);
      separator |= i & zero & looking;
      looking &= ~zero;
    }
    // no separator, or one before eight bytes of padding
    bad |= looking;
    bad |= (separator - 2 - PKCS1_LEAST_PADDING) >> 31;
    return message(block, separator + 1, bad);
  }

  /** RSAES-OAEP with MGF1 over the same hash, or another one where a vector asks for it. */
  static byte[] oaep(Hash hash, Hash mgf, byte[] label, byte[] message, int blockLength) {
    int hashLength = hash.bytes();
    if (message.length > blockLength - 2 * hashLength - 2) {
      throw new IllegalArgumentException("too long for a block of " + blockLength + " bytes");
    }
    byte[] block = new byte[blockLength];
    byte[] seed = Randoms.bytes(hashLength);
    System.arraycopy(seed, 0, block, 1, hashLength);
    int db = 1 + hashLength;
    System.arraycopy(digest(hash, label), 0, block, db, hashLength);
    block[blockLength - message.length - 1] = 1;
    System.arraycopy(message, 0, block, blockLength - message.length, message.length);
    mask(mgf, block, 1, hashLength, db, blockLength - db);
    mask(mgf, block, db, blockLength - db, 1, hashLength);
    return block;
  }

  /** The message of an OAEP block; the block is wiped. */
  static Optional<byte[]> oaepDecode(Hash hash, Hash mgf, byte[] label, byte[] block) {
    int hashLength = hash.bytes();
    int db = 1 + hashLength;
    if (block.length < 2 * hashLength + 2) {
      return Optional.empty();
    }
    mask(mgf, block, db, block.length - db, 1, hashLength);
    mask(mgf, block, 1, hashLength, db, block.length - db);
    byte[] labelHash = digest(hash, label);
    int bad = block[0] & 0xff;
    for (int i = 0; i < hashLength; i++) {
      bad |= (block[db + i] ^ labelHash[i]) & 0xff;
    }
    int looking = -1;
    int separator = 0;
    for (int i = db + hashLength; i < block.length; i++) {
      int zero = isZero(block[i] & 0xff);
      int one = isZero(block[i] & 0xff ^ 1);
      separator |= i & one & looking;
      bad |= looking & ~zero & ~one;
      looking &= zero;
    }
    bad |= isZero(separator);
    return message(block, separator + 1, bad);
  }

  /** The same copy and the same wiping for good and bad blocks; only then it is told which. */
  private static Optional<byte[]> message(byte[] block, int from, int bad) {
    byte[] message = Arrays.copyOfRange(block, from, block.length);
    Arrays.fill(block, (byte) 0);
    if (bad != 0) {
      Arrays.fill(message, (byte) 0);
      return Optional.empty();
    }
    return Optional.of(message);
  }

  /** All ones for 0, 0 for 1 to 255. */
  private static int isZero(int value) {
    return (value - 1) >> 31;
  }

  private static byte[] pssHash(Hash hash, byte[] digest, byte[] salt) {
    return digest(hash, new byte[8], digest, salt);
  }

  /** XORs MGF1 of one range over another of the same array (RFC 8017 appendix B.2.1). */
  private static void mask(Hash hash, byte[] block, int seed, int seedLength, int at, int length) {
    MessageDigest digest = Digests.instance(hash.standard());
    byte[] counter = new byte[4];
    byte[] ones = new byte[hash.bytes()];
    for (int done = 0; done < length; done += ones.length) {
      digest.update(block, seed, seedLength);
      ones = digest.digest(counter);
      int many = Math.min(ones.length, length - done);
      for (int i = 0; i < many; i++) {
        block[at + done + i] ^= ones[i];
      }
      counter[3]++;
    }
  }

  private static byte[] digest(Hash hash, byte[]... parts) {
    MessageDigest digest = Digests.instance(hash.standard());
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  private static byte[] leftPadded(byte[] bytes, int length) {
    if (bytes.length == length) {
      return bytes;
    }
    byte[] padded = new byte[length];
    System.arraycopy(bytes, 0, padded, length - bytes.length, bytes.length);
    return padded;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
