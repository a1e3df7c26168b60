package dev.strongroom.model;

/**
 * The kinds of {@link Rule}, with the name that is stored and the record that holds it.
 *
 * <p>Keys and parents: Tenant by id; Subscription by id under its tenant; ResourceGroup by
 * subscription and folded name under its subscription; Container by id under kind and folded name
 * (so that a name finds its container, live or deleted); RoleAssignment by id under its principal;
 * Application by object id under its application id; TrustedIssuer by tenant and url under its
 * tenant; SigningKey by kid under "signing"; CertificateIssuer by container and folded name under its
 * container; CertificateContacts by container; Authority by id under its kind; AuthoritySettings by
 * "settings"; CertificateProfile by name under "profile"; AcmeAccount by name and AcmeChallenge by
 * token under "acme".
 */
public record RuleKind<T extends Rule>(String stored, Class<T> type) {
  public static final RuleKind<Tenant> TENANT = new RuleKind<>("tenant", Tenant.class);
  public static final RuleKind<Subscription> SUBSCRIPTION =
      new RuleKind<>("subscription", Subscription.class);
  public static final RuleKind<ResourceGroup> RESOURCE_GROUP =
      new RuleKind<>("resource_group", ResourceGroup.class);
  public static final RuleKind<Container> CONTAINER = new RuleKind<>("container", Container.class);
  public static final RuleKind<RoleAssignment> ROLE_ASSIGNMENT =
      new RuleKind<>("role_assignment", RoleAssignment.class);
  public static final RuleKind<Application> APPLICATION =
      new RuleKind<>("application", Application.class);
  public static final RuleKind<TrustedIssuer> TRUSTED_ISSUER =
      new RuleKind<>("trusted_issuer", TrustedIssuer.class);
  public static final RuleKind<SigningKey> SIGNING_KEY =
      new RuleKind<>("signing_key", SigningKey.class);
  public static final RuleKind<CertificateIssuer> CERTIFICATE_ISSUER =
      new RuleKind<>("certificate_issuer", CertificateIssuer.class);
  public static final RuleKind<CertificateContacts> CERTIFICATE_CONTACTS =
      new RuleKind<>("certificate_contacts", CertificateContacts.class);
  public static final RuleKind<Authority> AUTHORITY =
      new RuleKind<>("authority", Authority.class);
  public static final RuleKind<AuthoritySettings> AUTHORITY_SETTINGS =
      new RuleKind<>("authority_settings", AuthoritySettings.class);
  public static final RuleKind<CertificateProfile> CERTIFICATE_PROFILE =
      new RuleKind<>("certificate_profile", CertificateProfile.class);
  public static final RuleKind<AcmeAccount> ACME_ACCOUNT =
      new RuleKind<>("acme_account", AcmeAccount.class);
  public static final RuleKind<AcmeChallenge> ACME_CHALLENGE =
      new RuleKind<>("acme_challenge", AcmeChallenge.class);
}
