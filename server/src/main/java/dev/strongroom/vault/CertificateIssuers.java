package dev.strongroom.vault;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.CertificateContacts;
import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The issuers that a vault knows, and the contacts that are to hear of its certificates. How an
 * issuer is asked is its provider's {@link IssuerAdapter}; where there is none, issuer objects are
 * kept and every operation fails.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/certificates/operation-groups">Key
 *     Vault REST API, certificates</a>
 */
public final class CertificateIssuers {
  static final String FIELD = "password";
  private static final List<String> WITHOUT_ADAPTER = List.of("DigiCert", "GlobalSign");
  private static final List<String> RESERVED =
      List.of(CertificatePolicy.SELF, CertificatePolicy.UNKNOWN);

  private final Store store;
  private final Barrier barrier;
  private final List<IssuerAdapter> adapters;

  public CertificateIssuers(Store store, Barrier barrier, List<IssuerAdapter> adapters) {
    this.store = store;
    this.barrier = barrier;
    this.adapters = List.copyOf(adapters);
  }

  /** The members of an issuer that a request has; closing wipes the password. */
  public record Wanted(
      Optional<String> provider,
      Optional<String> accountId,
      Optional<SecretBytes> password,
      Optional<String> organizationId,
      Optional<List<CertificateIssuer.Administrator>> administrators,
      Optional<Boolean> enabled)
      implements AutoCloseable {
    @Override
    public void close() {
      password.ifPresent(SecretBytes::close);
    }
  }

  /** Makes an issuer, or replaces the one of that name. */
  public CertificateIssuer set(Container container, String name, Wanted wanted, Origin origin) {
    if (RESERVED.stream().anyMatch(name::equalsIgnoreCase)) {
      throw VaultException.of(ErrorCode.NAME_INVALID, "name", name);
    }
    String provider = known(wanted.provider().orElseThrow(() -> invalid("provider")));
    Instant now = Objects.seconds(origin.time());
    return Objects.again(
        () -> {
          Optional<CertificateIssuer> seen = find(container, name);
          Id id = seen.map(CertificateIssuer::id).orElseGet(Randoms::id);
          Sealed key = barrier.newObjectKey(container.id(), id);
          return put(
              seen,
              new CertificateIssuer(
                  container.id(),
                  id,
                  key,
                  seen.map(CertificateIssuer::name).orElse(name),
                  provider,
                  wanted.accountId(),
                  sealed(container, id, key, wanted),
                  wanted.organizationId(),
                  wanted.administrators().orElse(List.of()),
                  wanted.enabled().orElse(true),
                  seen.map(CertificateIssuer::created).orElse(now),
                  now),
              container,
              origin);
        });
  }

  /** Changes the members that are given. */
  public CertificateIssuer update(
      Container container, String name, Wanted wanted, Origin origin) {
    Optional<String> provider = wanted.provider().map(this::known);
    return Objects.again(
        () -> {
          CertificateIssuer before = get(container, name);
          return put(
              Optional.of(before),
              new CertificateIssuer(
                  container.id(),
                  before.id(),
                  before.objectKey(),
                  before.name(),
                  provider.orElse(before.provider()),
                  wanted.accountId().or(before::accountId),
                  sealed(container, before.id(), before.objectKey(), wanted)
                      .or(before::password),
                  wanted.organizationId().or(before::organizationId),
                  wanted.administrators().orElse(before.administrators()),
                  wanted.enabled().orElse(before.enabled()),
                  before.created(),
                  Objects.seconds(origin.time())),
              container,
              origin);
        });
  }

  private CertificateIssuer put(
      Optional<CertificateIssuer> seen,
      CertificateIssuer issuer,
      Container container,
      Origin origin) {
    return store.change(
        origin,
        JournalNote.container(container.id()),
        tx -> {
          Objects.refusePurged(tx, container);
          if (!tx.findRule(RuleKind.CERTIFICATE_ISSUER, issuer.key()).equals(seen)) {
            throw new Raced();
          }
          tx.put(RuleKind.CERTIFICATE_ISSUER, issuer);
          return issuer;
        });
  }

  public CertificateIssuer get(Container container, String name) {
    return find(container, name)
        .orElseThrow(
            () -> VaultException.of(ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND, "name", name));
  }

  private Optional<CertificateIssuer> find(Container container, String name) {
    return store.findRule(
        RuleKind.CERTIFICATE_ISSUER, CertificateIssuer.key(container.id(), name));
  }

  /** By folded name, after the given one. */
  public List<CertificateIssuer> list(Container container, String after, int limit) {
    return store.rulesByParent(RuleKind.CERTIFICATE_ISSUER, container.id().hex()).stream()
        .filter(issuer -> folded(issuer).compareTo(after) > 0)
        .sorted(Comparator.comparing(CertificateIssuers::folded))
        .limit(limit)
        .toList();
  }

  /** Removes an issuer for good; answers it as it was. */
  public CertificateIssuer delete(Container container, String name, Origin origin) {
    CertificateIssuer issuer = get(container, name);
    return store.change(
        origin,
        JournalNote.container(container.id()),
        tx -> {
          tx.remove(RuleKind.CERTIFICATE_ISSUER, issuer.key());
          return issuer;
        });
  }

  /** Who makes the certificates of an issuer. */
  sealed interface Maker {}

  /** The certificate's own key. */
  record Self() implements Maker {}

  /** Somebody to whom the caller takes the signing request. */
  record Unknown() implements Maker {}

  /** The adapter of a provider, for the issuer object where there is one. */
  record Asked(IssuerAdapter adapter, Optional<CertificateIssuer> issuer) implements Maker {}

  /** Nobody, for this reason. */
  record Refused(PendingCertificate.Failure failure) implements Maker {}

  /** Refuses a name of which there is no issuer. */
  Maker maker(Container container, CertificatePolicy.Issuer wanted) {
    if (wanted.isSelf()) {
      return new Self();
    }
    if (wanted.isUnknown()) {
      return new Unknown();
    }
    Optional<CertificateIssuer> issuer = find(container, wanted.name());
    if (issuer.isEmpty()) {
      return adapter(wanted.name())
          .filter(IssuerAdapter::isOffered)
          .<Maker>map(adapter -> new Asked(adapter, Optional.empty()))
          .orElseThrow(
              () ->
                  VaultException.of(
                      ErrorCode.CERTIFICATE_ISSUER_NOT_FOUND, "name", wanted.name()));
    }
    CertificateIssuer known = issuer.get();
    if (!known.enabled()) {
      return refused("The issuer " + known.name() + " is disabled.");
    }
    return adapter(known.provider())
        .<Maker>map(adapter -> new Asked(adapter, issuer))
        .orElseGet(
            () ->
                refused(
                    "This server cannot ask issuers of provider " + known.provider() + " yet."));
  }

  private Optional<IssuerAdapter> adapter(String provider) {
    return adapters.stream()
        .filter(adapter -> adapter.provider().equalsIgnoreCase(provider))
        .findFirst();
  }

  private static Refused refused(String message) {
    return new Refused(
        new PendingCertificate.Failure(ErrorCode.CERTIFICATE_ISSUER_ERROR.wire(), message));
  }

  public CertificateContacts setContacts(
      Container container, List<CertificateContacts.Contact> contacts, Origin origin) {
    return store.change(
        origin,
        JournalNote.container(container.id()),
        tx -> {
          Objects.refusePurged(tx, container);
          CertificateContacts set = new CertificateContacts(container.id(), contacts);
          tx.put(RuleKind.CERTIFICATE_CONTACTS, set);
          return set;
        });
  }

  public CertificateContacts contacts(Container container) {
    return store
        .findRule(RuleKind.CERTIFICATE_CONTACTS, container.id().hex())
        .orElseThrow(() -> VaultException.of(ErrorCode.CERTIFICATE_CONTACTS_NOT_FOUND));
  }

  /** Removes them; answers them as they were. */
  public CertificateContacts deleteContacts(Container container, Origin origin) {
    CertificateContacts contacts = contacts(container);
    return store.change(
        origin,
        JournalNote.container(container.id()),
        tx -> removed(tx, contacts));
  }

  private static CertificateContacts removed(Tx tx, CertificateContacts contacts) {
    tx.remove(RuleKind.CERTIFICATE_CONTACTS, contacts.key());
    return contacts;
  }

  private Optional<Sealed> sealed(Container container, Id id, Sealed key, Wanted wanted) {
    return wanted
        .password()
        .map(
            password ->
                barrier.seal(key, new Barrier.Place(container.id(), id, id, FIELD), password));
  }

  private String known(String provider) {
    return Stream.concat(
            WITHOUT_ADAPTER.stream(), adapters.stream().map(IssuerAdapter::provider))
        .filter(provider::equalsIgnoreCase)
        .findFirst()
        .orElseThrow(() -> invalid("provider"));
  }

  private static String folded(CertificateIssuer issuer) {
    return issuer.name().toLowerCase(Locale.ROOT);
  }

  private static VaultException invalid(String property) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", property);
  }
}
