package dev.strongroom.seal;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.Hmac;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The barrier with its key slots: sealed at first, opened by a slot's key, sealed again any time.
 *
 * <p>Sealing, opening and MACs take no lock: each call takes copies of the keys it needs for itself
 * and either works with the right ones or answers SERVER_SEALED. What changes the state (unsealing,
 * sealing, slots, rotation) is done one at a time.
 */
public final class Seal implements Barrier {
  private static final int FIRST = 1;

  /** What a new installation must store, in one change. */
  public record Initialised(Slots slots, WrappedKeys.Wrapped systemKey) {}

  private final WrappedKeys wrappedKeys;
  private final Supplier<Arena> arenas;
  private final ReentrantLock changes = new ReentrantLock();
  private volatile Optional<OpenKeys> open = Optional.empty();

  /** The newest slots known to belong to the open root key: the way to one of another node. */
  private volatile Optional<Slots> known = Optional.empty();

  private volatile Runnable closed = () -> {};

  public Seal(WrappedKeys wrappedKeys) {
    this(wrappedKeys, Arena::ofShared);
  }

  Seal(WrappedKeys wrappedKeys, Supplier<Arena> arenas) {
    this.wrappedKeys = wrappedKeys;
    this.arenas = arenas;
  }

  // State

  /**
   * Makes root key, system key and first slot of a new installation and opens at once, so that the
   * caller can store these with everything else of the installation in one change.
   */
  public Initialised initialise(Id installation, SlotKey first, String label, Instant now) {
    return changing(
        () -> {
          if (open.isPresent()) {
            throw new IllegalStateException("an open installation cannot be made anew");
          }
          try (SecretBytes root = newKey();
              SecretBytes system = newKey()) {
            Sealed wrapped = wrap(root, installation, FIRST, installation, FIRST, system);
            Slots.Slot slot = newSlot(installation, FIRST, root, first, label, now);
            Slots slots;
            try (SecretBytes macKey = subkey(system, SystemUse.SLOTS)) {
              slots = Slots.signed(installation, FIRST, 1, List.of(slot), macKey.exposed());
            }
            open = Optional.of(new OpenKeys(installation, FIRST, root, FIRST, system, arenas));
            known = Optional.of(slots);
            return new Initialised(
                slots, new WrappedKeys.Wrapped(installation, FIRST, wrapped));
          }
        });
  }

  /**
   * Opens with the first slot that this key fits; no effect when open already. Throws {@link
   * SlotMismatch} when it fits none, and INTEGRITY when it fits one but the document was changed or
   * the system key does not open.
   */
  public void unseal(Slots slots, SlotKey key) {
    changing(
        () -> {
          if (open.isEmpty()) {
            try {
              open(slots, key);
            } catch (VaultException e) {
              // because another node may have rotated the root key since the slots were read
              open(
                  wrappedKeys
                      .slots()
                      .filter(now -> now.revision() > slots.revision())
                      .orElseThrow(() -> e),
                  key);
            }
          }
          return null;
        });
  }

  private void open(Slots slots, SlotKey key) {
    open = Optional.of(opened(slots, key));
    known = Optional.of(slots);
  }

  /** What is to be done whenever the keys are gone: who keeps what they opened lets go of it. */
  public void onSealed(Runnable what) {
    closed = what;
  }

  /** Wipes every key. Calls that run now finish or answer SERVER_SEALED. */
  public void seal() {
    changing(
        () -> {
          Optional<OpenKeys> was = open;
          open = Optional.empty();
          known = Optional.empty();
          was.ifPresent(OpenKeys::close);
          return null;
        });
    closed.run();
  }

  @Override
  public boolean isSealed() {
    return open.isEmpty();
  }

  // Slots

  /** The document with one more slot; slow for a passphrase. */
  public Slots addSlot(Slots slots, SlotKey key, String label, Instant now) {
    return changing(
        () -> {
          OpenKeys keys = ours(slots);
          try (SecretBytes root = copy(keys.root())) {
            List<Slots.Slot> more = new ArrayList<>(slots.list());
            more.add(
                newSlot(
                    slots.installation(), slots.rootGeneration(), root, key, label, now));
            return signed(keys, slots, slots.rootGeneration(), more);
          }
        });
  }

  /**
   * The document without this slot, which must exist and not be the last. Who holds the slot's key
   * and an older copy of the document can still open until the root key is rotated.
   */
  public Slots removeSlot(Slots slots, Id slot) {
    return changing(
        () -> {
          OpenKeys keys = ours(slots);
          List<Slots.Slot> rest =
              slots.list().stream().filter(each -> !each.id().equals(slot)).toList();
          if (rest.size() == slots.list().size()) {
            throw new IllegalArgumentException("there is no key slot " + slot);
          }
          if (rest.isEmpty()) {
            throw new IllegalArgumentException("the last key slot cannot be removed");
          }
          return signed(keys, slots, slots.rootGeneration(), rest);
        });
  }

  // Backups

  /**
   * A copy of the root key that these stored slots open, so that it can travel inside a sealed
   * backup; empty when the root key was rotated since the slots were read.
   */
  public Optional<SecretBytes> rootKey(Slots slots) {
    return changing(
        () -> {
          OpenKeys keys = keys();
          requireSigned(keys, slots);
          return keys.root(slots.rootGeneration()).flatMap(root -> root.key().copy());
        });
  }

  /**
   * The slots of a restored installation: the root key stays, every way to it is new. Answers
   * INTEGRITY when the root key does not open the system key.
   */
  public static Slots newSlots(
      Slots were,
      SecretBytes root,
      WrappedKeys.Wrapped systemKey,
      SlotKey first,
      String label,
      Instant now) {
    Id installation = were.installation();
    try (SecretBytes system =
            unwrap(
                root,
                installation,
                installation,
                systemKey.generation(),
                systemKey.key(),
                installation);
        SecretBytes macKey = subkey(system, SystemUse.SLOTS)) {
      if (!were.isSignedWith(macKey.exposed())) {
        throw VaultException.of(ErrorCode.INTEGRITY, "name", Slots.NAME);
      }
      return Slots.signed(
          installation,
          were.rootGeneration(),
          Math.addExact(were.revision(), 1),
          List.of(newSlot(installation, were.rootGeneration(), root, first, label, now)),
          macKey.exposed());
    }
  }

  // Rotation

  /**
   * Prepares a new root key for all slots and all given keys, which must be every stored system and
   * container key. The caller stores slots and keys in one change, after comparing there that the
   * stored keys are still the ones given here, and then commits.
   */
  public RootRotation rotateRoot(Slots slots, List<WrappedKeys.Wrapped> all) {
    return changing(
        () -> {
          OpenKeys keys = ours(slots);
          if (keys.next().isPresent()) {
            throw new IllegalStateException("the root key is being rotated already");
          }
          if (all.stream()
              .noneMatch(
                  each ->
                      each.owner().equals(keys.installation())
                          && each.generation() == keys.systemGeneration())) {
            throw new IllegalArgumentException("the system key is not among the given keys");
          }
          int generation = Math.addExact(slots.rootGeneration(), 1);
          try (SecretBytes from = copy(keys.root());
              SecretBytes to = newKey()) {
            List<WrappedKeys.Wrapped> rewrapped =
                all.stream().map(each -> rewrap(keys, each, from, to, generation)).toList();
            List<Slots.Slot> again =
                slots.list().stream()
                    .map(each -> rewrap(slots.installation(), each, from, to, generation))
                    .toList();
            Slots changed = signed(keys, slots, generation, again);
            keys.prepare(keys.newRoot(generation, to));
            return new RootRotation(this, keys, changed, rewrapped);
          }
        });
  }

  /**
   * Goes along with a rotation on another node; to be called now and then with the stored slots. The
   * old root key opens a slot's key in the slots known so far, and that the new root key. Throws
   * {@link SlotMismatch} when no slot of those is left, and INTEGRITY when these are not ours.
   */
  public void follow(Slots stored) {
    changing(
        () -> {
          open.ifPresent(keys -> follow(keys, stored));
          return null;
        });
  }

  private void follow(OpenKeys keys, Slots stored) {
    if (keys.next().isPresent()) {
      // this node is rotating, and will know soon enough whether another was first
      return;
    }
    int generation = keys.root().generation();
    try (SecretBytes macKey = subkey(keys, SystemUse.SLOTS, keys.systemGeneration())) {
      if (!stored.installation().equals(keys.installation())
          || stored.rootGeneration() < generation
          || !stored.isSignedWith(macKey.exposed())) {
        throw VaultException.of(ErrorCode.INTEGRITY, "name", Slots.NAME);
      }
    }
    if (stored.rootGeneration() > generation) {
      try (SecretBytes old = copy(keys.root());
          SecretBytes root = rootBehind(stored, old)) {
        keys.prepare(keys.newRoot(stored.rootGeneration(), root));
        keys.finish(true);
      }
    }
    known = Optional.of(stored);
  }

  private SecretBytes rootBehind(Slots stored, SecretBytes oldRoot) {
    Slots before = known.orElseThrow(Seal::sealed);
    Id installation = stored.installation();
    for (Slots.Slot slot : stored.list()) {
      Optional<SecretBytes> slotKey =
          before.list().stream()
              .filter(was -> was.id().equals(slot.id()))
              .findFirst()
              .flatMap(
                  was ->
                      AesGcm.open(
                          oldRoot.exposed(), Binding.slotKey(installation, was.id()), was.key()))
              .map(SecretBytes::taking);
      if (slotKey.isPresent()) {
        try (SecretBytes key = slotKey.get()) {
          Optional<SecretBytes> root =
              AesGcm.open(key.exposed(), Binding.slotRoot(installation, slot.id()), slot.root())
                  .map(SecretBytes::taking);
          if (root.isPresent()) {
            return root.get();
          }
        }
      }
    }
    throw new SlotMismatch(stored.list().getFirst().kind());
  }

  /** The next generation of a container's key, to be stored beside the older ones. */
  public WrappedKeys.Wrapped rotateContainerKey(Id container) {
    int generation =
        wrappedKeys.newest(container).map(WrappedKeys.Wrapped::generation).orElse(0) + 1;
    return new WrappedKeys.Wrapped(
        container, generation, newContainerKey(container, generation));
  }

  /** The same object key under the container's newest key. */
  public Sealed rewrapObjectKey(Id container, Id object, Sealed old) {
    OpenKeys keys = keys();
    try (SecretBytes key = objectKey(keys, container, object, old)) {
      return wrapObjectKey(keys, container, object, key);
    }
  }

  /** Wipes the opened keys of a container that was purged. */
  public void forget(Id container) {
    open.ifPresent(keys -> keys.forget(container));
  }

  // Barrier

  @Override
  public Sealed newObjectKey(Id container, Id object) {
    OpenKeys keys = keys();
    try (SecretBytes key = newKey()) {
      return wrapObjectKey(keys, container, object, key);
    }
  }

  @Override
  public Sealed seal(Sealed objectKey, Place place, SecretBytes plain) {
    try (SecretBytes key = objectKey(keys(), place.container(), place.object(), objectKey)) {
      return AesGcm.seal(
          key.exposed(), place.object(), FIRST, Binding.value(place), plain.exposed());
    }
  }

  @Override
  public SecretBytes open(Sealed objectKey, Place place, Sealed sealed) {
    OpenKeys keys = keys();
    Id object = place.object();
    if (!sealed.keyId().equals(object) || sealed.generation() != FIRST) {
      throw integrity(object);
    }
    try (SecretBytes key = objectKey(keys, place.container(), object, objectKey)) {
      return AesGcm.open(key.exposed(), Binding.value(place), sealed)
          .map(SecretBytes::taking)
          .orElseThrow(() -> integrity(object));
    }
  }

  @Override
  public Sealed sealSystem(SystemUse use, byte[] context, SecretBytes plain) {
    OpenKeys keys = keys();
    try (SecretBytes key = subkey(keys, use, keys.systemGeneration())) {
      return AesGcm.seal(
          key.exposed(),
          keys.installation(),
          keys.systemGeneration(),
          Binding.system(keys.installation(), context),
          plain.exposed());
    }
  }

  @Override
  public SecretBytes openSystem(SystemUse use, byte[] context, Sealed sealed) {
    OpenKeys keys = keys();
    Id installation = keys.installation();
    if (!sealed.keyId().equals(installation)
        || sealed.generation() < FIRST
        || sealed.generation() > keys.systemGeneration()) {
      throw integrity(installation);
    }
    try (SecretBytes key = subkey(keys, use, sealed.generation())) {
      return AesGcm.open(key.exposed(), Binding.system(installation, context), sealed)
          .map(SecretBytes::taking)
          .orElseThrow(() -> integrity(installation));
    }
  }

  @Override
  public byte[] mac(SystemUse use, byte[]... parts) {
    OpenKeys keys = keys();
    try (SecretBytes key = subkey(keys, use, keys.systemGeneration())) {
      return Hmac.sha256(key.exposed(), parts);
    }
  }

  @Override
  public byte[] mac(byte[]... parts) {
    return mac(SystemUse.ROW_MAC, parts);
  }

  @Override
  public boolean matches(byte[] mac, byte[]... parts) {
    return Digests.equal(mac, mac(SystemUse.ROW_MAC, parts));
  }

  @Override
  public Sealed newContainerKey(Id owner, int generation) {
    return changing(
        () -> {
          OpenKeys keys = keys();
          OpenKeys.Root root = keys.root();
          try (SecretBytes rootKey = copy(root);
              SecretBytes key = newKey()) {
            return wrap(
                rootKey, keys.installation(), root.generation(), owner, generation, key);
          }
        });
  }

  @Override
  public boolean isCurrent(Sealed wrappedKey) {
    OpenKeys keys = keys();
    return keys.next().isEmpty() && wrappedKey.generation() == keys.root().generation();
  }

  @Override
  public String toString() {
    return isSealed() ? "Seal[sealed]" : "Seal[open]";
  }

  void finish(OpenKeys keys, Slots rotated, boolean keepNext) {
    changing(
        () -> {
          keys.finish(keepNext);
          if (keepNext) {
            known = Optional.of(rotated);
          }
          return null;
        });
  }

  private OpenKeys opened(Slots slots, SlotKey key) {
    for (Slots.Slot slot : slots.list()) {
      if (slot.kind() != key.kind()) {
        continue;
      }
      Optional<byte[]> root;
      try (SecretBytes slotKey = key.derive(slot.derivation())) {
        root =
            AesGcm.open(
                slotKey.exposed(),
                Binding.slotRoot(slots.installation(), slot.id()),
                slot.root());
      }
      if (root.isPresent()) {
        try (SecretBytes rootKey = SecretBytes.taking(root.get())) {
          return opened(slots, rootKey);
        }
      }
    }
    throw new SlotMismatch(key.kind());
  }

  private OpenKeys opened(Slots slots, SecretBytes root) {
    Id installation = slots.installation();
    WrappedKeys.Wrapped wrapped =
        wrappedKeys.newest(installation).orElseThrow(() -> integrity(installation));
    int generation = wrapped.generation();
    try (SecretBytes system =
            unwrap(root, installation, installation, generation, wrapped.key(), installation);
        SecretBytes macKey = subkey(system, SystemUse.SLOTS)) {
      if (!slots.isSignedWith(macKey.exposed())) {
        throw VaultException.of(ErrorCode.INTEGRITY, "name", Slots.NAME);
      }
      return new OpenKeys(
          installation, slots.rootGeneration(), root, generation, system, arenas);
    }
  }

  /** The open keys, once it is clear that the document is the one they belong to. */
  private OpenKeys ours(Slots slots) {
    OpenKeys keys = keys();
    requireSigned(keys, slots);
    if (slots.rootGeneration() != keys.root().generation()) {
      throw VaultException.of(ErrorCode.INTEGRITY, "name", Slots.NAME);
    }
    return keys;
  }

  private void requireSigned(OpenKeys keys, Slots slots) {
    try (SecretBytes macKey = subkey(keys, SystemUse.SLOTS, keys.systemGeneration())) {
      if (!slots.installation().equals(keys.installation())
          || !slots.isSignedWith(macKey.exposed())) {
        throw VaultException.of(ErrorCode.INTEGRITY, "name", Slots.NAME);
      }
    }
  }

  private Slots signed(OpenKeys keys, Slots was, int rootGeneration, List<Slots.Slot> list) {
    try (SecretBytes macKey = subkey(keys, SystemUse.SLOTS, keys.systemGeneration())) {
      return Slots.signed(
          was.installation(),
          rootGeneration,
          Math.addExact(was.revision(), 1),
          list,
          macKey.exposed());
    }
  }

  private static Slots.Slot newSlot(
      Id installation,
      int rootGeneration,
      SecretBytes root,
      SlotKey key,
      String label,
      Instant now) {
    Id id = Randoms.guid();
    Optional<Slots.Derivation> derivation = key.newDerivation();
    try (SecretBytes slotKey = key.derive(derivation)) {
      return new Slots.Slot(
          id,
          key.kind(),
          label,
          Slots.stored(now),
          derivation,
          rootUnderSlot(installation, id, slotKey, root, rootGeneration),
          slotUnderRoot(installation, id, slotKey, root, rootGeneration));
    }
  }

  private static Slots.Slot rewrap(
      Id installation, Slots.Slot slot, SecretBytes from, SecretBytes to, int generation) {
    byte[] opened =
        AesGcm.open(from.exposed(), Binding.slotKey(installation, slot.id()), slot.key())
            .orElseThrow(() -> integrity(slot.id()));
    try (SecretBytes slotKey = SecretBytes.taking(opened)) {
      return new Slots.Slot(
          slot.id(),
          slot.kind(),
          slot.label(),
          slot.created(),
          slot.derivation(),
          rootUnderSlot(installation, slot.id(), slotKey, to, generation),
          slotUnderRoot(installation, slot.id(), slotKey, to, generation));
    }
  }

  private static Sealed rootUnderSlot(
      Id installation, Id slot, SecretBytes slotKey, SecretBytes root, int generation) {
    return AesGcm.seal(
        slotKey.exposed(),
        slot,
        generation,
        Binding.slotRoot(installation, slot),
        root.exposed());
  }

  private static Sealed slotUnderRoot(
      Id installation, Id slot, SecretBytes slotKey, SecretBytes root, int generation) {
    return AesGcm.seal(
        root.exposed(),
        installation,
        generation,
        Binding.slotKey(installation, slot),
        slotKey.exposed());
  }

  private static WrappedKeys.Wrapped rewrap(
      OpenKeys keys, WrappedKeys.Wrapped old, SecretBytes from, SecretBytes to, int generation) {
    Id installation = keys.installation();
    try (SecretBytes key = unwrap(
            from, installation, old.owner(), old.generation(), old.key(), old.owner())) {
      return new WrappedKeys.Wrapped(
          old.owner(),
          old.generation(),
          wrap(to, installation, generation, old.owner(), old.generation(), key));
    }
  }

  /** A system or container key under a root key. */
  private static Sealed wrap(
      SecretBytes root,
      Id installation,
      int rootGeneration,
      Id owner,
      int generation,
      SecretBytes key) {
    return AesGcm.seal(
        root.exposed(),
        installation,
        rootGeneration,
        Binding.ownerKey(owner, generation),
        key.exposed());
  }

  private static SecretBytes unwrap(
      SecretBytes root, Id installation, Id owner, int generation, Sealed wrapped, Id name) {
    if (!wrapped.keyId().equals(installation)) {
      throw integrity(name);
    }
    return AesGcm.open(root.exposed(), Binding.ownerKey(owner, generation), wrapped)
        .map(SecretBytes::taking)
        .orElseThrow(() -> integrity(name));
  }

  private Sealed wrapObjectKey(OpenKeys keys, Id container, Id object, SecretBytes key) {
    int generation =
        wrappedKeys.newest(container).orElseThrow(() -> integrity(object)).generation();
    try (SecretBytes containerKey = containerKey(keys, container, generation, object)) {
      return AesGcm.seal(
          containerKey.exposed(),
          container,
          generation,
          Binding.objectKey(container, object),
          key.exposed());
    }
  }

  private SecretBytes objectKey(OpenKeys keys, Id container, Id object, Sealed wrapped) {
    if (!wrapped.keyId().equals(container)) {
      throw integrity(object);
    }
    try (SecretBytes key = containerKey(keys, container, wrapped.generation(), object)) {
      return AesGcm.open(key.exposed(), Binding.objectKey(container, object), wrapped)
          .map(SecretBytes::taking)
          .orElseThrow(() -> integrity(object));
    }
  }

  private SecretBytes containerKey(OpenKeys keys, Id container, int generation, Id name) {
    return keys.containerKey(
            container, generation, () -> ownerKey(keys, container, generation, name))
        .orElseThrow(Seal::sealed);
  }

  private SecretBytes subkey(OpenKeys keys, SystemUse use, int generation) {
    if (generation == keys.systemGeneration()) {
      return keys.subkey(use).orElseThrow(Seal::sealed);
    }
    Id installation = keys.installation();
    try (SecretBytes system = ownerKey(keys, installation, generation, installation)) {
      return subkey(system, use);
    }
  }

  private static SecretBytes subkey(SecretBytes system, SystemUse use) {
    return SecretBytes.taking(Hkdf.subkey(system.exposed(), use.label()));
  }

  /** Opens a stored system or container key; any failure is reported under {@code name}. */
  private SecretBytes ownerKey(OpenKeys keys, Id owner, int generation, Id name) {
    Optional<WrappedKeys.Wrapped> before = Optional.empty();
    boolean hasFollowed = false;
    while (true) {
      Optional<WrappedKeys.Wrapped> found = wrappedKeys.find(owner, generation);
      WrappedKeys.Wrapped wrapped = found.orElseThrow(() -> integrity(name));
      Optional<SecretBytes> root =
          keys.root(wrapped.key().generation()).flatMap(each -> each.key().copy());
      if (root.isPresent()) {
        try (SecretBytes rootKey = root.get()) {
          return unwrap(
              rootKey, keys.installation(), owner, generation, wrapped.key(), name);
        }
      }
      if (keys.isClosed()) {
        throw sealed();
      }
      // a rotation may have ended between reading the row and taking the root key: read once more
      if (before.equals(found)) {
        if (hasFollowed || wrapped.key().generation() < keys.root().generation()) {
          throw integrity(name);
        }
        followNow();
        hasFollowed = true;
      }
      before = found;
    }
  }

  /** As {@link #follow}, without waiting for anybody who may in turn wait for the caller. */
  private void followNow() {
    if (!changes.tryLock()) {
      throw VaultException.of(ErrorCode.BUSY, "reason", "the root key is being rotated")
          .with("Retry-After", "1");
    }
    try {
      wrappedKeys.slots().ifPresent(this::follow);
    } catch (SlotMismatch e) {
      throw sealed();
    } finally {
      changes.unlock();
    }
  }

  private OpenKeys keys() {
    return open.orElseThrow(Seal::sealed);
  }

  /** Only while {@link #changes} is held, so that nobody closes the key meanwhile. */
  private static SecretBytes copy(OpenKeys.Root root) {
    return root.key().copy().orElseThrow(Seal::sealed);
  }

  private <T> T changing(Supplier<T> change) {
    changes.lock();
    try {
      return change.get();
    } finally {
      changes.unlock();
    }
  }

  private static SecretBytes newKey() {
    return SecretBytes.taking(Randoms.bytes(AesGcm.KEY));
  }

  private static VaultException sealed() {
    return VaultException.of(ErrorCode.SERVER_SEALED);
  }

  private static VaultException integrity(Id name) {
    return VaultException.of(ErrorCode.INTEGRITY, "name", name.hex());
  }
}
