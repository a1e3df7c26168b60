package dev.strongroom.ca;

import dev.strongroom.crypto.AuthorityMaking;
import dev.strongroom.crypto.AuthorityMaking.Validity;
import dev.strongroom.model.Authority;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.CertificateProfile;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.X509Properties;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.vault.CertificatePolicy;
import dev.strongroom.vault.IssuerAdapter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The built-in authority as an issuer of vaults' certificates: at once, in the request. A policy's
 * certificate type names a profile; what the profile or the authority's own certificate does not permit
 * is rejected as the operation's error.
 */
public final class StrongroomIssuer implements IssuerAdapter {
  public static final String PROVIDER = "Strongroom";

  private static final String REJECTED = "Request rejected";
  private static final String ERROR = "Certificate issuer error";

  private final Authorities authorities;

  public StrongroomIssuer(Authorities authorities) {
    this.authorities = authorities;
  }

  @Override
  public String provider() {
    return PROVIDER;
  }

  @Override
  public boolean isOffered() {
    return authorities.isSetUp();
  }

  @Override
  public Outcome begin(Request request) {
    Optional<Authority> issuing = authorities.issuing();
    if (issuing.isEmpty()) {
      return new Failed(ERROR, "The certificate authority is not set up.");
    }
    Authority issuer = issuing.get();
    if (authorities.revoked(issuer).isPresent()) {
      return new Failed(ERROR, "The certificate of the authority itself is revoked.");
    }
    CertificatePolicy policy = request.policy();
    Instant now = request.now().truncatedTo(ChronoUnit.SECONDS);
    Validity validity = new Validity(now.minus(Authorities.BACKDATED), policy.expires(now));
    Optional<String> refusal = refusal(policy, issuer, now, validity);
    if (refusal.isPresent()) {
      return new Failed(REJECTED, refusal.get());
    }
    String serial = AuthorityMaking.newSerial();
    byte[] certificate =
        authorities.with(
            issuer,
            signing ->
                AuthorityMaking.certificate(
                    policy.x509(),
                    serial,
                    request.key(),
                    signing,
                    validity,
                    authorities.published(issuer)));
    IssuedRow issued =
        new IssuedRow(
            serial,
            issuer.id(),
            request.container().id(),
            request.object(),
            request.version(),
            validity.from(),
            validity.until(),
            Optional.empty(),
            Optional.empty());
    return new Issued(List.of(certificate, issuer.certificate()), tx -> tx.insert(issued));
  }

  @Override
  public Outcome proceed(Request request) {
    return begin(request);
  }

  private Optional<String> refusal(
      CertificatePolicy policy, Authority issuer, Instant now, Validity validity) {
    String name = policy.issuer().certificateType().orElse(Authorities.DEFAULT_PROFILE);
    Optional<CertificateProfile> found = authorities.profile(name);
    if (found.isEmpty()) {
      return Optional.of("The certificate authority has no profile " + name + ".");
    }
    CertificateProfile profile = found.get();
    X509Properties wanted = policy.x509();
    if (wanted.authority()) {
      return Optional.of("The certificate authority issues no certificates of authorities.");
    }
    if (!profile.ekus().containsAll(wanted.ekus()) || wanted.ekus().isEmpty()) {
      return Optional.of(
          "The profile " + name + " permits these extended key usages: " + profile.ekus() + ".");
    }
    if (!profile.keyUsage().containsAll(wanted.keyUsage()) || wanted.keyUsage().isEmpty()) {
      return Optional.of(
          "The profile "
              + name
              + " permits these key usages: "
              + profile.keyUsage().stream().map(CertificateKeyUsage::wire).toList()
              + ".");
    }
    List<CertificateKeyUsage> possible = possible(policy.key().type());
    if (!possible.containsAll(wanted.keyUsage())) {
      return Optional.of(
          "A key of type "
              + policy.key().type().wire()
              + " can have these key usages: "
              + possible.stream().map(CertificateKeyUsage::wire).toList()
              + ".");
    }
    if (validity.until().isAfter(now.plus(Duration.ofDays(profile.mostDays())))) {
      return Optional.of(
          "The profile " + name + " permits at most " + profile.mostDays() + " days.");
    }
    if (validity.until().isAfter(Authorities.ends(issuer.certificate()))) {
      return Optional.of(
          "The certificate of the authority itself ends on "
              + Authorities.ends(issuer.certificate())
              + ".");
    }
    return AuthorityMaking.forbidden(issuer.certificate(), wanted)
        .map(one -> "The certificate of the authority does not permit the name " + one + ".");
  }

  /** What a key can be used for (RFC 3279 section 2.3.1, RFC 8813 section 3, RFC 9881 section 5). */
  private static List<CertificateKeyUsage> possible(KeyType type) {
    List<CertificateKeyUsage> possible =
        new ArrayList<>(
            List.of(
                CertificateKeyUsage.DIGITAL_SIGNATURE, CertificateKeyUsage.NON_REPUDIATION));
    if (type == KeyType.RSA) {
      possible.add(CertificateKeyUsage.KEY_ENCIPHERMENT);
      possible.add(CertificateKeyUsage.DATA_ENCIPHERMENT);
    } else if (type == KeyType.EC) {
      possible.add(CertificateKeyUsage.KEY_AGREEMENT);
      possible.add(CertificateKeyUsage.ENCIPHER_ONLY);
      possible.add(CertificateKeyUsage.DECIPHER_ONLY);
    }
    return possible;
  }
}
