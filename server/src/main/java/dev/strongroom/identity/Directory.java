package dev.strongroom.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.strongroom.model.Application;
import dev.strongroom.model.Id;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.TrustedIssuer;
import dev.strongroom.store.Reads;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Tenants, applications and trusted issuers as they stand, remembered for at most one second, never
 * past {@link #changed}, and never past a change of any rule that the store has heard of: so a
 * revocation counts on every node as soon as its store knows, and within a second in any case.
 */
public final class Directory {
  private static final Duration REMEMBERED = Duration.ofSeconds(1);
  private static final int MOST = 20_000;

  private final Reads store;
  private final AtomicLong epoch = new AtomicLong();
  private final Remembered<Id, Optional<Application>> applications = new Remembered<>();
  private final Remembered<Id, List<TrustedIssuer>> issuers = new Remembered<>();
  private final Remembered<RuleKind<Tenant>, List<Tenant>> tenants = new Remembered<>();

  public Directory(Reads store) {
    this.store = store;
  }

  /** To be called after every change of a rule here, for a store that does not say so itself. */
  public void changed() {
    epoch.incrementAndGet();
  }

  public Optional<Application> application(Id objectId) {
    return applications.get(
        objectId, () -> store.findRule(RuleKind.APPLICATION, objectId.guid()));
  }

  /** Reads the store each time, so that made-up ids cannot push out what is remembered. */
  public Optional<Application> applicationByAppId(Id appId) {
    return store.rulesByParent(RuleKind.APPLICATION, appId.guid()).stream().findFirst();
  }

  public List<Application> applications(Id tenant) {
    return store.rules(RuleKind.APPLICATION).stream()
        .filter(application -> application.tenant().equals(tenant))
        .sorted(
            Comparator.comparing(Application::displayName)
                .thenComparing(Application::objectId))
        .toList();
  }

  /** Every tenant, the oldest first. */
  public List<Tenant> tenants() {
    return tenants.get(
        RuleKind.TENANT,
        () ->
            store.rules(RuleKind.TENANT).stream()
                .sorted(Comparator.comparing(Tenant::created).thenComparing(Tenant::id))
                .toList());
  }

  public Optional<Tenant> tenant(Id id) {
    return tenants().stream().filter(tenant -> tenant.id().equals(id)).findFirst();
  }

  /** The oldest one. */
  public Optional<Tenant> defaultTenant() {
    return tenants().stream().findFirst();
  }

  /**
   * By GUID, by domain name, as {@code adfs} (the default one), or as {@code organizations} or
   * {@code common} where there is only one.
   */
  public Optional<Tenant> spelled(String text) {
    String folded = text.toLowerCase(Locale.ROOT);
    return switch (folded) {
      case "adfs" -> defaultTenant();
      case "organizations", "common" -> tenants().size() == 1 ? defaultTenant() : Optional.empty();
      default ->
          Id.findGuid(folded)
              .map(this::tenant)
              .orElseGet(
                  () ->
                      tenants().stream()
                          .filter(tenant -> tenant.domain().equalsIgnoreCase(folded))
                          .findFirst());
    };
  }

  /**
   * As {@link #spelled}, for documents that any tenant may ask for: {@code organizations} and {@code
   * common} are described by the default one.
   */
  public Optional<Tenant> described(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "organizations", "common" -> defaultTenant();
      default -> spelled(text);
    };
  }

  public List<TrustedIssuer> issuers(Id tenant) {
    return issuers.get(
        tenant, () -> store.rulesByParent(RuleKind.TRUSTED_ISSUER, tenant.guid()));
  }

  private final class Remembered<K, V> {
    private record Loaded<V>(long epoch, V value) {}

    private final Cache<K, Loaded<V>> cache =
        Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(REMEMBERED).build();

    /** The epoch is read before the value, so a value read before a change is not used after it. */
    V get(K key, Supplier<V> load) {
      long current = epoch.get() + store.rulesEpoch();
      Loaded<V> known = cache.getIfPresent(key);
      if (known != null && known.epoch() == current) {
        return known.value();
      }
      V value = load.get();
      cache.put(key, new Loaded<>(current, value));
      return value;
    }
  }
}
