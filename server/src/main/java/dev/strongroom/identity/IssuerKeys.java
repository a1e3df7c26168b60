package dev.strongroom.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.strongroom.model.TrustedIssuer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The keys of outside issuers: those that the rule holds, or those behind its one address, read at
 * most once a minute, whatever kid a token names, and never trusted for more than a day after they
 * were last read.
 */
public final class IssuerKeys {
  private static final Logger LOG = Logger.getLogger(IssuerKeys.class.getName());
  private static final Duration BETWEEN_READS = Duration.ofMinutes(1);
  private static final Duration FRESH = Duration.ofHours(1);
  private static final Duration LAST_RESORT = Duration.ofHours(24);
  private static final int MOST_ISSUERS = 1000;
  private static final int LEAST_RSA_BITS = 2048;

  private static final class Known {
    private final ReentrantLock lock = new ReentrantLock();
    private List<JWK> keys = List.of();
    private Instant tried = Instant.MIN;
    private Instant read = Instant.MIN;
  }

  private final KeySource source;
  private final Cache<TrustedIssuer, Known> known =
      Caffeine.newBuilder().maximumSize(MOST_ISSUERS).build();

  public IssuerKeys(KeySource source) {
    this.source = source;
  }

  /** The issuer's key of this kid that may be used with this algorithm. */
  Optional<PublicKey> find(TrustedIssuer issuer, String kid, JWSAlgorithm algorithm, Instant now) {
    Known state = known.get(issuer, made -> new Known());
    state.lock.lock();
    try {
      if (issuer.jwks().isPresent()) {
        if (state.read.equals(Instant.MIN)) {
          state.read = now;
          state.keys = parse(issuer.jwks().get());
        }
      } else {
        boolean stale = isOlder(state.read, FRESH, now);
        if ((stale || choose(state.keys, kid, algorithm).isEmpty())
            && isOlder(state.tried, BETWEEN_READS, now)) {
          read(issuer, state, now);
        }
        if (isOlder(state.read, LAST_RESORT, now)) {
          state.keys = List.of();
        }
      }
      return choose(state.keys, kid, algorithm);
    } finally {
      state.lock.unlock();
    }
  }

  private void read(TrustedIssuer issuer, Known state, Instant now) {
    state.tried = now;
    try {
      URI address = URI.create(issuer.jwksUri().orElseThrow());
      state.keys = parse(new String(source.fetch(address), StandardCharsets.UTF_8));
      state.read = now;
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          Level.WARNING,
          "The keys of issuer {0} were not read: {1}",
          new Object[] {issuer.url(), e.getMessage()});
    }
  }

  /** The same set without what is private in it, or cannot be used here. */
  static String publicSet(String jwks) {
    return new JWKSet(parse(jwks)).toString();
  }

  /** IllegalArgumentException when it is not a JWK set with at least one key that can verify. */
  static List<JWK> parse(String jwks) {
    List<JWK> keys;
    try {
      keys = JWKSet.parse(jwks).getKeys();
    } catch (ParseException e) {
      throw new IllegalArgumentException("not a JWK set", e);
    }
    List<JWK> usable =
        keys.stream()
            .filter(key -> key.getKeyID() != null)
            .filter(key -> key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
            .filter(
                key ->
                    key instanceof ECKey
                        || key instanceof RSAKey rsa && rsa.size() >= LEAST_RSA_BITS)
            .map(JWK::toPublicJWK)
            .toList();
    if (usable.isEmpty()) {
      throw new IllegalArgumentException("a JWK set without a key that can verify");
    }
    return usable;
  }

  private static Optional<PublicKey> choose(List<JWK> keys, String kid, JWSAlgorithm algorithm) {
    return keys.stream()
        .filter(key -> key.getKeyID().equals(kid))
        .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
        .findFirst()
        .flatMap(IssuerKeys::publicKey);
  }

  private static Optional<PublicKey> publicKey(JWK key) {
    try {
      return Optional.of(
          key instanceof RSAKey rsa ? rsa.toRSAPublicKey() : key.toECKey().toECPublicKey());
    } catch (JOSEException e) {
      LOG.log(Level.WARNING, e, () -> "A key of an outside issuer cannot be used");
      return Optional.empty();
    }
  }

  private static boolean isOlder(Instant time, Duration than, Instant now) {
    return time.equals(Instant.MIN) || Duration.between(time, now).abs().compareTo(than) >= 0;
  }
}
