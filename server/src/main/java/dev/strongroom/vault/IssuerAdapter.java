package dev.strongroom.vault;

import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.X509Properties;
import dev.strongroom.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the certificates of one provider are asked for. An operation that takes time is stored with its
 * waiting key and goes on step by step as due work; what was stored is all that a step knows, so that
 * it may be taken again after a crash, or by another node.
 */
public interface IssuerAdapter {
  /**
   * An operation in progress.
   *
   * @param version the version that it makes
   * @param issuer the vault's issuer object; empty where the provider's own name is used
   * @param csr the signing request, in DER
   * @param state what the step before left; empty at the first
   */
  record Request(
      Container container,
      ObjectName name,
      Id object,
      Id version,
      String requestId,
      Optional<CertificateIssuer> issuer,
      CertificatePolicy policy,
      byte[] csr,
      PublicJwk key,
      Optional<String> state,
      Instant now) {}

  /** What came of a step. */
  sealed interface Outcome {}

  /** Something to be written in the change that writes the certificate; it may throw to refuse both. */
  @FunctionalInterface
  interface Recording {
    Recording NOTHING = tx -> {};

    void apply(Tx tx);
  }

  /** Done: certificates in DER, among them the one of the key. */
  record Issued(List<byte[]> chain, Recording recording) implements Outcome {
    public Issued {
      chain = List.copyOf(chain);
    }
  }

  /** Not yet: the next step is at this time and gets this state. */
  record Waiting(Optional<String> state, Instant next) implements Outcome {}

  /**
   * Never: shown as the operation's error. Azure's codes are "Certificate issuer error" and "Request
   * rejected".
   */
  record Failed(String code, String message) implements Outcome {}

  /** By which issuer objects name it. */
  String provider();

  /** Whether policies may name the provider as their issuer without an issuer object of that name. */
  default boolean isOffered() {
    return false;
  }

  /** What the signing request says, of what the policy says. */
  default X509Properties requested(X509Properties wanted) {
    return wanted;
  }

  /**
   * The first step, before the operation is stored: it must have no effect that outlives it and wait
   * for nobody. What asks others over a network answers {@link Waiting} here.
   */
  Outcome begin(Request request);

  /** A further step, of an operation that is stored; it may ask others, for less than a minute. */
  Outcome proceed(Request request);
}
