package dev.strongroom.seal;

/** What the system key is used for, one HKDF label each: no subkey serves two purposes. */
public enum SystemUse {
  ROW_MAC("strongroom/v1/row-mac"),
  APPLICATION_SECRET("strongroom/v1/application-secret"),
  PAGE_TOKEN("strongroom/v1/page-token"),
  OBJECT_BACKUP("strongroom/v1/object-backup"),
  AUDIT_CHECKPOINT("strongroom/v1/audit-checkpoint"),
  TOKEN_SIGNING("strongroom/v1/token-signing"),
  JOURNAL_DETAIL("strongroom/v1/journal-detail"),
  CERTIFICATE_AUTHORITY("strongroom/v1/certificate-authority"),
  ACME_ACCOUNT("strongroom/v1/acme-account"),
  SLOTS("strongroom/v1/slots");

  private final String label;

  SystemUse(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
