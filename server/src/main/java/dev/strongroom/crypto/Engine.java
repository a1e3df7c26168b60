package dev.strongroom.crypto;

import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The mathematics of RSA and elliptic curves, without any message encoding: those are {@link
 * RsaEncoding}, the same for every engine. Instances serve all threads.
 */
public interface Engine {
  /** Such as "JDK" or "OpenSSL". */
  String name();

  String version();

  /** When this version came out, as far as it says so: an old one may lack security fixes. */
  Optional<LocalDate> released();

  RsaParts generateRsa(KeySpec.Rsa spec);

  /** The parts stay the caller's, who may wipe them at once. */
  RsaHandle open(RsaParts parts);

  /** For the public operation alone. */
  RsaHandle open(PublicJwk.Rsa key);

  /** The scalar stays the caller's, who may wipe it at once. */
  EcHandle open(PublicJwk.Ec key, byte[] scalar);

  /** For verifying alone. */
  EcHandle open(PublicJwk.Ec key);

  /** An RSA key ready for use by any number of threads. */
  interface RsaHandle extends AutoCloseable {
    /**
     * The block to the private exponent, where the block is a number below the modulus, as long as
     * it. Blinded, and checked against the public key before it is answered, so that a fault in the
     * computation gives no key away.
     */
    byte[] privately(byte[] block);

    /** The block to the public exponent; the same rules for the block. */
    byte[] publicly(byte[] block);

    /** Whoever is under way finishes; later use is refused. */
    @Override
    void close();
  }

  /** A key on a curve, ready for use by any number of threads. */
  interface EcHandle extends AutoCloseable {
    /** ECDSA over a digest: r and s, each as long as the curve's numbers (IEEE P1363). */
    byte[] sign(byte[] digest);

    /** False for everything that is not the one form that {@link #sign} makes. */
    boolean verify(byte[] digest, byte[] signature);

    @Override
    void close();
  }
}
