package dev.strongroom.vault;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the store keeps of certificates, as JSON whose members are the records' components: of the
 * certificate itself its policy and its operation, of a version the certificate.
 */
final class CertificateCodec {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .changeDefaultVisibility(
              visibility ->
                  visibility
                      .withGetterVisibility(Visibility.NONE)
                      .withIsGetterVisibility(Visibility.NONE)
                      .withFieldVisibility(Visibility.ANY))
          .build();

  private CertificateCodec() {}

  /**
   * Of all versions.
   *
   * @param failedRenewals how many renewals have failed since the newest version was made
   * @param notice the last one that was given
   */
  record Whole(
      CertificatePolicy policy,
      Instant policyCreated,
      Instant policyUpdated,
      Optional<PendingCertificate> pending,
      int failedRenewals,
      Optional<Notice> notice) {

    static Whole of(CertificatePolicy policy, Instant now) {
      return new Whole(policy, now, now, Optional.empty(), 0, Optional.empty());
    }

    Whole with(CertificatePolicy changed, Instant now) {
      return new Whole(changed, policyCreated, now, pending, failedRenewals, notice);
    }

    Whole pending(Optional<PendingCertificate> changed) {
      return new Whole(policy, policyCreated, policyUpdated, changed, failedRenewals, notice);
    }

    Whole failedRenewals(int times) {
      return new Whole(policy, policyCreated, policyUpdated, pending, times, notice);
    }

    Whole notice(Optional<Notice> given) {
      return new Whole(policy, policyCreated, policyUpdated, pending, failedRenewals, given);
    }
  }

  /** That a version will expire; version in hexadecimal, and how often mail about it has failed. */
  record Notice(String version, int failedMails) {}

  /**
   * Of one version.
   *
   * @param certificate DER; empty while the first one is still to come
   * @param exported whether its secret has the private key; what does not say so has not
   */
  record Version(Optional<byte[]> certificate, boolean keepOrder, Optional<Boolean> exported) {}

  static String write(Whole whole) {
    return MAPPER.writeValueAsString(whole);
  }

  static Whole whole(ObjectRow row) {
    return read(row.details(), Whole.class);
  }

  static String write(Version version) {
    return MAPPER.writeValueAsString(version);
  }

  static Version version(VersionRow row) {
    return read(row.details(), Version.class);
  }

  private static <T> T read(Optional<String> details, Class<T> type) {
    try {
      return MAPPER.readValue(details.orElseThrow(), type);
    } catch (JacksonException e) {
      throw new IllegalStateException("the details of a stored certificate do not parse", e);
    }
  }
}
