package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Issuers that two change at once. */
class CertificateIssuersTest {
  private final OpenVault vault = new OpenVault();
  private final BetweenStore between = new BetweenStore(vault.store);
  private final CertificateIssuers slow =
      new CertificateIssuers(between, vault.seal, List.of());

  private static CertificateIssuers.Wanted wanted(
      Optional<String> account, Optional<Boolean> enabled) {
    return new CertificateIssuers.Wanted(
        Optional.of("DigiCert"),
        account,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        enabled);
  }

  @BeforeEach
  void make() {
    vault.issuers.set(
        vault.container, "Mine", wanted(Optional.of("a"), Optional.of(true)), vault.origin());
  }

  @Test
  void update_anotherCameBetween_keepsWhatBothHaveChanged() {
    between.beforeChange(
        () ->
            vault.issuers.update(
                vault.container,
                "Mine",
                wanted(Optional.of("b"), Optional.empty()),
                vault.origin()));
    CertificateIssuer after =
        slow.update(
            vault.container,
            "Mine",
            wanted(Optional.empty(), Optional.of(false)),
            vault.origin());
    assertThat(after.accountId()).contains("b");
    assertThat(after.enabled()).isFalse();
    assertThat(vault.issuers.get(vault.container, "Mine")).isEqualTo(after);
  }

  @Test
  void update_deletedMeanwhile_isNotThere() {
    between.beforeChange(
        () -> vault.issuers.delete(vault.container, "Mine", vault.origin()));
    assertThatThrownBy(
            () ->
                slow.update(
                    vault.container,
                    "Mine",
                    wanted(Optional.empty(), Optional.of(false)),
                    vault.origin()))
        .isInstanceOfSatisfying(
            VaultException.class,
            refusal ->
                assertThat(refusal.code()).isEqualTo(ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND));
    assertThat(vault.issuers.list(vault.container, "", 9)).isEmpty();
  }
}
