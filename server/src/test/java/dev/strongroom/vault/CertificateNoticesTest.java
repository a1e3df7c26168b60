package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.CertificateContacts;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CertificateNoticesTest {
  private static final ObjectName NAME = new ObjectName("Site");
  private static final Instant FAR = Instant.parse("2999-01-01T00:00:00Z");

  private final OpenVault vault = new OpenVault();
  private final List<ContactMail.Message> sent = new ArrayList<>();
  private Optional<String> trouble = Optional.empty();
  private final CertificateNotices notices = of(vault.store, Optional.of(this::send));

  private int send(ContactMail.Message message) throws ContactMail.Undelivered {
    if (trouble.isPresent()) {
      throw new ContactMail.Undelivered(trouble.get());
    }
    sent.add(message);
    return message.recipients().size();
  }

  private CertificateNotices of(Store store, Optional<ContactMail> relay) {
    return new CertificateNotices(store, vault.certificatesOf(store).renewal(), relay);
  }

  private void contacts(String... addresses) {
    vault.issuers.setContacts(
        vault.container,
        List.of(addresses).stream()
            .map(
                address ->
                    new CertificateContacts.Contact(address, Optional.empty(), Optional.empty()))
            .toList(),
        vault.origin());
  }

  private void create() {
    vault.certificates.create(
        vault.container,
        NAME,
        Optional.of(
            CertificateRenewalTest.policy("Self", CertificateRenewalTest.mail(50))),
        CertificateChange.none(),
        vault.origin());
  }

  private Optional<DueRow> row(String kind) {
    return vault.store.due(FAR, 10).stream().filter(row -> row.kind().equals(kind)).findFirst();
  }

  private Optional<Origin> notice(CertificateNotices by, DueRow row) {
    vault.now = row.at();
    return by.notice(row, vault.now);
  }

  private Optional<Origin> mail(CertificateNotices by, DueRow row) {
    vault.now = row.at();
    return by.mail(row, vault.now);
  }

  private DueRow noticed() {
    create();
    notice(notices, row(CertificateNotices.NOTICE).orElseThrow()).orElseThrow();
    return row(CertificateNotices.MAIL).orElseThrow();
  }

  private List<String> journal() {
    return vault.store.journal(0, 1_000).stream()
        .map(JournalRow::operation)
        .filter(name -> name.startsWith("CertificateContactsMail") || name.contains("NearExpiry"))
        .toList();
  }

  @Test
  void notice_due_isGivenOnceForAVersion() {
    create();
    DueRow row = row(CertificateNotices.NOTICE).orElseThrow();
    assertThat(notice(notices, row).orElseThrow().operation())
        .isEqualTo("CertificateNearExpiryEventGridNotification");
    assertThat(notice(notices, row)).isEmpty();
    assertThat(row(CertificateNotices.MAIL)).as("nobody to mail").isEmpty();
    vault.certificates.update(
        vault.container,
        NAME,
        Optional.empty(),
        new CertificateChange(
            Optional.empty(), Optional.of(Map.of("a", "b")), Optional.empty()),
        Optional.empty(),
        vault.origin());
    assertThat(row(CertificateNotices.NOTICE)).as("given before the tags changed").isEmpty();
    create();
    assertThat(row(CertificateNotices.NOTICE)).as("of the next version").isPresent();
  }

  @Test
  void mail_due_tellsEveryContactOnce() {
    contacts("one@example.test", "two@example.test", "one@example.test");
    DueRow row = noticed();
    assertThat(mail(notices, row).orElseThrow().operation())
        .isEqualTo("CertificateContactsMail");
    ContactMail.Message message = sent.getFirst();
    assertThat(message.recipients()).containsExactly("one@example.test", "two@example.test");
    assertThat(message.subject())
        .isEqualTo("Certificate Site of vault Vault-1 expires on 2027-03-01");
    assertThat(message.text()).contains("It is not renewed by itself", "2027-03-01T12:00:00Z");
    assertThat(row(CertificateNotices.MAIL)).isEmpty();
    assertThat(notices.sent()).isEqualTo(1);
    assertThat(journal())
        .containsExactly(
            "CertificateNearExpiryEventGridNotification", "CertificateContactsMail");
  }

  @Test
  void notice_withoutARelay_isTheJournalRecordOnly() {
    contacts("one@example.test");
    create();
    notice(of(vault.store, Optional.empty()), row(CertificateNotices.NOTICE).orElseThrow());
    assertThat(row(CertificateNotices.MAIL)).isEmpty();
    assertThat(journal()).containsExactly("CertificateNearExpiryEventGridNotification");
  }

  @Test
  void mail_relayThatFails_isTriedAgainEverLaterUntilItWorks() {
    contacts("one@example.test");
    DueRow row = noticed();
    trouble = Optional.of("the relay cannot be reached");
    Duration pause = Duration.ofMinutes(1);
    for (int times = 1; times <= 13; times++) {
      assertThat(mail(notices, row).orElseThrow().operation())
          .isEqualTo("CertificateContactsMailFailed");
      row = row(CertificateNotices.MAIL).orElseThrow();
      assertThat(row.at()).isEqualTo(vault.now.plus(pause));
      assertThat(notices.failed()).isEqualTo(times);
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(Duration.ofDays(1)) < 0 ? pause : Duration.ofDays(1);
    }
    assertThat(notices.trouble()).contains("the relay cannot be reached");
    trouble = Optional.empty();
    assertThat(mail(notices, row).orElseThrow().operation())
        .isEqualTo("CertificateContactsMail");
    assertThat(notices.trouble()).isEmpty();
    assertThat(sent).hasSize(1);
  }

  @Test
  void mail_certificateThatHasExpiredMeanwhile_isDropped() {
    contacts("one@example.test");
    DueRow row = noticed();
    vault.now = Instant.parse("2027-03-02T00:00:00Z");
    assertThat(notices.mail(row, vault.now).orElseThrow().operation())
        .isEqualTo("CertificateContactsMailDropped");
    assertThat(sent).isEmpty();
    assertThat(row(CertificateNotices.MAIL)).isEmpty();
  }

  @Test
  void mail_certificateThatIsDeletedOrRenewed_isNotDueAnyMore() {
    contacts("one@example.test");
    noticed();
    create();
    assertThat(row(CertificateNotices.MAIL)).isEmpty();
    notice(notices, row(CertificateNotices.NOTICE).orElseThrow());
    DueRow row = row(CertificateNotices.MAIL).orElseThrow();
    vault.certificates.delete(vault.container, NAME, vault.origin());
    assertThat(row(CertificateNotices.MAIL)).isEmpty();
    assertThat(notices.mail(row, vault.now)).isEmpty();
    assertThat(sent).isEmpty();
  }

  @Test
  void mail_serverDiesBehindTheRelaysAnswer_isSentAgainWithTheSameId() {
    contacts("one@example.test");
    DueRow row = noticed();
    BetweenStore dying = new BetweenStore(vault.store);
    dying.endOfEveryChange(
        () -> {
          throw new IllegalStateException("died");
        });
    CertificateNotices died = of(dying, Optional.of(this::send));
    assertThatThrownBy(() -> mail(died, row)).hasMessage("died");
    assertThat(mail(notices, row)).isPresent();
    assertThat(sent).hasSize(2);
    assertThat(sent.get(0).id()).isEqualTo(sent.get(1).id());
    assertThat(journal()).filteredOn("CertificateContactsMail"::equals).hasSize(1);
  }

  @Test
  void notice_serverDiesBehindTheChange_isNotGivenAgainAndTheMailStaysDue() {
    contacts("one@example.test");
    create();
    DueRow row = row(CertificateNotices.NOTICE).orElseThrow();
    BetweenStore dying = new BetweenStore(vault.store);
    dying.afterEveryChange(
        () -> {
          throw new IllegalStateException("died");
        });
    CertificateNotices died = of(dying, Optional.of(this::send));
    assertThatThrownBy(() -> notice(died, row)).hasMessage("died");
    assertThat(notice(notices, row)).isEmpty();
    assertThat(mail(notices, row(CertificateNotices.MAIL).orElseThrow())).isPresent();
    assertThat(sent).hasSize(1);
  }
}
