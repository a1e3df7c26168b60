package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.crypto.DistinguishedName;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a certificate is made and followed by the next: everything is said, defaults too.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/certificates/about-certificates">About
 *     Azure Key Vault certificates</a>
 */
public record CertificatePolicy(
    KeyProperties key,
    SecretForm form,
    X509Properties x509,
    List<LifetimeAction> actions,
    Issuer issuer) {
  /** The issuer whose certificates their own keys sign. */
  public static final String SELF = "Self";

  /** The issuer that a caller takes the signing request to. */
  public static final String UNKNOWN = "Unknown";

  private static final int DEFAULT_MONTHS = 12;
  private static final int MOST_MONTHS = 1_200;
  private static final int DEFAULT_PERCENTAGE = 80;
  private static final int DAYS_OF_A_MONTH = 27;
  private static final int MOST_EKUS = 32;
  private static final int MOST_PATH_LENGTH = 32;

  /** By how much a life is shorter that differs in the lengths of months only. */
  private static final Duration SAME_LIFE = Duration.ofDays(2);

  private static final Pattern OID = Pattern.compile("[0-2](\\.(0|[1-9][0-9]{0,17})){1,20}");
  private static final List<String> DEFAULT_EKUS =
      List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

  public CertificatePolicy {
    actions = List.copyOf(actions);
  }

  /** The key of a version: bits, and a curve or an algorithm where the type has one. */
  public record KeyProperties(
      KeyType type,
      int bits,
      Optional<Curve> curve,
      Optional<KeyAlgorithm> algorithm,
      boolean exportable,
      boolean reuse) {

    KeySpec spec() {
      return switch (type) {
        case RSA -> new KeySpec.Rsa(bits);
        case EC -> new KeySpec.Ec(curve.orElseThrow());
        case AKP -> new KeySpec.Akp(algorithm.orElseThrow());
        default -> throw new IllegalStateException(type + " is of no certificate");
      };
    }

    boolean fits(PublicJwk jwk) {
      return switch (jwk) {
        case PublicJwk.Rsa rsa -> type == KeyType.RSA && bits == rsa.bits();
        case PublicJwk.Ec ec -> curve.equals(Optional.of(ec.curve()));
        case PublicJwk.Akp akp -> algorithm.equals(Optional.of(akp.algorithm()));
        case PublicJwk.Oct _ -> false;
      };
    }

    private void requireExportable() {
      require(
          type != KeyType.AKP || !exportable, "keys of type AKP are not exportable");
    }

    private static KeyProperties of(PublicJwk jwk, boolean exportable, boolean reuse) {
      return new KeyProperties(
          jwk.type(),
          jwk.bits(),
          jwk instanceof PublicJwk.Ec ec ? Optional.of(ec.curve()) : Optional.empty(),
          jwk instanceof PublicJwk.Akp akp ? Optional.of(akp.algorithm()) : Optional.empty(),
          exportable,
          reuse);
    }
  }

  /** How the secret of a certificate carries key and certificates. */
  public enum SecretForm {
    PFX("application/x-pkcs12"),
    PEM("application/x-pem-file");

    private final String wire;

    SecretForm(String wire) {
      this.wire = wire;
    }

    public String wire() {
      return wire;
    }

    public static Optional<SecretForm> find(String wire) {
      for (SecretForm form : values()) {
        if (form.wire.equals(wire)) {
          return Optional.of(form);
        }
      }
      return Optional.empty();
    }
  }

  /** What is done at a time in a version's life: one of the two times is there. */
  public record LifetimeAction(
      Action action, Optional<Integer> percentage, Optional<Integer> daysBeforeExpiry) {

    Instant at(Instant notBefore, Instant expires) {
      return percentage
          .map(
              part -> {
                Duration life = Duration.between(notBefore, expires);
                return notBefore.plus(life.multipliedBy(part).dividedBy(100));
              })
          .orElseGet(() -> expires.minus(Duration.ofDays(daysBeforeExpiry.orElseThrow())));
    }
  }

  /** The kinds of lifetime actions. */
  public enum Action {
    AUTO_RENEW("AutoRenew"),
    EMAIL_CONTACTS("EmailContacts");

    private final String wire;

    Action(String wire) {
      this.wire = wire;
    }

    public String wire() {
      return wire;
    }

    public static Optional<Action> find(String wire) {
      for (Action action : values()) {
        if (action.wire.equals(wire)) {
          return Optional.of(action);
        }
      }
      return Optional.empty();
    }
  }

  /** Who issues, and what is asked of an issuer that asks for more. */
  public record Issuer(
      String name, Optional<String> certificateType, Optional<Boolean> transparency) {
    public boolean isSelf() {
      return name.equalsIgnoreCase(SELF);
    }

    public boolean isUnknown() {
      return name.equalsIgnoreCase(UNKNOWN);
    }
  }

  /** The members of a policy that a request has; those left out are empty. */
  public record Wanted(
      Optional<KeyType> keyType,
      Optional<Integer> keySize,
      Optional<Curve> curve,
      Optional<KeyAlgorithm> algorithm,
      Optional<Boolean> exportable,
      Optional<Boolean> reuseKey,
      Optional<SecretForm> form,
      Optional<String> subject,
      Optional<List<String>> ekus,
      Optional<SubjectNames> names,
      Optional<List<CertificateKeyUsage>> keyUsage,
      Optional<Integer> validityMonths,
      Optional<Boolean> authority,
      Optional<Integer> pathLength,
      Optional<List<LifetimeAction>> actions,
      Optional<Issuer> issuer) {

    /** Whether it says how the next version is made, and when. */
    private boolean hasMore() {
      return subject.isPresent()
          || ekus.isPresent()
          || names.isPresent()
          || keyUsage.isPresent()
          || validityMonths.isPresent()
          || authority.isPresent()
          || pathLength.isPresent()
          || actions.isPresent()
          || issuer.isPresent();
    }

    private boolean hasKey() {
      return keyType.isPresent()
          || keySize.isPresent()
          || curve.isPresent()
          || algorithm.isPresent();
    }
  }

  /** A policy that says no more than this: the rest are Key Vault's defaults. */
  static CertificatePolicy of(Wanted wanted) {
    KeyProperties key = key(wanted, Optional.empty());
    return complete(
        wanted,
        key,
        SecretForm.PFX,
        new X509Properties(
            "",
            DEFAULT_EKUS,
            SubjectNames.NONE,
            key.type() == KeyType.RSA
                ? List.of(
                    CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.KEY_ENCIPHERMENT)
                : List.of(CertificateKeyUsage.DIGITAL_SIGNATURE),
            DEFAULT_MONTHS,
            false,
            Optional.empty()),
        new Issuer(UNKNOWN, Optional.empty(), Optional.empty()),
        Optional.empty());
  }

  /** This policy with what a request changes of it. */
  CertificatePolicy with(Wanted wanted) {
    return complete(
        wanted, key(wanted, Optional.of(key)), form, x509, issuer, Optional.of(actions));
  }

  /** What the policy of an imported certificate is where the caller says nothing else. */
  static CertificatePolicy imported(CertificateFacts leaf, SecretForm form, Wanted wanted) {
    boolean exportable = wanted.exportable().orElse(leaf.key().type() != KeyType.AKP);
    KeyProperties key =
        KeyProperties.of(leaf.key(), exportable, wanted.reuseKey().orElse(false));
    if (wanted.hasKey() && !key(wanted, Optional.of(key)).fits(leaf.key())) {
      throw invalid("key_props are not those of the key that is imported");
    }
    key.requireExportable();
    CertificatePolicy policy =
        complete(
            wanted,
            key,
            form,
            leaf.properties(),
            new Issuer(UNKNOWN, Optional.empty(), Optional.empty()),
            Optional.empty());
    // because a certificate that is there may say what no policy may
    return wanted.hasMore() ? policy.checked(wanted) : policy;
  }

  private static CertificatePolicy complete(
      Wanted wanted,
      KeyProperties key,
      SecretForm form,
      X509Properties x509,
      Issuer issuer,
      Optional<List<LifetimeAction>> actions) {
    Issuer by = wanted.issuer().orElse(issuer);
    boolean authority = wanted.authority().orElse(x509.authority());
    return new CertificatePolicy(
        key,
        wanted.form().orElse(form),
        new X509Properties(
            wanted.subject().orElse(x509.subject()),
            wanted.ekus().orElse(x509.ekus()),
            wanted.names().orElse(x509.names()),
            wanted.keyUsage().orElse(x509.keyUsage()),
            wanted.validityMonths().orElse(x509.validityMonths()),
            authority,
            wanted.pathLength().or(() -> authority ? x509.pathLength() : Optional.empty())),
        wanted
            .actions()
            .or(() -> actions)
            .orElseGet(
                () ->
                    List.of(
                        new LifetimeAction(
                            by.isUnknown() ? Action.EMAIL_CONTACTS : Action.AUTO_RENEW,
                            Optional.of(DEFAULT_PERCENTAGE),
                            Optional.empty()))),
        by);
  }

  /** What the request says of a key, and what it leaves out as it was, where the type is the same. */
  private static KeyProperties key(Wanted wanted, Optional<KeyProperties> before) {
    KeyType type =
        wanted
            .keyType()
            .or(() -> wanted.curve().map(_ -> KeyType.EC))
            .or(() -> before.map(KeyProperties::type))
            .orElse(KeyType.RSA);
    Optional<KeyProperties> same = before.filter(key -> key.type() == type);
    boolean exportable =
        wanted
            .exportable()
            .or(() -> before.map(KeyProperties::exportable).filter(_ -> type != KeyType.AKP))
            .orElse(type != KeyType.AKP);
    boolean reuse = wanted.reuseKey().or(() -> before.map(KeyProperties::reuse)).orElse(false);
    if (wanted.curve().isPresent() && type != KeyType.EC) {
      throw invalid("crv is of keys of type EC only");
    }
    return switch (type) {
      case RSA -> {
        int bits =
            wanted
                .keySize()
                .or(() -> same.map(KeyProperties::bits))
                .orElse(KeySpec.DEFAULT_RSA_BITS);
        yield new KeyProperties(
            type,
            new KeySpec.Rsa(bits).bits(),
            Optional.empty(),
            Optional.empty(),
            exportable,
            reuse);
      }
      case EC -> {
        Curve curve =
            wanted
                .curve()
                .or(() -> wanted.keySize().map(CertificatePolicy::curve))
                .or(() -> same.flatMap(KeyProperties::curve))
                .orElse(KeySpec.DEFAULT_CURVE);
        if (wanted.keySize().filter(size -> size != curve.bits()).isPresent()) {
          throw invalid("key_size is not the size of crv");
        }
        yield new KeyProperties(
            type, curve.bits(), Optional.of(curve), Optional.empty(), exportable, reuse);
      }
      case AKP -> {
        KeyAlgorithm algorithm =
            wanted
                .algorithm()
                .or(() -> same.flatMap(KeyProperties::algorithm))
                .filter(KeyAlgorithm.akp()::contains)
                .orElseThrow(() -> invalid("a key of type AKP needs alg"));
        if (wanted.keySize().isPresent()) {
          throw invalid("key_size is not of keys of type AKP");
        }
        yield new KeyProperties(
            type, 0, Optional.empty(), Optional.of(algorithm), exportable, reuse);
      }
      default -> throw invalid("kty " + type.wire() + " is of no certificate");
    };
  }

  private static Curve curve(int bits) {
    return switch (bits) {
      case 256 -> Curve.P_256;
      case 384 -> Curve.P_384;
      case 521 -> Curve.P_521;
      default -> throw invalid("there is no curve of " + bits + " bits");
    };
  }

  /** Refuses what cannot be made or kept, of what was given and what it comes to. */
  CertificatePolicy checked(Wanted given) {
    given.subject().ifPresent(DistinguishedName::check);
    given.names().ifPresent(SubjectNames::check);
    require(
        !x509.subject().isBlank() || !x509.names().isEmpty(),
        "either subject or subject alternative names must be there");
    require(
        !x509.subject().isBlank() || !issuer.isSelf(),
        "a certificate that its own key signs has a subject, as that is its issuer (RFC 5280)");
    require(
        x509.ekus().size() <= MOST_EKUS && x509.ekus().stream().allMatch(CertificatePolicy::isOid),
        "ekus are up to " + MOST_EKUS + " object identifiers");
    require(isDistinct(x509.ekus()), "ekus has one twice");
    require(isDistinct(x509.keyUsage()), "key_usage has one twice");
    require(
        x509.validityMonths() >= 1 && x509.validityMonths() <= MOST_MONTHS,
        "validity_months is between 1 and " + MOST_MONTHS);
    x509.pathLength()
        .ifPresent(
            length ->
                require(
                    x509.authority() && length >= 0 && length <= MOST_PATH_LENGTH,
                    "a path length is of an authority, and between 0 and " + MOST_PATH_LENGTH));
    key.requireExportable();
    require(
        isDistinct(actions.stream().map(LifetimeAction::action).toList()),
        "lifetime_actions has two of one type");
    actions.forEach(this::check);
    return this;
  }

  private void check(LifetimeAction wanted) {
    require(
        wanted.percentage().isPresent() != wanted.daysBeforeExpiry().isPresent(),
        "a trigger has either lifetime_percentage or days_before_expiry");
    wanted
        .percentage()
        .ifPresent(
            part -> require(part >= 1 && part <= 99, "lifetime_percentage is between 1 and 99"));
    int most = x509.validityMonths() * DAYS_OF_A_MONTH;
    wanted
        .daysBeforeExpiry()
        .ifPresent(
            days ->
                require(
                    days >= 1 && days <= most,
                    "days_before_expiry is between 1 and validity_months times "
                        + DAYS_OF_A_MONTH));
    require(
        wanted.action() != Action.AUTO_RENEW || !issuer.isUnknown(),
        "what an unknown issuer has signed cannot be renewed by AutoRenew");
  }

  /** When an action is due of a version that is valid from one time until another. */
  Instant at(LifetimeAction wanted, Instant from, Instant until) {
    Instant at = wanted.at(from, until);
    boolean isAgain =
        wanted.action() == Action.AUTO_RENEW && wanted.daysBeforeExpiry().isPresent();
    if (!isAgain || !until.plus(SAME_LIFE).isBefore(expires(from))) {
      return at;
    }
    // because an issuer that gives less time than it was asked for would be asked again at once
    Instant half = from.plus(Duration.between(from, until).dividedBy(2));
    return at.isBefore(half) ? half : at;
  }

  /** The end of a version that is made at this time. */
  public Instant expires(Instant now) {
    return now.atOffset(ZoneOffset.UTC).plusMonths(x509.validityMonths()).toInstant();
  }

  /** What the addressable key may be used for: what the key usage says and its type can. */
  List<KeyOperation> operations() {
    Set<KeyOperation> possible = new HashSet<>(key.type().defaultOperations());
    Set<KeyOperation> granted = new LinkedHashSet<>();
    x509.keyUsage().forEach(usage -> granted.addAll(usage.operations()));
    granted.retainAll(possible);
    // because a certificate without key usage says that it is for everything (RFC 5280, 4.2.1.3)
    return x509.keyUsage().isEmpty() ? key.type().defaultOperations() : List.copyOf(granted);
  }

  private static boolean isOid(String text) {
    return OID.matcher(text).matches()
        && (text.startsWith("2.") || !text.matches("[01]\\.([4-9][0-9]|[0-9]{3,}).*"));
  }

  private static boolean isDistinct(List<?> all) {
    return Set.copyOf(all).size() == all.size();
  }

  private static void require(boolean holds, String reason) {
    if (!holds) {
      throw invalid(reason);
    }
  }

  public static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_POLICY_INVALID, "reason", reason);
  }
}
