package dev.strongroom.crypto;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyAlgorithm.Hash;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.math.BigInteger;
import java.util.Optional;

/** An open RSA key: message encodings of {@link RsaEncoding} around the engine's two operations. */
final class OpenRsa implements OpenKey {
  private static final byte[] NO_LABEL = {};

  private final PublicJwk.Rsa key;
  private final Engine.RsaHandle handle;
  private final int blockLength;

  OpenRsa(PublicJwk.Rsa key, Engine.RsaHandle handle) {
    this.key = key;
    this.handle = handle;
    this.blockLength = (key.bits() + 7) / 8;
  }

  @Override
  public PublicJwk publicJwk() {
    return key;
  }

  @Override
  public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
    Refused.unlessFits(algorithm, KeyOperation.SIGN, key);
    byte[] digest = digest(algorithm, what, "value");
    byte[] block =
        algorithm.family() == KeyAlgorithm.Family.RSA_PSS
            ? RsaEncoding.pss(
                hash(algorithm), digest, Randoms.bytes(digest.length), key.bits())
            : pkcs1(algorithm, digest);
    return handle.privately(block);
  }

  @Override
  public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
    Refused.unlessFits(algorithm, KeyOperation.VERIFY, key);
    byte[] digest = digest(algorithm, what, "digest");
    if (!isBlock(signature)) {
      return false;
    }
    byte[] block = handle.publicly(signature);
    return algorithm.family() == KeyAlgorithm.Family.RSA_PSS
        ? RsaEncoding.pssMatches(hash(algorithm), digest, block, digest.length, key.bits())
        : Digests.equal(pkcs1(algorithm, digest), block);
  }

  @Override
  public Ciphertext encrypt(
      KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
    Refused.unlessFits(algorithm, KeyOperation.ENCRYPT, key);
    Refused.ifThere("iv", iv);
    Refused.ifThere("aad", aad);
    return Ciphertext.of(encrypt(algorithm, plain));
  }

  @Override
  public Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext) {
    Refused.unlessFits(algorithm, KeyOperation.DECRYPT, key);
    Refused.ifThere("iv", ciphertext.iv());
    Refused.ifThere("tag", ciphertext.tag());
    Refused.ifThere("aad", ciphertext.aad());
    return decrypt(algorithm, ciphertext.value());
  }

  @Override
  public byte[] wrap(KeyAlgorithm algorithm, SecretBytes wrapped) {
    Refused.unlessFits(algorithm, KeyOperation.WRAP_KEY, key);
    return encrypt(algorithm, wrapped);
  }

  @Override
  public Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped) {
    Refused.unlessFits(algorithm, KeyOperation.UNWRAP_KEY, key);
    return decrypt(algorithm, wrapped);
  }

  private byte[] encrypt(KeyAlgorithm algorithm, SecretBytes plain) {
    requireAtMost(algorithm, plain.length());
    byte[] block =
        algorithm.family() == KeyAlgorithm.Family.RSA_OAEP
            ? RsaEncoding.oaep(
                hash(algorithm), hash(algorithm), NO_LABEL, plain.exposed(), blockLength)
            : RsaEncoding.pkcs1Encrypt(plain.exposed(), blockLength);
    try (SecretBytes secret = SecretBytes.taking(block)) {
      return handle.publicly(secret.exposed());
    }
  }

  private Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, byte[] ciphertext) {
    if (!isBlock(ciphertext)) {
      return Optional.empty();
    }
    byte[] block = handle.privately(ciphertext);
    Optional<byte[]> plain =
        algorithm.family() == KeyAlgorithm.Family.RSA_OAEP
            ? RsaEncoding.oaepDecode(hash(algorithm), hash(algorithm), NO_LABEL, block)
            : RsaEncoding.pkcs1Decrypt(block);
    return plain.map(SecretBytes::taking);
  }

  private byte[] digest(KeyAlgorithm algorithm, ToSign what, String property) {
    byte[] digest = Refused.unlessDigest(what);
    algorithm
        .digestLength()
        .ifPresent(wanted -> Refused.unlessLength(algorithm, property, digest, wanted));
    requireAtMost(algorithm, digest.length);
    return digest;
  }

  private void requireAtMost(KeyAlgorithm algorithm, int length) {
    algorithm
        .mostInput(key.bits())
        .ifPresent(
            most -> {
              if (length > most) {
                throw Refused.length(algorithm, length, "at most " + most + " bytes");
              }
            });
  }

  private byte[] pkcs1(KeyAlgorithm algorithm, byte[] digest) {
    return algorithm.family() == KeyAlgorithm.Family.RSA_PKCS1_RAW
        ? RsaEncoding.pkcs1Raw(digest, blockLength)
        : RsaEncoding.pkcs1Signature(hash(algorithm), digest, blockLength);
  }

  private boolean isBlock(byte[] bytes) {
    return bytes.length == blockLength && new BigInteger(1, bytes).compareTo(key.n()) < 0;
  }

  private static Hash hash(KeyAlgorithm algorithm) {
    return algorithm.hash().orElseThrow();
  }

  @Override
  public void close() {
    handle.close();
  }
}
