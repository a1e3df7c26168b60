package dev.strongroom.control;

import dev.strongroom.access.Rules;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Application;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerName;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.ResourceGroup;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.Tenant;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Two tenants with a subscription each, a resource group and applications, in memory. */
public final class Estate {
  public static final String GROUP = "Group1";
  public static final String LOCATION = "westeurope";

  public final MemoryStore store = new MemoryStore();
  public final FakeBarrier barrier = new FakeBarrier();
  public final Vaults vaults = new Vaults(store, barrier, Randoms::id);
  public final Roles roles = new Roles(store, barrier);
  public final Subscriptions subscriptions = new Subscriptions(store);
  public final ResourceGroups groups = new ResourceGroups(store, barrier);
  public final Rules rules = new Rules(store);
  public final Id tenant = Randoms.guid();
  public final Id otherTenant = Randoms.guid();
  public final Id subscription = Randoms.guid();
  public final Id otherSubscription = Randoms.guid();
  public final Principal alice;
  public final Principal bob;
  public final Principal stranger;
  public Instant now = Instant.parse("2026-03-01T12:00:00.5Z");

  public Estate() {
    store.change(
        origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.TENANT, new Tenant(tenant, "Home", "home.test", now));
          tx.put(RuleKind.TENANT, new Tenant(otherTenant, "Other", "other.test", now));
          tx.put(RuleKind.SUBSCRIPTION, new Subscription(subscription, tenant, "One", now));
          tx.put(
              RuleKind.SUBSCRIPTION, new Subscription(otherSubscription, otherTenant, "Two", now));
          tx.put(
              RuleKind.RESOURCE_GROUP,
              new ResourceGroup(subscription, GROUP, LOCATION, Map.of(), now));
          tx.put(
              RuleKind.RESOURCE_GROUP,
              new ResourceGroup(otherSubscription, GROUP, LOCATION, Map.of(), now));
          return null;
        });
    alice = application(tenant, "alice");
    bob = application(tenant, "bob");
    stranger = application(otherTenant, "stranger");
  }

  public Principal application(Id home, String name) {
    Application application =
        new Application(
            Randoms.guid(), Randoms.guid(), home, name, true, List.of(), List.of(), List.of(), now);
    store.change(
        origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.APPLICATION, application);
          return null;
        });
    return new Principal(
        home,
        application.objectId(),
        Principal.Kind.APPLICATION,
        Optional.of(application.appId()),
        "https://sts.test/" + home.guid() + "/",
        Set.of(),
        Map.of());
  }

  public Origin origin(String operation) {
    return new Origin(Randoms.guid(), operation, Optional.ofNullable(alice), now);
  }

  public void pass(Duration time) {
    now = now.plus(time);
  }

  /** Past every check of who may assign. */
  public RoleAssignment assign(Principal principal, BuiltInRole role, String scope) {
    RoleAssignment assignment =
        new RoleAssignment(
            Randoms.guid(),
            principal.tenant(),
            scope,
            role.id(),
            principal.objectId(),
            "ServicePrincipal",
            Optional.empty(),
            now,
            now,
            Optional.empty());
    store.change(
        origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.ROLE_ASSIGNMENT, assignment);
          return null;
        });
    return assignment;
  }

  public void remove(RoleAssignment assignment) {
    store.change(
        origin("Setup"),
        JournalNote.none(),
        tx -> {
          tx.remove(RuleKind.ROLE_ASSIGNMENT, assignment.key());
          return null;
        });
  }

  public Container vault(String name) {
    return vaults
        .put(
            origin("VaultPut"),
            subscription,
            GROUP,
            new ContainerName(name),
            VaultSettings.rbacVault(tenant, LOCATION),
            Optional.empty(),
            Optional.empty())
        .value();
  }
}
