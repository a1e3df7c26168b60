package dev.strongroom.ca;

import dev.strongroom.crypto.AuthorityMaking;
import dev.strongroom.crypto.AuthorityMaking.Permitted;
import dev.strongroom.crypto.AuthorityMaking.Published;
import dev.strongroom.crypto.AuthorityMaking.Signing;
import dev.strongroom.crypto.AuthorityMaking.Validity;
import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Authority;
import dev.strongroom.model.AuthoritySettings;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.CertificateProfile;
import dev.strongroom.model.Curve;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.Origin;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.RuleKind;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.RevocationListRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The authority as it is stored: one root, below it the intermediate that issues and those that did
 * before, for each a key that signs OCSP answers, settings and profiles. An operator makes them.
 */
public final class Authorities {
  /** The profile of a policy that names none. */
  public static final String DEFAULT_PROFILE = "default";

  private static final Comparator<Authority> AGE =
      Comparator.comparing(Authority::created).thenComparing(Authority::key);

  static final Duration BACKDATED = Duration.ofMinutes(10);
  static final Duration RESPONDER_LIFE = Duration.ofDays(30);

  private static final int DEFAULT_LIST_HOURS = 72;
  private static final int MOST_LIST_HOURS = 24 * 365;
  private static final int MOST_YEARS = 50;
  private static final int MOST_DAYS = 36_500;
  private static final int DEFAULT_DAYS = 398;
  private static final Pattern PROFILE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern OID = Pattern.compile("[0-2](\\.(0|[1-9][0-9]{0,17})){1,20}");
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final List<CertificateKeyUsage> LEAF_USAGE =
      List.of(
          CertificateKeyUsage.DIGITAL_SIGNATURE,
          CertificateKeyUsage.KEY_ENCIPHERMENT,
          CertificateKeyUsage.KEY_AGREEMENT);

  private final Store store;
  private final Barrier barrier;
  private final KeyBackend backend;

  public Authorities(Store store, Barrier barrier, KeyBackend backend) {
    this.store = store;
    this.barrier = barrier;
    this.backend = backend;
  }

  /**
   * What an operator may say of an authority that is to be made.
   *
   * @param name of its owner: the subjects are made of it
   * @param keyType P-256, P-384, P-521, RSA-3072, RSA-4096, ML-DSA-44, ML-DSA-65 or ML-DSA-87
   * @param permitted what the intermediate keeps to; all where there are no names
   */
  public record Wanted(
      String name,
      String keyType,
      Optional<String> url,
      Permitted permitted,
      int rootYears,
      int years) {}

  public boolean isSetUp() {
    return issuing().isPresent();
  }

  /** The one that signs certificates of vaults. */
  Optional<Authority> issuing() {
    return newest(Authority.Kind.INTERMEDIATE, _ -> true);
  }

  /** The one that signs, and those that did; the newest first. */
  public List<Authority> intermediates() {
    return store
        .rulesByParent(
            RuleKind.AUTHORITY, Authority.parent(Authority.Kind.INTERMEDIATE))
        .stream()
        .sorted(AGE.reversed())
        .toList();
  }

  /** What is recorded of an intermediate once it is revoked. */
  public Optional<IssuedRow> revoked(Authority intermediate) {
    return store.findIssued(AuthorityMaking.serial(intermediate.certificate()));
  }

  /** Refuses when there is none. */
  public Authority required() {
    return issuing()
        .orElseThrow(() -> new CaException("there is no certificate authority; run: ca init"));
  }

  public Authority issuerOf(Authority authority) {
    return find(authority.issuer().orElseThrow()).orElseThrow();
  }

  Optional<Authority> responderOf(Authority issuer) {
    return newest(
        Authority.Kind.RESPONDER, one -> one.issuer().equals(Optional.of(issuer.id())));
  }

  private Optional<Authority> newest(
      Authority.Kind kind, Predicate<Authority> which) {
    return store.rulesByParent(RuleKind.AUTHORITY, Authority.parent(kind)).stream()
        .filter(which)
        .max(AGE);
  }

  Optional<Authority> find(Id id) {
    return store.findRule(RuleKind.AUTHORITY, id.hex());
  }

  public AuthoritySettings settings() {
    return store
        .findRule(RuleKind.AUTHORITY_SETTINGS, AuthoritySettings.KEY)
        .orElseThrow(() -> new CaException("there is no certificate authority; run: ca init"));
  }

  public List<CertificateProfile> profiles() {
    return store.rulesByParent(RuleKind.CERTIFICATE_PROFILE, CertificateProfile.PARENT);
  }

  Optional<CertificateProfile> profile(String name) {
    return store.findRule(RuleKind.CERTIFICATE_PROFILE, name);
  }

  /** Root, intermediate, responder, their first lists, settings and profiles in one change. */
  public void init(Wanted wanted, Origin origin) {
    if (isSetUp()) {
      throw exists();
    }
    require(!wanted.name().isBlank() && wanted.name().length() <= 48, "a name has 1 to 48 characters");
    require(wanted.name().matches("[\\p{L}\\p{N} .'_-]*"), "a name has letters, digits, spaces and .'_- only");
    require(
        wanted.years() >= 1 && wanted.years() <= wanted.rootYears()
            && wanted.rootYears() <= MOST_YEARS,
        "years are 1 to " + MOST_YEARS + ", those of the root not fewer than the intermediate's");
    KeySpec spec = spec(wanted.keyType());
    AuthoritySettings settings =
        new AuthoritySettings(wanted.url().map(Authorities::url), DEFAULT_LIST_HOURS);
    Instant now = origin.time().truncatedTo(ChronoUnit.SECONDS);
    Instant from = now.minus(BACKDATED);
    Optional<Permitted> permitted =
        Optional.of(wanted.permitted())
            .filter(some -> !some.dnsNames().isEmpty() || !some.networks().isEmpty());
    permitted.ifPresent(
        some ->
            // because a constraint leaves free every kind of name that it does not mention
            require(
                !some.dnsNames().isEmpty() && !some.networks().isEmpty(),
                "names that are permitted need DNS names and networks: a constraint leaves free"
                    + " every kind of name that it does not mention"));
    Id rootId = Randoms.id();
    Id id = Randoms.id();
    try (Material rootKey = backend.generate(spec);
        Material key = backend.generate(spec);
        OpenKey rootSigns = backend.open(rootKey);
        OpenKey signs = backend.open(key)) {
      byte[] rootCertificate =
          AuthorityMaking.root(
              "CN=" + wanted.name() + " Root CA", rootSigns, new Validity(from, years(now, wanted.rootYears())));
      Signing root = new Signing(rootCertificate, rootSigns);
      byte[] certificate =
          AuthorityMaking.intermediate(
              "CN=" + wanted.name() + " Issuing CA",
              key.publicJwk(),
              root,
              new Validity(from, years(now, wanted.years())),
              permitted,
              published(settings, rootId, false));
      Signing intermediate = new Signing(certificate, signs);
      Authority made = stored(id, Authority.Kind.INTERMEDIATE, Optional.of(rootId), certificate, key, now);
      Authority madeRoot = stored(rootId, Authority.Kind.ROOT, Optional.empty(), rootCertificate, rootKey, now);
      Authority responder = newResponder(made, intermediate, now);
      List<RevocationListRow> lists =
          List.of(
              list(rootId, root, 1, now, settings, List.of()),
              list(id, intermediate, 1, now, settings, List.of()));
      store.change(
          origin,
          JournalNote.none(),
          tx -> {
            if (!tx.rules(RuleKind.AUTHORITY).isEmpty()) {
              throw exists();
            }
            for (Authority one : List.of(madeRoot, made, responder)) {
              tx.put(RuleKind.AUTHORITY, one);
            }
            tx.put(RuleKind.AUTHORITY_SETTINGS, settings);
            firstProfiles().forEach(one -> tx.put(RuleKind.CERTIFICATE_PROFILE, one));
            lists.forEach(list -> put(tx, list));
            return null;
          });
    }
  }

  /**
   * A new intermediate below the same root, with the names that the one before keeps to; that one
   * issues no more, and its lists and OCSP answers go on until it has ended.
   *
   * @param keyType as of {@link Wanted}; that of the one before where it is empty
   * @param years at most to the end of the root
   */
  public void rotate(Optional<String> keyType, int years, Origin origin) {
    Authority before = required();
    Authority root = issuerOf(before);
    require(years >= 1 && years <= MOST_YEARS, "years are 1 to " + MOST_YEARS);
    KeySpec spec = keyType.map(Authorities::spec).orElseGet(() -> spec(before));
    AuthoritySettings settings = settings();
    Instant now = origin.time().truncatedTo(ChronoUnit.SECONDS);
    Validity validity =
        new Validity(
            now.minus(BACKDATED), earlier(years(now, years), ends(root.certificate())));
    require(now.isBefore(validity.until()), "the root has ended");
    int number = intermediates().size() + 1;
    Id id = Randoms.id();
    try (Material key = backend.generate(spec);
        OpenKey signs = backend.open(key)) {
      byte[] certificate =
          with(
              root,
              signing ->
                  AuthorityMaking.intermediate(
                      subject(root, number),
                      key.publicJwk(),
                      signing,
                      validity,
                      before.certificate(),
                      published(settings, root.id(), false)));
      Signing intermediate = new Signing(certificate, signs);
      Authority made =
          stored(
              id,
              Authority.Kind.INTERMEDIATE,
              Optional.of(root.id()),
              certificate,
              key,
              now);
      Authority responder = newResponder(made, intermediate, now);
      RevocationListRow list = list(id, intermediate, 1, now, settings, List.of());
      store.change(
          origin,
          JournalNote.none(),
          tx -> {
            if (tx.rules(RuleKind.AUTHORITY).stream().anyMatch(one -> isNewer(one, before))) {
              throw new CaException("somebody else has just made an intermediate; see: ca show");
            }
            tx.put(RuleKind.AUTHORITY, made);
            tx.put(RuleKind.AUTHORITY, responder);
            put(tx, list);
            return null;
          });
    }
  }

  private static boolean isNewer(Authority one, Authority before) {
    return one.kind() == Authority.Kind.INTERMEDIATE && AGE.compare(one, before) > 0;
  }

  /** Another name than those before, because a relying party finds an issuer by its name first. */
  private static String subject(Authority root, int number) {
    return CertificateFacts.read(root.certificate())
            .properties()
            .subject()
            .replaceFirst(" Root CA$", " Issuing CA ")
        + number;
  }

  private static KeySpec spec(Authority like) {
    return switch (PublicJwk.read(like.publicKey())) {
      case PublicJwk.Rsa rsa -> new KeySpec.Rsa(rsa.bits());
      case PublicJwk.Ec ec -> new KeySpec.Ec(ec.curve());
      case PublicJwk.Akp akp -> new KeySpec.Akp(akp.algorithm());
      case PublicJwk.Oct _ -> throw new IllegalStateException("a certificate of no public key");
    };
  }

  private static CaException exists() {
    return new CaException("there is a certificate authority already; see: ca show");
  }

  private static List<CertificateProfile> firstProfiles() {
    return List.of(
        new CertificateProfile(
            DEFAULT_PROFILE, DEFAULT_DAYS, List.of(SERVER_AUTH, CLIENT_AUTH), LEAF_USAGE),
        new CertificateProfile("server", DEFAULT_DAYS, List.of(SERVER_AUTH), LEAF_USAGE),
        new CertificateProfile("client", DEFAULT_DAYS, List.of(CLIENT_AUTH), LEAF_USAGE));
  }

  /** Changes the settings that are given; what is issued keeps the addresses that it has. */
  public void set(Optional<String> url, Optional<Integer> listHours, Origin origin) {
    AuthoritySettings before = settings();
    listHours.ifPresent(
        hours ->
            require(
                hours >= 1 && hours <= MOST_LIST_HOURS,
                "a revocation list is valid for 1 to " + MOST_LIST_HOURS + " hours"));
    AuthoritySettings after =
        new AuthoritySettings(
            url.map(Authorities::url).or(before::url), listHours.orElse(before.listHours()));
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.AUTHORITY_SETTINGS, after);
          return null;
        });
  }

  /** Makes a profile, or replaces the one of that name. */
  public void set(CertificateProfile profile, Origin origin) {
    required();
    require(
        PROFILE.matcher(profile.name()).matches(),
        "the name of a profile has small letters, digits and hyphens");
    require(
        profile.mostDays() >= 1 && profile.mostDays() <= MOST_DAYS,
        "certificates are valid for 1 to " + MOST_DAYS + " days");
    require(
        profile.ekus().stream().allMatch(oid -> OID.matcher(oid).matches()),
        "extended key usages are object identifiers");
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.CERTIFICATE_PROFILE, profile);
          return null;
        });
  }

  /** Does something with an authority's key. */
  <T> T with(Authority authority, Function<Signing, T> work) {
    try (Material material =
            Material.read(
                barrier.openSystem(
                    SystemUse.CERTIFICATE_AUTHORITY,
                    authority.id().bytes(),
                    authority.privateKey()),
                PublicJwk.read(authority.publicKey()));
        OpenKey key = backend.open(material)) {
      return work.apply(new Signing(authority.certificate(), key));
    }
  }

  private Authority stored(
      Id id,
      Authority.Kind kind,
      Optional<Id> issuer,
      byte[] certificate,
      Material key,
      Instant now) {
    return new Authority(
        id,
        kind,
        issuer,
        certificate,
        key.publicJwk().stored(),
        barrier.sealSystem(SystemUse.CERTIFICATE_AUTHORITY, id.bytes(), key.stored()),
        now);
  }

  /** A key that signs OCSP answers of this authority, with its certificate. */
  Authority newResponder(Authority issuer, Signing signing, Instant now) {
    try (Material key = backend.generate(responderSpec(signing.key().publicJwk()))) {
      byte[] certificate =
          AuthorityMaking.responder(
              "CN=OCSP responder " + now.getEpochSecond(),
              key.publicJwk(),
              signing,
              new Validity(
                  now.minus(BACKDATED),
                  earlier(now.plus(RESPONDER_LIFE), ends(issuer.certificate()))));
      return stored(
          Randoms.id(),
          Authority.Kind.RESPONDER,
          Optional.of(issuer.id()),
          certificate,
          key,
          now);
    }
  }

  /** As strong as answers of a month need it, and of the kind that relying parties know already. */
  private static KeySpec responderSpec(PublicJwk issuer) {
    return switch (issuer) {
      case PublicJwk.Rsa _ -> new KeySpec.Rsa(2048);
      case PublicJwk.Akp _ -> new KeySpec.Akp(KeyAlgorithm.ML_DSA_44);
      default -> new KeySpec.Ec(Curve.P_256);
    };
  }

  RevocationListRow list(
      Id authority,
      Signing signing,
      long number,
      Instant now,
      AuthoritySettings settings,
      List<AuthorityMaking.Revoked> revoked) {
    Validity validity = new Validity(now, now.plus(Duration.ofHours(settings.listHours())));
    return new RevocationListRow(
        authority,
        number,
        validity.from(),
        validity.until(),
        AuthorityMaking.revocationList(signing, number, validity, revoked));
  }

  /** Inside a change: the newest list, and when the next is due. */
  static void put(Tx tx, RevocationListRow list) {
    tx.put(list);
    Duration half =
        Duration.between(list.thisUpdate(), list.nextUpdate()).dividedBy(2);
    // because with a list it is seen whether the responder is to be replaced
    Duration longest = RESPONDER_LIFE.dividedBy(4);
    tx.putDue(
        new DueRow(
            Revocation.PUBLISH,
            list.authority(),
            list.authority(),
            list.thisUpdate().plus(half.compareTo(longest) < 0 ? half : longest),
            tx.journalNumber()));
  }

  /** Where certificates that an authority issues point. */
  Published published(Authority issuer) {
    return published(settings(), issuer.id(), issuer.kind() == Authority.Kind.INTERMEDIATE);
  }

  private static Published published(AuthoritySettings settings, Id issuer, boolean ocsp) {
    return new Published(
        settings.url().map(url -> url + Publications.CERTIFICATES + issuer.hex() + ".crt"),
        settings.url().map(url -> url + Publications.LISTS + issuer.hex() + ".crl"),
        settings.url().filter(_ -> ocsp).map(url -> url + Publications.OCSP));
  }

  static Instant ends(byte[] certificate) {
    return CertificateFacts.read(certificate).notAfter();
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant years(Instant now, int years) {
    return now.atOffset(ZoneOffset.UTC).plusYears(years).toInstant();
  }

  private static KeySpec spec(String type) {
    return switch (type) {
      case "P-256" -> new KeySpec.Ec(Curve.P_256);
      case "P-384" -> new KeySpec.Ec(Curve.P_384);
      case "P-521" -> new KeySpec.Ec(Curve.P_521);
      case "RSA-3072" -> new KeySpec.Rsa(3072);
      case "RSA-4096" -> new KeySpec.Rsa(4096);
      case "ML-DSA-44" -> new KeySpec.Akp(KeyAlgorithm.ML_DSA_44);
      case "ML-DSA-65" -> new KeySpec.Akp(KeyAlgorithm.ML_DSA_65);
      case "ML-DSA-87" -> new KeySpec.Akp(KeyAlgorithm.ML_DSA_87);
      default ->
          throw new CaException(
              "a key is of type P-256, P-384, P-521, RSA-3072, RSA-4096, ML-DSA-44, ML-DSA-65 or"
                  + " ML-DSA-87");
    };
  }

  private static String url(String text) {
    try {
      URI url = new URI(text);
      if ("http".equals(url.getScheme())
          && url.getHost() != null
          && url.getQuery() == null
          && url.getFragment() == null
          && url.getUserInfo() == null
          && text.length() <= 512) {
        return text.replaceFirst("/+$", "");
      }
    } catch (URISyntaxException e) {
      throw new CaException("the URL is not one: " + e.getReason());
    }
    // because whoever checks a certificate of a TLS server cannot first check another (RFC 5280)
    throw new CaException("the URL is that of a pki-http listener: http://HOST[:PORT][/PATH]");
  }

  private static void require(boolean holds, String why) {
    if (!holds) {
      throw new CaException(why);
    }
  }
}
