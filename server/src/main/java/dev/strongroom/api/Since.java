package dev.strongroom.api;

import dev.strongroom.model.ApiVersion;

/**
 * Members and query parameters that came after the first api-version: older ones neither send nor
 * receive them.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/apiversions">API versions</a>
 */
enum Since {
  /** In attributes. */
  RECOVERY_LEVEL("recoveryLevel", ApiVersion.V2016_10_01),
  /** In attributes. */
  RECOVERABLE_DAYS("recoverableDays", ApiVersion.V7_1_PREVIEW),
  /** In secret bundles. */
  PREVIOUS_VERSION("previousVersion", ApiVersion.V7_6),
  /** Of GET secret. */
  OUT_CONTENT_TYPE("outContentType", ApiVersion.V7_6),
  /** Of encrypt and decrypt. */
  IV("iv", ApiVersion.V7_2_PREVIEW),
  /** Of encrypt and decrypt. */
  AAD("aad", ApiVersion.V7_2_PREVIEW),
  /** Of encrypt and decrypt. */
  TAG("tag", ApiVersion.V7_2_PREVIEW),
  /** In attributes of keys. */
  EXPORTABLE("exportable", ApiVersion.V7_3_PREVIEW),
  /** In bundles of keys. */
  RELEASE_POLICY("release_policy", ApiVersion.V7_3_PREVIEW),
  /** In attributes of keys. */
  HSM_PLATFORM("hsmPlatform", ApiVersion.V7_5_PREVIEW_1),
  /** In attributes of keys: a key that another key manager keeps. */
  EXTERNAL_KEY("external_key", ApiVersion.V2026_01_01_PREVIEW),
  /** In bundles and operations of certificates. */
  PRESERVE_CERT_ORDER("preserveCertOrder", ApiVersion.V7_6),
  /** In alternative names of certificates. */
  URIS("uris", ApiVersion.V7_6),
  /** In alternative names of certificates. */
  IP_ADDRESSES("ipAddresses", ApiVersion.V7_6),
  /** In attributes of symmetric keys. */
  KEY_SIZE("key_size", ApiVersion.V2026_01_01_PREVIEW),
  /** Of a create: the algorithm of a key that has one. */
  AKP_ALG("alg", ApiVersion.V2026_05_01_PREVIEW),
  /** Of sign and verify. */
  CONTEXT("context", ApiVersion.V2026_05_01_PREVIEW),
  /** Of sign and verify. */
  EXTERNAL_MU("external_mu", ApiVersion.V2026_05_01_PREVIEW);

  private final String member;
  private final ApiVersion first;

  Since(String member, ApiVersion first) {
    this.member = member;
    this.first = first;
  }

  String member() {
    return member;
  }

  boolean isKnownTo(ApiVersion version) {
    return version.atLeast(first);
  }
}
