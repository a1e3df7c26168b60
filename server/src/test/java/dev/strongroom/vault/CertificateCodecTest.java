package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Collection;
import dev.strongroom.model.ObjectName;
import dev.strongroom.store.Reads;
import dev.strongroom.store.VersionRow;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rows of certificates that were written before they said so much. */
class CertificateCodecTest {
  private final OpenVault vault = new OpenVault();

  private Reads.Found created(String issuer) {
    ObjectName name = new ObjectName(issuer);
    vault.certificates.create(
        vault.container,
        name,
        Optional.of(CertificateRenewalContract.policy(issuer)),
        CertificateChange.none(),
        vault.origin());
    return vault
        .store
        .findHead(vault.container.id(), Collection.CERTIFICATES, name.folded())
        .orElseThrow();
  }

  @Test
  void version_withoutWhetherTheKeyIsExported_isReadAsNot() {
    VersionRow row = created("Self").version();
    ObjectNode before = json(row.details());
    assertThat(before.remove("exported").asBoolean()).isTrue();
    CertificateCodec.Version read =
        CertificateCodec.version(
            new VersionRow(
                row.object(),
                row.number(),
                row.id(),
                row.previous(),
                row.attributes(),
                row.tags(),
                row.contentType(),
                Optional.of(before.toString()),
                row.value()));
    assertThat(read.exported()).isEmpty();
    assertThat(read.certificate()).isPresent();
  }

  @Test
  void whole_operationWithoutAPolicy_endsUnderThatOfTheCertificate() {
    Reads.Found found = created("Unknown");
    CertificateCodec.Whole whole = CertificateCodec.whole(found.object());
    ObjectNode before = json(found.object().details());
    assertThat(before.withObject("/pending").remove("policy")).isEqualTo(before.get("policy"));
    CertificateCodec.Whole read =
        CertificateCodec.whole(found.object().withDetails(Optional.of(before.toString())));
    PendingCertificate pending = read.pending().orElseThrow();
    assertThat(pending.policy()).isEmpty();
    assertThat(pending.under(read.policy())).isEqualTo(whole.policy());
  }

  private static ObjectNode json(Optional<String> details) {
    return (ObjectNode) JsonMapper.shared().readTree(details.orElseThrow());
  }
}
