package dev.strongroom.control;

import dev.strongroom.access.PolicyCategory;
import dev.strongroom.access.Scopes;
import dev.strongroom.model.Container;
import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ContainerName;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.ResourceGroup;
import dev.strongroom.model.RoleAssignment;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.Subscription;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.DueRow;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.Reads;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Vaults as resources, from creation to purge.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A name belongs to one vault of the whole server, live or deleted, until it is purged or its
 *       retention has passed.
 *   <li>Retention is set at creation only; purge protection is never taken back.
 *   <li>Deleting a vault removes the role assignments at and below it; recovering does not bring
 *       them back.
 *   <li>A vault and its key come and go in one change.
 * </ul>
 */
public final class Vaults implements ContainerDirectory {
  private static final ContainerKind KIND = ContainerKind.VAULT;
  private static final int MIN_RETENTION = 7;
  private static final int MAX_RETENTION = 90;
  private static final int MAX_POLICIES = 1024;

  /** What to do with the entries of an access policy request. */
  public enum PolicyChange {
    ADD,
    REPLACE,
    REMOVE
  }

  /** Why a name cannot be had, in the words of checkNameAvailability; empty when it can. */
  public record Availability(Optional<ErrorCode> refusal) {}

  private final Store store;
  private final Barrier barrier;
  private final Supplier<Id> ids;
  private final Details details;

  /**
   * @param ids makes random ids for containers
   */
  public Vaults(Store store, Barrier barrier, Supplier<Id> ids) {
    this.store = store;
    this.barrier = barrier;
    this.ids = ids;
    this.details = new Details(barrier);
  }

  @Override
  public Optional<Container> find(ContainerKind kind, String name) {
    return byName(store, kind, name).filter(container -> container.deleted().isEmpty());
  }

  public Container get(Id subscription, String group, String name) {
    return live(store, subscription, group, name)
        .orElseThrow(() -> notFound(store, subscription, group, name));
  }

  public List<Container> list(Id subscription) {
    requireSubscription(store, subscription);
    return live(subscription, Optional.empty());
  }

  public List<Container> list(Id subscription, String group) {
    requireGroup(store, subscription, group);
    return live(subscription, Optional.of(group));
  }

  /** The same without a word on whether subscription and group exist. */
  public List<Container> live(Id subscription, Optional<String> group) {
    return containers(store, subscription)
        .filter(container -> container.deleted().isEmpty())
        .filter(container -> group.map(container.resourceGroup()::equalsIgnoreCase).orElse(true))
        .toList();
  }

  /** Deleted vaults that can still be recovered. */
  public List<Container> deleted(Id subscription, Instant now) {
    requireSubscription(store, subscription);
    return containers(store, subscription)
        .filter(container -> container.deleted().isPresent() && !container.isGone(now))
        .toList();
  }

  public Container deleted(Id subscription, String location, String name, Instant now) {
    return recoverable(store, subscription, name, now)
        .filter(container -> container.location().equals(Locations.fold(location)))
        .orElseThrow(() -> VaultException.of(ErrorCode.DELETED_VAULT_NOT_FOUND, "name", name));
  }

  /** Whether the name can be had for a container of any kind. */
  public Availability check(String name, Instant now) {
    if (!ContainerName.isValid(name)) {
      return new Availability(Optional.of(ErrorCode.VAULT_NAME_NOT_VALID));
    }
    for (ContainerKind kind : ContainerKind.values()) {
      if (byName(store, kind, name).filter(container -> !container.isGone(now)).isPresent()) {
        return new Availability(Optional.of(ErrorCode.VAULT_ALREADY_EXISTS));
      }
    }
    return new Availability(Optional.empty());
  }

  /**
   * Creates, changes or recovers.
   *
   * @param rbacByDefault what a new vault gets when the settings do not say; empty is shown as
   *     absent and decides as false
   * @param modelChange the refusal for a caller who may not change the permission model of a vault
   *     that exists; empty when the caller may
   */
  public Placed<Container> put(
      Origin origin,
      Id subscription,
      String group,
      ContainerName name,
      VaultSettings settings,
      Optional<Boolean> rbacByDefault,
      Optional<VaultException> modelChange) {
    checkSettings(settings);
    Id newId = ids.get();
    Optional<Sealed> newKey = Optional.empty();
    while (true) {
      Optional<Id> seen =
          byName(store, KIND, name.text())
              .filter(container -> !container.isGone(origin.time()))
              .map(Container::id);
      if (seen.isEmpty() && newKey.isEmpty()) {
        newKey = Optional.of(barrier.newContainerKey(newId, 1));
      }
      Optional<Sealed> key = newKey;
      try {
        return store.change(
            origin,
            note(origin, seen.orElse(newId), subscription, group, name.text()),
            tx -> {
              Subscription owner = requireSubscription(tx, subscription);
              ResourceGroup home = requireGroup(tx, subscription, group);
              requireTenant(settings, owner.tenant());
              Optional<Container> there = byName(tx, KIND, name.text());
              if (there.filter(container -> container.isGone(tx.time())).isPresent()) {
                purge(tx, there.get());
                there = Optional.empty();
              }
              if (!there.map(Container::id).equals(seen)) {
                throw new Raced();
              }
              if (there.isEmpty()) {
                requireCurrent(tx, key.orElseThrow());
                return new Placed<>(
                    create(
                        tx, newId, key.orElseThrow(), owner, home, name, settings, rbacByDefault),
                    true);
              }
              Container container = there.get();
              if (container.deleted().isPresent()) {
                return new Placed<>(recover(tx, container, home, settings, modelChange), false);
              }
              if (!container.subscription().equals(subscription)
                  || !container.resourceGroup().equalsIgnoreCase(group)) {
                throw VaultException.of(ErrorCode.VAULT_ALREADY_EXISTS, "name", name.text());
              }
              Container changed = changed(tx, container, settings, modelChange);
              tx.put(RuleKind.CONTAINER, changed);
              return new Placed<>(changed, false);
            });
      } catch (Raced e) {
        // because the note names the container, it is written anew for what is there now
        continue;
      }
    }
  }

  /** A key under a root key that was rotated away since could never be opened again. */
  private void requireCurrent(Tx tx, Sealed key) {
    // the stored system key tells what another node did, this node's memory what is under way here
    boolean isOvertaken =
        tx.newestKey(key.keyId())
            .filter(system -> system.wrapped().generation() != key.generation())
            .isPresent();
    if (isOvertaken || !barrier.isCurrent(key)) {
      throw VaultException.of(ErrorCode.BUSY, "reason", "the root key is being rotated")
          .with("Retry-After", "1");
    }
  }

  public Container patch(
      Origin origin,
      Id subscription,
      String group,
      String name,
      VaultSettings settings,
      Optional<VaultException> modelChange) {
    checkSettings(settings);
    return changeLive(
        origin,
        subscription,
        group,
        name,
        (tx, container) -> {
          requireTenant(settings, container.tenant());
          return changed(tx, container, settings, modelChange);
        });
  }

  /** Adds, replaces or removes entries, each for its tenant, object and application. */
  public Container changePolicies(
      Origin origin,
      Id subscription,
      String group,
      String name,
      PolicyChange change,
      List<AccessPolicy> entries) {
    return changeLive(
        origin,
        subscription,
        group,
        name,
        (tx, container) -> {
          List<AccessPolicy> merged = merge(container.accessPolicies(), change, entries);
          checkPolicies(merged, container.tenant());
          return withPolicies(container, merged, tx.time());
        });
  }

  /** False when there is no such vault. */
  public boolean delete(Origin origin, Id subscription, String group, String name) {
    Optional<Container> seen = live(store, subscription, group, name);
    if (seen.isEmpty()) {
      requireGroup(store, subscription, group);
      return false;
    }
    return store.change(
        origin,
        note(origin, seen.get().id(), subscription, group, name),
        tx -> {
          Optional<Container> there = live(tx, subscription, group, name);
          if (!there.map(Container::id).equals(seen.map(Container::id))) {
            throw notFound(tx, subscription, group, name);
          }
          Instant at = tx.time().truncatedTo(ChronoUnit.SECONDS);
          Container gone = withDeletion(there.get(), Optional.of(at));
          tx.put(RuleKind.CONTAINER, gone);
          removeAssignments(tx, gone.resourceId());
          tx.putDue(
              new DueRow(
                  VaultPurge.KIND,
                  gone.id(),
                  gone.id(),
                  gone.scheduledPurge().orElseThrow(),
                  tx.journalNumber()));
          return true;
        });
  }

  /** Removes a deleted vault for good, unless purge protection keeps it. */
  public void purge(Origin origin, Id subscription, String location, String name) {
    Container seen = deleted(subscription, location, name, origin.time());
    store.change(
        origin,
        note(origin, seen.id(), subscription, seen.resourceGroup(), name),
        tx -> {
          Container container =
              recoverable(tx, subscription, name, tx.time())
                  .filter(there -> there.id().equals(seen.id()))
                  .orElseThrow(
                      () -> VaultException.of(ErrorCode.DELETED_VAULT_NOT_FOUND, "name", name));
          if (container.purgeProtection()) {
            throw VaultException.of(ErrorCode.VAULT_PURGE_PROTECTED, "name", container.name());
          }
          purge(tx, container);
          return null;
        });
  }

  /** Whether the journal holds the change that this request made. */
  public boolean isDone(long journal, Id requestId) {
    return store.journal(journal - 1, 1).stream()
        .anyMatch(row -> row.number() == journal && row.requestId().equals(requestId));
  }

  /** Everything that a vault consists of, inside a change. */
  static void purge(Tx tx, Container container) {
    tx.purgeObjects(container.id());
    tx.removeKeys(container.id());
    removeAssignments(tx, container.resourceId());
    tx.removeDue(VaultPurge.KIND, container.id());
    tx.rulesByParent(RuleKind.CERTIFICATE_ISSUER, container.id().hex())
        .forEach(issuer -> tx.remove(RuleKind.CERTIFICATE_ISSUER, issuer.key()));
    tx.remove(RuleKind.CERTIFICATE_CONTACTS, container.id().hex());
    tx.remove(RuleKind.CONTAINER, container.key());
  }

  static void removeAssignments(Tx tx, String scope) {
    for (RoleAssignment assignment : tx.rules(RuleKind.ROLE_ASSIGNMENT)) {
      if (Scopes.isAtOrBelow(assignment.scope(), scope)) {
        tx.remove(RuleKind.ROLE_ASSIGNMENT, assignment.key());
      }
    }
  }

  /** The resource group, or the refusal that says what is missing. */
  static ResourceGroup requireGroup(Reads reads, Id subscription, String group) {
    requireSubscription(reads, subscription);
    return reads
        .findRule(RuleKind.RESOURCE_GROUP, ResourceGroup.key(subscription, group))
        .orElseThrow(() -> VaultException.of(ErrorCode.RESOURCE_GROUP_NOT_FOUND, "group", group));
  }

  static Subscription requireSubscription(Reads reads, Id subscription) {
    return reads
        .findRule(RuleKind.SUBSCRIPTION, subscription.guid())
        .orElseThrow(
            () ->
                VaultException.of(
                    ErrorCode.SUBSCRIPTION_NOT_FOUND, "subscription", subscription.guid()));
  }

  static VaultException notFound(Reads reads, Id subscription, String group, String name) {
    requireGroup(reads, subscription, group);
    return VaultException.of(
        ErrorCode.RESOURCE_NOT_FOUND, "type", KIND.armType(), "name", name, "group", group);
  }

  static Optional<Container> live(Reads reads, Id subscription, String group, String name) {
    return byName(reads, KIND, name)
        .filter(
            container ->
                container.deleted().isEmpty()
                    && container.subscription().equals(subscription)
                    && container.resourceGroup().equalsIgnoreCase(group));
  }

  private interface Edit {
    Container apply(Tx tx, Container container);
  }

  private Container changeLive(
      Origin origin, Id subscription, String group, String name, Edit edit) {
    Container seen = get(subscription, group, name);
    return store.change(
        origin,
        note(origin, seen.id(), subscription, group, name),
        tx -> {
          Container there =
              live(tx, subscription, group, name)
                  .filter(container -> container.id().equals(seen.id()))
                  .orElseThrow(() -> notFound(tx, subscription, group, name));
          Container after = edit.apply(tx, there);
          tx.put(RuleKind.CONTAINER, after);
          return after;
        });
  }

  private static Container create(
      Tx tx,
      Id id,
      Sealed key,
      Subscription owner,
      ResourceGroup home,
      ContainerName name,
      VaultSettings settings,
      Optional<Boolean> rbacByDefault) {
    if (settings.recover()) {
      throw VaultException.of(ErrorCode.DELETED_VAULT_NOT_FOUND, "name", name.text());
    }
    Optional<Boolean> rbac = settings.rbac().or(() -> rbacByDefault);
    if (!rbac.orElse(false) && settings.accessPolicies().isEmpty()) {
      throw missing("properties.accessPolicies");
    }
    String location = settings.location().orElseThrow(() -> missing("location"));
    String sku = settings.sku().orElseThrow(() -> missing("properties.sku"));
    List<AccessPolicy> policies = settings.accessPolicies().orElse(List.of());
    checkPolicies(policies, owner.tenant());
    Instant now = tx.time().truncatedTo(ChronoUnit.SECONDS);
    Container container =
        new Container(
            id,
            KIND,
            name.text(),
            owner.tenant(),
            owner.id(),
            home.name(),
            location,
            sku,
            rbac,
            policies,
            settings.retentionDays().orElse(MAX_RETENTION),
            settings.purgeProtection().orElse(false),
            settings.enabledForDeployment().orElse(false),
            settings.enabledForDiskEncryption().orElse(false),
            settings.enabledForTemplateDeployment().orElse(false),
            settings.tags().orElse(Map.of()),
            now,
            now,
            Optional.empty());
    tx.put(RuleKind.CONTAINER, container);
    tx.put(new KeyRow(id, 1, key));
    return container;
  }

  private static Container recover(
      Tx tx,
      Container deleted,
      ResourceGroup home,
      VaultSettings settings,
      Optional<VaultException> modelChange) {
    boolean own = deleted.subscription().equals(home.subscription());
    if (!settings.recover()) {
      throw own
          ? VaultException.of(ErrorCode.VAULT_DELETED_CONFLICT)
          : VaultException.of(ErrorCode.VAULT_ALREADY_EXISTS, "name", deleted.name());
    }
    if (!own || !deleted.resourceGroup().equalsIgnoreCase(home.name())) {
      throw VaultException.of(ErrorCode.DELETED_VAULT_NOT_FOUND, "name", deleted.name());
    }
    Container back = withDeletion(changed(tx, deleted, settings, modelChange), Optional.empty());
    tx.put(RuleKind.CONTAINER, back);
    tx.removeDue(VaultPurge.KIND, back.id());
    return back;
  }

  /** The container with the settings applied, or the refusal of what cannot be changed. */
  private static Container changed(
      Tx tx, Container container, VaultSettings settings, Optional<VaultException> modelChange) {
    settings
        .location()
        .filter(wanted -> !wanted.equals(container.location()))
        .ifPresent(
            wanted -> {
              throw VaultException.of(
                  ErrorCode.LOCATION_UNCHANGEABLE,
                  "name",
                  container.name(),
                  "location",
                  container.location(),
                  "group",
                  container.resourceGroup(),
                  "wanted",
                  wanted);
            });
    if (settings.retentionDays().orElse(container.retentionDays()) != container.retentionDays()) {
      throw VaultException.of(ErrorCode.RETENTION_UNCHANGEABLE);
    }
    boolean rbac = settings.rbac().orElse(container.usesRbac());
    if (rbac != container.usesRbac() && modelChange.isPresent()) {
      throw modelChange.get();
    }
    List<AccessPolicy> policies = settings.accessPolicies().orElse(container.accessPolicies());
    checkPolicies(policies, container.tenant());
    return new Container(
        container.id(),
        container.kind(),
        container.name(),
        container.tenant(),
        container.subscription(),
        container.resourceGroup(),
        container.location(),
        settings.sku().orElse(container.sku()),
        settings.rbac().or(container::rbac),
        policies,
        container.retentionDays(),
        container.purgeProtection() || settings.purgeProtection().orElse(false),
        settings.enabledForDeployment().orElse(container.enabledForDeployment()),
        settings.enabledForDiskEncryption().orElse(container.enabledForDiskEncryption()),
        settings.enabledForTemplateDeployment().orElse(container.enabledForTemplateDeployment()),
        settings.tags().orElse(container.tags()),
        container.created(),
        tx.time().truncatedTo(ChronoUnit.SECONDS),
        container.deleted());
  }

  private static void checkSettings(VaultSettings settings) {
    if (!settings.purgeProtection().orElse(true)) {
      throw VaultException.of(ErrorCode.PURGE_PROTECTION_IRREVERSIBLE);
    }
    int days = settings.retentionDays().orElse(MAX_RETENTION);
    if (days < MIN_RETENTION || days > MAX_RETENTION) {
      throw invalid(
          "properties.softDeleteRetentionInDays",
          "it is " + MIN_RETENTION + " to " + MAX_RETENTION);
    }
    settings.tags().ifPresent(Tags::check);
  }

  private static void requireTenant(VaultSettings settings, Id tenant) {
    if (!settings.tenant().orElse(tenant).equals(tenant)) {
      throw invalid("properties.tenantId", "it is not the tenant of the subscription");
    }
  }

  private static void checkPolicies(List<AccessPolicy> policies, Id tenant) {
    if (policies.size() > MAX_POLICIES) {
      throw invalid("properties.accessPolicies", "there are more than " + MAX_POLICIES);
    }
    for (AccessPolicy policy : policies) {
      if (!policy.tenant().equals(tenant)) {
        throw invalid("properties.accessPolicies", "an entry has another tenant than the vault");
      }
    }
  }

  private static List<AccessPolicy> merge(
      List<AccessPolicy> now, PolicyChange change, List<AccessPolicy> entries) {
    List<AccessPolicy> merged = new ArrayList<>(now);
    for (AccessPolicy entry : entries) {
      int at = indexOf(merged, entry);
      switch (change) {
        case ADD -> {
          if (at < 0) {
            merged.add(entry);
          } else {
            merged.set(at, union(merged.get(at), entry));
          }
        }
        case REPLACE -> {
          if (at < 0) {
            merged.add(entry);
          } else {
            merged.set(at, entry);
          }
        }
        case REMOVE -> {
          if (at >= 0) {
            AccessPolicy left = difference(merged.get(at), entry);
            if (isEmpty(left)) {
              merged.remove(at);
            } else {
              merged.set(at, left);
            }
          }
        }
      }
    }
    return merged;
  }

  private static int indexOf(List<AccessPolicy> policies, AccessPolicy entry) {
    for (int i = 0; i < policies.size(); i++) {
      AccessPolicy policy = policies.get(i);
      if (policy.tenant().equals(entry.tenant())
          && policy.objectId().equals(entry.objectId())
          && policy.applicationId().equals(entry.applicationId())) {
        return i;
      }
    }
    return -1;
  }

  private static AccessPolicy union(AccessPolicy one, AccessPolicy more) {
    return combine(
        one,
        category -> {
          List<String> words = new ArrayList<>(category.granted(one));
          for (String word : category.granted(more)) {
            if (!words.contains(word)) {
              words.add(word);
            }
          }
          return words;
        });
  }

  private static AccessPolicy difference(AccessPolicy one, AccessPolicy less) {
    return combine(
        one,
        category -> {
          List<String> taken = category.granted(less);
          return taken.isEmpty()
              ? category.granted(one)
              : category.without(category.granted(one), taken);
        });
  }

  private static AccessPolicy combine(
      AccessPolicy policy, Function<PolicyCategory, List<String>> words) {
    return new AccessPolicy(
        policy.tenant(),
        policy.objectId(),
        policy.applicationId(),
        List.copyOf(words.apply(PolicyCategory.KEYS)),
        List.copyOf(words.apply(PolicyCategory.SECRETS)),
        List.copyOf(words.apply(PolicyCategory.CERTIFICATES)),
        List.copyOf(words.apply(PolicyCategory.STORAGE)));
  }

  private static boolean isEmpty(AccessPolicy policy) {
    for (PolicyCategory category : PolicyCategory.values()) {
      if (!category.granted(policy).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static Optional<Container> byName(Reads reads, ContainerKind kind, String name) {
    List<Container> found = reads.rulesByParent(RuleKind.CONTAINER, Container.parent(kind, name));
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
  }

  private static Optional<Container> recoverable(
      Reads reads, Id subscription, String name, Instant now) {
    return byName(reads, KIND, name)
        .filter(
            container ->
                container.subscription().equals(subscription)
                    && container.deleted().isPresent()
                    && !container.isGone(now));
  }

  private static Stream<Container> containers(Reads reads, Id subscription) {
    return reads.rules(RuleKind.CONTAINER).stream()
        .filter(
            container -> container.kind() == KIND && container.subscription().equals(subscription))
        .sorted(Comparator.comparing(Container::parent));
  }

  private static Container withPolicies(
      Container container, List<AccessPolicy> policies, Instant now) {
    return new Container(
        container.id(),
        container.kind(),
        container.name(),
        container.tenant(),
        container.subscription(),
        container.resourceGroup(),
        container.location(),
        container.sku(),
        container.rbac(),
        policies,
        container.retentionDays(),
        container.purgeProtection(),
        container.enabledForDeployment(),
        container.enabledForDiskEncryption(),
        container.enabledForTemplateDeployment(),
        container.tags(),
        container.created(),
        now.truncatedTo(ChronoUnit.SECONDS),
        container.deleted());
  }

  private static Container withDeletion(Container container, Optional<Instant> deleted) {
    return new Container(
        container.id(),
        container.kind(),
        container.name(),
        container.tenant(),
        container.subscription(),
        container.resourceGroup(),
        container.location(),
        container.sku(),
        container.rbac(),
        container.accessPolicies(),
        container.retentionDays(),
        container.purgeProtection(),
        container.enabledForDeployment(),
        container.enabledForDiskEncryption(),
        container.enabledForTemplateDeployment(),
        container.tags(),
        container.created(),
        container.updated(),
        deleted);
  }

  private JournalNote note(
      Origin origin, Id container, Id subscription, String group, String name) {
    return details.note(
        origin,
        Optional.of(container),
        "vault",
        Scopes.resourceGroup(subscription, group) + "/providers/" + KIND.armType() + '/' + name);
  }

  private static VaultException missing(String property) {
    return invalid(property, "it must be given");
  }

  private static VaultException invalid(String property, String reason) {
    return VaultException.of(
        ErrorCode.ARM_PROPERTY_INVALID, "property", property, "reason", reason);
  }

  /** Another change made, deleted or purged the vault between reading and changing. */
  private static final class Raced extends RuntimeException {
    private Raced() {
      super(null, null, false, false);
    }
  }
}
