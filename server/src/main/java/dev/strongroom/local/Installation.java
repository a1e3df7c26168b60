package dev.strongroom.local;

import dev.strongroom.control.Roles;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.identity.Applications;
import dev.strongroom.model.Application;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.Tenant;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.Slots;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalView;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * What makes a store an installation: its id, its key slots, and a first tenant with a subscription
 * and an application that owns everything and may read no data.
 *
 * <p>Making one is several changes; the last marks it complete. A store that is not marked was left
 * by an init that did not finish, and is refused rather than guessed at.
 */
public final class Installation {
  static final String SLOTS = "slots";
  private static final String ID = "installation";
  private static final String HOME_TENANT = "home-tenant";
  static final String COMPLETE = "init-complete";
  private static final Duration FIRST_SECRET = Duration.ofDays(365);

  private Installation() {}

  /** The first application's credential: a certificate, or a secret that is made and shown once. */
  public sealed interface Credential {
    record Certificate(byte[] pem) implements Credential {}

    record Secret() implements Credential {}
  }

  /** A tenant with everything that its first use needs. */
  public record Made(
      Tenant tenant,
      Subscription subscription,
      Application application,
      Optional<SecretBytes> secret) {}

  public static Optional<Id> id(JournalView store) {
    return store.meta(ID).map(Id::of);
  }

  /** Another id from now on. What is sealed stays bound to the one that the key slots bear. */
  static void rename(Tx tx, Id installation) {
    tx.putMeta(ID, installation.bytes());
  }

  public static boolean isComplete(JournalView store) {
    return store.meta(COMPLETE).isPresent();
  }

  public static Id homeTenant(JournalView store) {
    return store
        .meta(HOME_TENANT)
        .map(Id::of)
        .orElseThrow(() -> new LocalException("the installation has no tenant"));
  }

  public static Slots slots(JournalView store) {
    return Slots.read(
        store
            .meta(SLOTS)
            .orElseThrow(() -> new LocalException("the installation has no key slots")));
  }

  /** First step: id, root key and first slot. Afterwards the seal is open. */
  public static Id begin(Store store, Seal seal, SlotKey slot, String label, Origin origin) {
    Id installation = Randoms.id();
    Seal.Initialised made = seal.initialise(installation, slot, label, origin.time());
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.putMeta(ID, installation.bytes());
          tx.putMeta(SLOTS, made.slots().bytes());
          tx.put(StoredKeys.row(made.systemKey()));
          return null;
        });
    return installation;
  }

  /** Last step: the first tenant becomes the home of the installation. */
  public static void complete(Store store, Tenant home) {
    store.putMeta(HOME_TENANT, home.id().bytes());
    store.putMeta(COMPLETE, new byte[] {1});
  }

  /**
   * A tenant with a subscription and an application that is Owner at {@code /} and has no data role.
   */
  public static Made tenant(
      Store store,
      Applications applications,
      Roles roles,
      Operator operator,
      String name,
      String domain,
      Credential credential) {
    Tenant tenant =
        operator.audited(
            Operation.TENANT_CREATE,
            Map.of("domain", domain),
            origin -> applications.createTenant(name, domain, origin));
    Subscription subscription =
        operator.audited(
            Operation.SUBSCRIPTION_CREATE,
            Map.of("tenant", tenant.id().guid()),
            origin -> subscription(store, tenant, name, origin));
    Application application =
        operator.audited(
            Operation.APPLICATION_CREATE,
            Map.of("tenant", tenant.id().guid()),
            origin -> applications.create(tenant.id(), name + " administrator", origin));
    Optional<SecretBytes> secret = Optional.empty();
    switch (credential) {
      case Credential.Certificate(byte[] pem) ->
          operator.audited(
              Operation.APPLICATION_CERTIFICATE_ADD,
              Map.of("application", application.appId().guid()),
              origin ->
                  applications.addCertificate(
                      tenant.id(), application.objectId(), "first", pem, origin));
      case Credential.Secret() ->
          secret =
              Optional.of(
                  operator.audited(
                      Operation.APPLICATION_SECRET_ADD,
                      Map.of("application", application.appId().guid()),
                      origin ->
                          applications
                              .addSecret(
                                  tenant.id(),
                                  application.objectId(),
                                  "first",
                                  FIRST_SECRET,
                                  origin)
                              .text()));
    }
    assign(roles, operator, tenant.id(), "/", BuiltInRole.OWNER, application.objectId());
    return new Made(tenant, subscription, application, secret);
  }

  /** Gives an application a role, on the machine's own authority. */
  public static void assign(
      Roles roles, Operator operator, Id tenant, String scope, BuiltInRole role, Id application) {
    operator.audited(
        Operation.ROLE_ASSIGNMENT_PUT,
        Map.of("scope", scope, "role", role.title(), "principal", application.guid()),
        origin ->
            roles.put(
                origin,
                tenant,
                scope,
                Randoms.guid(),
                new Roles.Wanted(role.id(), application, Optional.empty(), Optional.empty())));
  }

  private static Subscription subscription(
      Store store, Tenant tenant, String name, Origin origin) {
    Instant now = origin.time().truncatedTo(ChronoUnit.SECONDS);
    Subscription subscription = new Subscription(Randoms.guid(), tenant.id(), name, now);
    store.change(
        origin,
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.SUBSCRIPTION, subscription);
          return null;
        });
    return subscription;
  }
}
