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
  OUT_CONTENT_TYPE("outContentType", ApiVersion.V7_6);

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
