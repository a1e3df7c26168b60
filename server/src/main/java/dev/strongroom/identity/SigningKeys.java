package dev.strongroom.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.strongroom.crypto.Rsa;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.SigningKey;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The keys that sign our tokens: RSA of 2048 bits, RS256 only, shared by all nodes through the
 * store.
 *
 * <p>Rotation overlaps: a new key is published before it signs, and the old one verifies until the
 * last token that it can have signed has expired. What is read from the store is used for at most
 * one second, so a key that another node made is known in time, and an unknown kid cannot cause
 * more than one reading a second.
 */
public final class SigningKeys {
  /** Between publishing a new key and signing with it: longer than a JWKS may be cached. */
  public static final Duration LEAD = Duration.ofHours(1);

  /** How long clients may keep the published keys. */
  public static final Duration PUBLISHED_FOR = Duration.ofMinutes(15);

  /** After this time a key should sign no more. */
  public static final Duration SIGNS_FOR = Duration.ofDays(90);

  private static final int BITS = 2048;
  private static final String PARENT = "signing";
  private static final Instant OPEN = Instant.parse("9999-12-31T23:59:59Z");

  /** A key that tokens may be verified with. */
  record Verifying(String kid, RSAPublicKey publicKey, String publicJwk, Instant verifiesUntil) {}

  /** Somebody else made the key in the meantime. */
  private static final class Beaten extends RuntimeException {
    private Beaten() {
      super("another node made a signing key", null, false, false);
    }
  }

  private record Loaded(List<SigningKey> rows, Map<String, Verifying> verifying) {}

  private final Store store;
  private final Barrier barrier;
  /** By the store's epoch of rules, so that what another node changed is read at once. */
  private final Cache<Long, Loaded> loaded =
      Caffeine.newBuilder().maximumSize(2).expireAfterWrite(Duration.ofSeconds(1)).build();
  private final Map<String, RSAPrivateKey> opened = new ConcurrentHashMap<>();

  public SigningKeys(Store store, Barrier barrier) {
    this.store = store;
    this.barrier = barrier;
  }

  /** Makes the first key where there is none; it signs at once. */
  public void ensure(Origin origin) {
    if (!store.rulesByParent(RuleKind.SIGNING_KEY, PARENT).isEmpty()) {
      return;
    }
    SigningKey first = make(origin.time());
    try {
      store.change(
          origin,
          JournalNote.none(),
          tx -> {
            if (!tx.rulesByParent(RuleKind.SIGNING_KEY, PARENT).isEmpty()) {
              throw new Beaten();
            }
            tx.put(RuleKind.SIGNING_KEY, first);
            return null;
          });
    } catch (Beaten e) {
      // because the other node's key is as good, and this one never left this method
      opened.remove(first.kid());
    }
    loaded.invalidateAll();
  }

  /**
   * Makes a new key, which signs after {@link #LEAD}; the others verify until their last tokens
   * have expired. Returns the new kid.
   */
  public String rotate(Origin origin) {
    return rotate(origin, LEAD, rows -> true);
  }

  /** The same at once, for a key that is no longer trusted: no other key verifies from now on. */
  public String replace(Origin origin) {
    return rotate(origin, Duration.ZERO, rows -> true);
  }

  /**
   * Makes a new key when {@link #isRotationDue}, and says whether it did; for every node to call
   * now and then.
   */
  public boolean rotateIfDue(Origin origin) {
    if (!isRotationDue(origin.time())) {
      return false;
    }
    try {
      rotate(origin, LEAD, rows -> isRotationDue(rows, origin.time()));
      return true;
    } catch (Beaten e) {
      return false;
    }
  }

  /** Whether the newest key has signed for long enough that {@link #rotate} is due. */
  public boolean isRotationDue(Instant now) {
    return isRotationDue(rows(), now);
  }

  private static boolean isRotationDue(List<SigningKey> rows, Instant now) {
    return rows.stream()
        .map(SigningKey::signsFrom)
        .max(Comparator.naturalOrder())
        .map(newest -> !now.isBefore(newest.plus(SIGNS_FOR)))
        .orElse(true);
  }

  /** The public keys that verify now or will, as JWKs, the newest first. */
  public List<String> published(Instant now) {
    return rows().stream()
        .filter(row -> now.isBefore(row.verifiesUntil()))
        .sorted(Comparator.comparing(SigningKey::signsFrom).reversed())
        .map(SigningKey::publicJwk)
        .toList();
  }

  Optional<Verifying> verifying(String kid) {
    return Optional.ofNullable(load().verifying().get(kid));
  }

  /** A compact JWS over the claims, with the key that signs now. */
  String sign(byte[] claims, Instant now) {
    if (barrier.isSealed()) {
      opened.clear();
      throw VaultException.of(ErrorCode.SERVER_SEALED);
    }
    SigningKey key =
        rows().stream()
            .filter(row -> !now.isBefore(row.signsFrom()) && now.isBefore(row.verifiesUntil()))
            .max(Comparator.comparing(SigningKey::signsFrom).thenComparing(SigningKey::kid))
            .orElseThrow(
                () -> VaultException.of(ErrorCode.INTEGRITY, "name", "the token signing key"));
    JWSObject jws =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.kid())
                .build(),
            new Payload(claims));
    try {
      jws.sign(new RSASSASigner(opened.computeIfAbsent(key.kid(), kid -> open(key))));
    } catch (JOSEException e) {
      throw new IllegalStateException("signing with a key of our own", e);
    }
    return jws.serialize();
  }

  private String rotate(Origin origin, Duration lead, Predicate<List<SigningKey>> wanted) {
    SigningKey next = make(origin.time().plus(lead));
    Instant othersUntil =
        lead.isZero() ? origin.time() : next.signsFrom().plus(Tokens.LONGEST_LIFE).plus(LEAD);
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          List<SigningKey> rows = tx.rulesByParent(RuleKind.SIGNING_KEY, PARENT);
          if (!wanted.test(rows)) {
            throw new Beaten();
          }
          for (SigningKey row : rows) {
            if (!row.verifiesUntil().isAfter(origin.time())) {
              tx.remove(RuleKind.SIGNING_KEY, row.key());
            } else if (row.verifiesUntil().isAfter(othersUntil)) {
              tx.put(
                  RuleKind.SIGNING_KEY,
                  new SigningKey(
                      row.kid(), row.publicJwk(), row.privateKey(), row.signsFrom(), othersUntil));
            }
          }
          tx.put(RuleKind.SIGNING_KEY, next);
          return null;
        });
    loaded.invalidateAll();
    return next.kid();
  }

  private SigningKey make(Instant signsFrom) {
    Rsa.Pair pair = Rsa.generate(BITS);
    try (SecretBytes pkcs8 = pair.pkcs8()) {
      RSAKey jwk =
          new RSAKey.Builder(pair.publicKey())
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.RS256)
              .keyIDFromThumbprint()
              .build();
      return new SigningKey(
          jwk.getKeyID(),
          jwk.toJSONString(),
          barrier.sealSystem(SystemUse.TOKEN_SIGNING, context(jwk.getKeyID()), pkcs8),
          signsFrom,
          OPEN);
    } catch (JOSEException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private RSAPrivateKey open(SigningKey key) {
    try (SecretBytes pkcs8 =
        barrier.openSystem(SystemUse.TOKEN_SIGNING, context(key.kid()), key.privateKey())) {
      return Rsa.read(pkcs8).privateKey();
    }
  }

  private static byte[] context(String kid) {
    return kid.getBytes(StandardCharsets.US_ASCII);
  }

  private List<SigningKey> rows() {
    return load().rows();
  }

  private Loaded load() {
    return loaded.get(
        store.rulesEpoch(),
        epoch -> {
          List<SigningKey> rows = store.rulesByParent(RuleKind.SIGNING_KEY, PARENT);
          Map<String, Verifying> verifying = new ConcurrentHashMap<>();
          for (SigningKey row : rows) {
            verifying.put(
                row.kid(),
                new Verifying(row.kid(), publicKey(row), row.publicJwk(), row.verifiesUntil()));
          }
          opened.keySet().retainAll(verifying.keySet());
          return new Loaded(rows, Map.copyOf(verifying));
        });
  }

  private static RSAPublicKey publicKey(SigningKey row) {
    try {
      return RSAKey.parse(row.publicJwk()).toRSAPublicKey();
    } catch (ParseException | JOSEException e) {
      throw new IllegalStateException("the stored signing key " + row.kid() + " is not a JWK", e);
    }
  }
}
