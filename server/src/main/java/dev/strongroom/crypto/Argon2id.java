package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Argon2id version 1.3 (RFC 9106): keys out of passphrases. */
public final class Argon2id {
  private Argon2id() {}

  /**
   * What makes guessing dear; bounded, because they are read from a document that nothing
   * authenticates before it is opened.
   */
  public record Cost(int memoryKib, int iterations, int parallelism) {
    /** 64 MiB, three passes, four lanes: the second recommendation of RFC 9106 section 4. */
    public static final Cost RECOMMENDED = new Cost(64 * 1024, 3, 4);

    public Cost {
      if (parallelism < 1
          || parallelism > 64
          || iterations < 1
          || iterations > 64
          || memoryKib < 8 * parallelism
          || memoryKib > 1024 * 1024) {
        throw new IllegalArgumentException("these Argon2id parameters are not accepted");
      }
    }
  }

  /** A third of a second and the whole memory of the cost: not where requests are served. */
  public static SecretBytes derive(SecretBytes passphrase, byte[] salt, Cost cost, int length) {
    return derive(passphrase, salt, new byte[0], new byte[0], cost, length);
  }

  static SecretBytes derive(
      SecretBytes passphrase,
      byte[] salt,
      byte[] secret,
      byte[] additional,
      Cost cost,
      int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    Argon2Parameters parameters =
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(cost.memoryKib())
            .withIterations(cost.iterations())
            .withParallelism(cost.parallelism())
            .withSalt(salt)
            .withSecret(secret)
            .withAdditional(additional)
            .build();
    generator.init(parameters);
    byte[] key = new byte[length];
    generator.generateBytes(passphrase.exposed(), key);
    parameters.clear();
    return SecretBytes.taking(key);
  }
}
