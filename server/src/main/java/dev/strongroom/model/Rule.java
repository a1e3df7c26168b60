package dev.strongroom.model;

/**
 * A row that decides: it is stored with a MAC over its kind, key and body and checked whenever it is
 * loaded.
 */
public sealed interface Rule
    permits Tenant,
        Subscription,
        ResourceGroup,
        Container,
        RoleAssignment,
        Application,
        TrustedIssuer,
        SigningKey,
        CertificateIssuer,
        CertificateContacts,
        Authority,
        AuthoritySettings,
        CertificateProfile,
        AcmeAccount,
        AcmeChallenge {

  /** Unique within its kind. */
  String key();

  /** What it is looked up by besides its key; many rules may share one parent. */
  String parent();
}
