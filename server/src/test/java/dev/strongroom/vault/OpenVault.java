package dev.strongroom.vault;

import dev.strongroom.crypto.JdkEngine;
import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.KeyCache;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.SoftwareKeys;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.Slots;
import dev.strongroom.seal.WrappedKeys;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.KeyRow;
import dev.strongroom.store.MemoryStore;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;

/** An installation with an open seal, a store and one vault, in which tests keep secrets. */
public final class OpenVault {
  public static final Instant START = Instant.parse("2026-03-01T12:00:00.750Z");
  static final KeyBackend BACKEND = new SoftwareKeys(new JdkEngine());
  static final Lanes LANES = new Lanes(2, 64);

  public final Seal seal;
  public final Slots slots;
  public final Store store;
  public final Secrets secrets;
  public final KeyCache opened = new KeyCache(() -> instant());
  public final Keys keys;
  public final CertificateIssuers issuers;
  public final Certificates certificates;
  public final Container container;
  public Instant now = START;
  private final BiFunction<Store, Barrier, List<IssuerAdapter>> adapters;
  private final AtomicReference<Store> containerKeys = new AtomicReference<>(new MemoryStore());

  /** In memory. */
  public OpenVault() {
    this(seal -> new MemoryStore());
  }

  OpenVault(Function<Seal, Store> opened) {
    this(opened, (_, _) -> List.of());
  }

  /**
   * @param adapters of issuers, of a store
   */
  public OpenVault(
      Function<Seal, Store> opened, BiFunction<Store, Barrier, List<IssuerAdapter>> adapters) {
    this.adapters = adapters;
    seal = new Seal(new StoredKeys(containerKeys));
    seal.onSealed(this.opened::forgetAll);
    Seal.Initialised made = initialise(seal);
    slots = made.slots();
    Store bootstrap = containerKeys.get();
    put(bootstrap, made.systemKey());
    store = opened.apply(seal);
    put(store, made.systemKey());
    containerKeys.set(store);
    secrets = new Secrets(store, seal);
    keys = keysOf(store);
    issuers = new CertificateIssuers(store, seal, adapters.apply(store, seal));
    certificates = certificatesOf(store);
    container = add(vault("Vault-1", Randoms.guid(), Randoms.guid(), "westeurope", 90, false));
  }

  /** The same installation after its store was closed and opened again. */
  void reopened(Store again) {
    containerKeys.set(again);
  }

  /** Keys as another node has them, or a store that a test has come between. */
  Keys keysOf(Store of) {
    return new Keys(of, seal, BACKEND, opened, LANES);
  }

  /** Certificates as another node has them, or a store that a test has come between. */
  Certificates certificatesOf(Store of) {
    return new Certificates(
        of, seal, BACKEND, LANES, new CertificateIssuers(of, seal, adapters.apply(of, seal)));
  }

  private Instant instant() {
    return now;
  }

  private static Seal.Initialised initialise(Seal seal) {
    try {
      Path folder = Files.createTempDirectory("slot");
      Path file = folder.resolve("key");
      try (FileSlot slot = FileSlot.create(file)) {
        return seal.initialise(Randoms.guid(), slot, "first", START);
      } finally {
        Files.delete(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Container vault(
      String name, Id tenant, Id subscription, String location, int days, boolean protect) {
    return new Container(
        Randoms.id(),
        ContainerKind.VAULT,
        name,
        tenant,
        subscription,
        "Group1",
        location,
        "standard",
        Optional.of(true),
        List.of(),
        days,
        protect,
        false,
        false,
        false,
        Map.of(),
        START,
        START,
        Optional.empty());
  }

  /** Another vault of the same tenant, subscription and location. */
  public Container another(String name, int days, boolean protect) {
    return add(
        vault(
            name, container.tenant(), container.subscription(), container.location(), days, protect));
  }

  public Container add(Container made) {
    KeyRow key = new KeyRow(made.id(), 1, seal.newContainerKey(made.id(), 1));
    return store.change(
        origin(),
        JournalNote.container(made.id()),
        tx -> {
          tx.put(key);
          tx.put(RuleKind.CONTAINER, made);
          return made;
        });
  }

  public Origin origin() {
    return new Origin(Randoms.id(), "SecretSet", Optional.empty(), now);
  }

  public void pass(Duration time) {
    now = now.plus(time);
  }

  public VaultObject set(String name, String value) {
    return set(name, value, SecretChange.none());
  }

  public VaultObject set(String name, String value, SecretChange wanted) {
    return secrets.set(
        container, new ObjectName(name), SecretBytes.ofUtf8(value), wanted, origin());
  }

  public String get(String name) {
    return get(container, name, Optional.empty());
  }

  public String get(Container where, String name, Optional<Id> version) {
    try (SecretBytes value =
        secrets.get(where, new ObjectName(name), version).value()) {
      return new String(value.exposed(), StandardCharsets.UTF_8);
    }
  }

  public VaultObject delete(String name) {
    return secrets.delete(container, new ObjectName(name), origin());
  }

  public Key create(String name, KeySpec spec) {
    return create(name, spec, KeyChange.none());
  }

  public Key create(String name, KeySpec spec, KeyChange wanted) {
    return keys.create(container, new ObjectName(name), spec, wanted, origin());
  }

  private static void put(Store store, WrappedKeys.Wrapped key) {
    store.change(
        new Origin(Randoms.id(), "Setup", Optional.empty(), Instant.EPOCH),
        JournalNote.none(),
        tx -> {
          tx.put(new KeyRow(key.owner(), key.generation(), key.key()));
          return null;
        });
  }

  private record StoredKeys(AtomicReference<Store> store) implements WrappedKeys {
    @Override
    public Optional<Wrapped> newest(Id owner) {
      return store.get().newestKey(owner).map(StoredKeys::wrapped);
    }

    @Override
    public Optional<Wrapped> find(Id owner, int generation) {
      return store.get().findKey(owner, generation).map(StoredKeys::wrapped);
    }

    private static Wrapped wrapped(KeyRow row) {
      return new Wrapped(row.owner(), row.generation(), row.wrapped());
    }
  }
}
