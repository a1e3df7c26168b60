package dev.strongroom.identity;

import com.nimbusds.jose.JWSAlgorithm;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.X509;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.TrustedIssuer;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Applications with their credentials, tenants, and the outside issuers that a tenant trusts. A
 * secret is made here, shown once, and kept as a MAC only.
 */
public final class Applications {
  public static final Duration LONGEST_SECRET_LIFE = Duration.ofDays(3650);

  private static final int SECRET_BYTES = 32;
  private static final int HINT = 3;
  private static final int MOST_CREDENTIALS = 20;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_TEXT = 600;
  private static final int LEAST_RSA_BITS = 2048;
  private static final int P256_BITS = 256;
  private static final Pattern DOMAIN =
      Pattern.compile("(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\\.[a-z0-9][a-z0-9-]{0,62})*");
  private static final Set<String> RESERVED_DOMAINS =
      Set.of("adfs", "common", "organizations", "consumers");
  private static final Set<String> ISSUER_ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256.getName(),
          JWSAlgorithm.RS384.getName(),
          JWSAlgorithm.RS512.getName(),
          JWSAlgorithm.PS256.getName(),
          JWSAlgorithm.PS384.getName(),
          JWSAlgorithm.PS512.getName(),
          JWSAlgorithm.ES256.getName(),
          JWSAlgorithm.ES384.getName(),
          JWSAlgorithm.ES512.getName());

  /** A new secret with its text, which is nowhere else. */
  public record NewSecret(Application application, Application.Secret entry, SecretBytes text) {}

  private final Store store;
  private final Barrier barrier;
  private final Directory directory;
  private final Realm realm;

  public Applications(Store store, Barrier barrier, Directory directory, Realm realm) {
    this.store = store;
    this.barrier = barrier;
    this.directory = directory;
    this.realm = realm;
  }

  public Application create(Id tenant, String displayName, Origin origin) {
    Application application =
        new Application(
            Randoms.guid(),
            Randoms.guid(),
            tenant,
            name(displayName),
            true,
            List.of(),
            List.of(),
            List.of(),
            origin.time().truncatedTo(ChronoUnit.SECONDS));
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          if (tx.findRule(RuleKind.TENANT, tenant.guid()).isEmpty()) {
            throw bad("The tenant " + tenant.guid() + " does not exist.");
          }
          tx.put(RuleKind.APPLICATION, application);
          return null;
        });
    directory.changed();
    return application;
  }

  public List<Application> list(Id tenant) {
    return directory.applications(tenant);
  }

  /** By object id or by application id, of this tenant only. */
  public Application get(Id tenant, Id id) {
    return directory
        .application(id)
        .or(() -> directory.applicationByAppId(id))
        .filter(found -> found.tenant().equals(tenant))
        .orElseThrow(() -> notFound(id));
  }

  /** A disabled application gets no tokens, and those it has are refused. */
  public Application setEnabled(Id tenant, Id id, boolean enabled, Origin origin) {
    return change(
        tenant,
        id,
        origin,
        now ->
            new Application(
                now.objectId(),
                now.appId(),
                now.tenant(),
                now.displayName(),
                enabled,
                now.secrets(),
                now.certificates(),
                now.federations(),
                now.created()));
  }

  public NewSecret addSecret(
      Id tenant, Id id, String displayName, Duration life, Origin origin) {
    if (life.isNegative() || life.isZero() || life.compareTo(LONGEST_SECRET_LIFE) > 0) {
      throw bad("A secret lives for up to " + LONGEST_SECRET_LIFE.toDays() + " days.");
    }
    Id objectId = get(tenant, id).objectId();
    Id keyId = Randoms.guid();
    byte[] random = Randoms.bytes(SECRET_BYTES);
    SecretBytes text =
        SecretBytes.taking(Base64.getUrlEncoder().withoutPadding().encode(random));
    SecretBytes.taking(random).close();
    Instant start = origin.time().truncatedTo(ChronoUnit.SECONDS);
    Application.Secret entry =
        new Application.Secret(
            keyId,
            name(displayName),
            new String(text.exposed(), 0, HINT, StandardCharsets.US_ASCII),
            HexFormat.of().formatHex(TokenEndpoint.macOf(barrier, objectId, keyId, text)),
            start,
            start.plus(life));
    Application changed =
        change(
            tenant,
            objectId,
            origin,
            now -> with(now, added(now.secrets(), entry), now.certificates(), now.federations()));
    return new NewSecret(changed, entry, text);
  }

  public Application removeSecret(Id tenant, Id id, Id keyId, Origin origin) {
    return change(
        tenant,
        id,
        origin,
        now ->
            with(
                now,
                without(now.secrets(), Application.Secret::keyId, keyId),
                now.certificates(),
                now.federations()));
  }

  /** Registers a certificate, as PEM or DER, whose key is RSA of 2048 bits or more, or P-256. */
  public Application addCertificate(
      Id tenant, Id id, String displayName, byte[] certificate, Origin origin) {
    X509.Certificate read;
    try {
      read = X509.read(certificate);
    } catch (IllegalArgumentException e) {
      throw bad("The certificate cannot be read: " + e.getMessage() + ".");
    }
    boolean usable =
        switch (read.publicKey()) {
          case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
          case ECPublicKey ec -> ec.getParams().getOrder().bitLength() == P256_BITS;
          default -> false;
        };
    if (!usable) {
      throw bad("The certificate's key must be RSA of at least 2048 bits or on P-256.");
    }
    if (!origin.time().isBefore(read.notAfter())) {
      throw bad("The certificate has expired.");
    }
    Application.Certificate entry =
        new Application.Certificate(
            Randoms.guid(),
            name(displayName),
            Base64.getEncoder().encodeToString(read.der()),
            read.sha1(),
            read.sha256(),
            read.notBefore(),
            read.notAfter());
    return change(
        tenant,
        id,
        origin,
        now -> {
          if (now.certificates().stream()
              .anyMatch(other -> other.sha256().equals(entry.sha256()))) {
            throw bad("The certificate is registered for this application already.");
          }
          return with(
              now, now.secrets(), added(now.certificates(), entry), now.federations());
        });
  }

  public Application removeCertificate(Id tenant, Id id, Id keyId, Origin origin) {
    return change(
        tenant,
        id,
        origin,
        now ->
            with(
                now,
                now.secrets(),
                without(now.certificates(), Application.Certificate::keyId, keyId),
                now.federations()));
  }

  /** Lets tokens of a trusted issuer with exactly this subject and audience sign in as it. */
  public Application federate(
      Id tenant,
      Id id,
      String name,
      String issuer,
      String subject,
      String audience,
      Origin origin) {
    Application.Federation entry =
        new Application.Federation(
            Randoms.guid(),
            name(name),
            text(issuer, "issuer"),
            text(subject, "subject"),
            text(audience, "audience"));
    return change(
        tenant,
        id,
        origin,
        now -> {
          if (now.federations().stream()
              .anyMatch(
                  other ->
                      other.issuer().equals(entry.issuer())
                          && other.subject().equals(entry.subject())
                          && other.audience().equals(entry.audience()))) {
            throw bad("The application has a federation of this issuer, subject and audience.");
          }
          return with(
              now, now.secrets(), now.certificates(), added(now.federations(), entry));
        });
  }

  public Application removeFederation(Id tenant, Id id, Id federation, Origin origin) {
    return change(
        tenant,
        id,
        origin,
        now ->
            with(
                now,
                now.secrets(),
                now.certificates(),
                without(now.federations(), Application.Federation::id, federation)));
  }

  public Tenant createTenant(String displayName, String domain, Origin origin) {
    String folded = domain.toLowerCase(Locale.ROOT);
    if (!DOMAIN.matcher(folded).matches()
        || RESERVED_DOMAINS.contains(folded)
        || Id.findGuid(folded).isPresent()) {
      throw bad("The tenant's domain must be a domain name.");
    }
    Tenant tenant =
        new Tenant(
            Randoms.guid(),
            name(displayName),
            folded,
            origin.time().truncatedTo(ChronoUnit.SECONDS));
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          if (tx.rules(RuleKind.TENANT).stream()
              .anyMatch(other -> other.domain().equals(folded))) {
            throw bad("There is a tenant with the domain " + folded + " already.");
          }
          tx.put(RuleKind.TENANT, tenant);
          return null;
        });
    directory.changed();
    return tenant;
  }

  public List<Tenant> tenants() {
    return directory.tenants();
  }

  /** The oldest tenant: the one that {@code adfs} stands for. */
  public Optional<Tenant> defaultTenant() {
    return directory.defaultTenant();
  }

  /** Trusts an issuer by its exact URL; its keys are given, or one address of them. */
  public TrustedIssuer addIssuer(
      Id tenant,
      String url,
      Optional<String> jwks,
      Optional<String> jwksUri,
      List<String> algorithms,
      Origin origin) {
    Optional<URI> parsed = Realm.https(url);
    if (parsed.isEmpty() || url.length() > LONGEST_TEXT) {
      throw bad("The issuer must be an https address.");
    }
    String host = parsed.get().getHost();
    if (realm.isLoginHost(host) || host.equals("sts." + realm.domain())) {
      throw bad("This server cannot be an outside issuer of itself.");
    }
    if (jwks.isPresent() == jwksUri.isPresent()) {
      throw bad("Give either the issuer's keys or the address of its keys.");
    }
    if (algorithms.isEmpty() || !ISSUER_ALGORITHMS.containsAll(algorithms)) {
      throw bad(
          "The issuer's algorithms must be of "
              + String.join(", ", ISSUER_ALGORITHMS.stream().sorted().toList())
              + '.');
    }
    Optional<String> keys = jwks.map(Applications::publicKeys);
    jwksUri.ifPresent(Applications::requireAddress);
    TrustedIssuer issuer =
        new TrustedIssuer(
            tenant,
            url,
            keys,
            jwksUri,
            List.copyOf(algorithms),
            origin.time().truncatedTo(ChronoUnit.SECONDS));
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          if (tx.findRule(RuleKind.TENANT, tenant.guid()).isEmpty()) {
            throw bad("The tenant " + tenant.guid() + " does not exist.");
          }
          tx.put(RuleKind.TRUSTED_ISSUER, issuer);
          return null;
        });
    directory.changed();
    return issuer;
  }

  public void removeIssuer(Id tenant, String url, Origin origin) {
    String key = tenant.guid() + '/' + url;
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          if (tx.findRule(RuleKind.TRUSTED_ISSUER, key).isEmpty()) {
            throw bad("The issuer " + url + " is not trusted in this tenant.");
          }
          tx.remove(RuleKind.TRUSTED_ISSUER, key);
          return null;
        });
    directory.changed();
  }

  public List<TrustedIssuer> issuers(Id tenant) {
    return directory.issuers(tenant);
  }

  private Application change(
      Id tenant, Id id, Origin origin, UnaryOperator<Application> step) {
    Id objectId = get(tenant, id).objectId();
    Application changed =
        store.change(
            origin,
            JournalNote.none(),
            tx -> {
              Application now =
                  tx.findRule(RuleKind.APPLICATION, objectId.guid())
                      .orElseThrow(() -> notFound(id));
              Application next = step.apply(now);
              tx.put(RuleKind.APPLICATION, next);
              return next;
            });
    directory.changed();
    return changed;
  }

  private static Application with(
      Application now,
      List<Application.Secret> secrets,
      List<Application.Certificate> certificates,
      List<Application.Federation> federations) {
    return new Application(
        now.objectId(),
        now.appId(),
        now.tenant(),
        now.displayName(),
        now.enabled(),
        secrets,
        certificates,
        federations,
        now.created());
  }

  private static <T> List<T> added(List<T> list, T entry) {
    if (list.size() >= MOST_CREDENTIALS) {
      throw bad("An application has at most " + MOST_CREDENTIALS + " credentials of a kind.");
    }
    List<T> more = new ArrayList<>(list);
    more.add(entry);
    return List.copyOf(more);
  }

  private static <T> List<T> without(List<T> list, Function<T, Id> idOf, Id id) {
    List<T> rest = list.stream().filter(entry -> !idOf.apply(entry).equals(id)).toList();
    if (rest.size() == list.size()) {
      throw bad("The application has no credential " + id.guid() + " of this kind.");
    }
    return rest;
  }

  private static String publicKeys(String jwks) {
    try {
      return IssuerKeys.publicSet(jwks);
    } catch (IllegalArgumentException e) {
      throw bad("The issuer's keys cannot be used: " + e.getMessage() + ".");
    }
  }

  private static void requireAddress(String address) {
    try {
      if (WebKeySource.isAllowed(new URI(address))) {
        return;
      }
    } catch (URISyntaxException e) {
      throw bad("The address of the issuer's keys is not a URI.");
    }
    throw bad("The address of the issuer's keys must be https or a file.");
  }

  private static String name(String text) {
    if (text.isBlank()
        || text.length() > LONGEST_NAME
        || text.chars().anyMatch(Character::isISOControl)) {
      throw bad("A display name has 1 to " + LONGEST_NAME + " characters, no control ones.");
    }
    return text;
  }

  private static String text(String text, String what) {
    if (text.isBlank() || text.length() > LONGEST_TEXT) {
      throw bad("The " + what + " has 1 to " + LONGEST_TEXT + " characters.");
    }
    return text;
  }

  private static VaultException bad(String reason) {
    return VaultException.of(ErrorCode.ARM_BAD_REQUEST, "reason", reason);
  }

  private static VaultException notFound(Id id) {
    return VaultException.of(ErrorCode.APPLICATION_NOT_FOUND, "name", id.guid());
  }
}
