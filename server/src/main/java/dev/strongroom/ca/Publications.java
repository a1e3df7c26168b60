package dev.strongroom.ca;

import dev.strongroom.crypto.Pem;
import dev.strongroom.model.Authority;
import dev.strongroom.model.Id;
import dev.strongroom.store.RevocationListRow;
import dev.strongroom.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What everybody may fetch of the authority: its certificates and revocation lists. */
public final class Publications {
  /** Prefixes of the paths; certificates that are issued point there, so they never change. */
  public static final String CERTIFICATES = "/ca/";

  public static final String LISTS = "/crl/";
  public static final String OCSP = "/ocsp";

  /** The intermediate and the root, as PEM. */
  public static final String CHAIN = "chain.pem";

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final String CERTIFICATE_TYPE = "application/pkix-cert";
  private static final String CHAIN_TYPE = "application/pem-certificate-chain";
  private static final String LIST_TYPE = "application/pkix-crl";

  /** A document and how long it may be kept. */
  public record Publication(String type, Duration keep, byte[] body) {}

  private final Store store;
  private final Authorities authorities;
  private final InstantSource clock;

  public Publications(Store store, Authorities authorities, InstantSource clock) {
    this.store = store;
    this.authorities = authorities;
    this.clock = clock;
  }

  /**
   * @param name ID.crt, or {@link #CHAIN}
   */
  public Optional<Publication> certificate(String name) {
    if (name.equals(CHAIN)) {
      return chain()
          .map(
              pem ->
                  new Publication(
                      CHAIN_TYPE, LONGEST, pem.getBytes(StandardCharsets.US_ASCII)));
    }
    return id(name, ".crt")
        .flatMap(authorities::find)
        .filter(one -> one.kind() != Authority.Kind.RESPONDER)
        .map(one -> new Publication(CERTIFICATE_TYPE, DAY, one.certificate()));
  }

  /** The intermediate and the root, as PEM, once there are any. */
  public Optional<String> chain() {
    return authorities
        .issuing()
        .map(
            one ->
                Pem.write(Pem.CERTIFICATE, one.certificate())
                    + Pem.write(
                        Pem.CERTIFICATE, authorities.issuerOf(one).certificate()));
  }

  /**
   * @param name ID.crl
   */
  public Optional<Publication> list(String name) {
    return id(name, ".crl")
        .flatMap(store::findRevocationList)
        .map(list -> new Publication(LIST_TYPE, keep(list), list.body()));
  }

  /** Not for long, so that a revocation is soon seen; never beyond the end of the list. */
  private Duration keep(RevocationListRow list) {
    Instant now = clock.instant();
    Duration left = Duration.between(now, list.nextUpdate()).dividedBy(2);
    Duration most = left.compareTo(LONGEST) < 0 ? left : LONGEST;
    return most.isNegative() ? Duration.ZERO : most;
  }

  private static Optional<Id> id(String name, String suffix) {
    return name.endsWith(suffix)
        ? Id.findHex(name.substring(0, name.length() - suffix.length()))
        : Optional.empty();
  }
}
