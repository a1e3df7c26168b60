package dev.strongroom.vault;

import dev.strongroom.crypto.KeyBackend;
import dev.strongroom.crypto.KeyCache;
import dev.strongroom.crypto.Material;
import dev.strongroom.crypto.OpenKey;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The operations on keys. How versions live and end is {@link Objects}' part, mathematics is the back
 * end's; here is who may use a key for what, and when.
 *
 * <p>A disabled version is not used at all. Outside of nbf and exp a version still decrypts, unwraps
 * and verifies, since what was made in time must stay readable.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/keys/about-keys-details">Key types,
 *     algorithms, and operations</a>
 */
public final class Keys {
  private static final Set<KeyOperation> AT_ANY_TIME =
      EnumSet.of(KeyOperation.DECRYPT, KeyOperation.UNWRAP_KEY, KeyOperation.VERIFY);

  /** Types whose private operations take long enough to hold up others. */
  private static final Set<KeyType> SLOW_PRIVATELY = EnumSet.of(KeyType.RSA, KeyType.AKP);
  private static final Set<Curve> SLOW_CURVES = EnumSet.complementOf(EnumSet.of(Curve.P_256));

  private static final int RACES = 4;

  private final Objects objects;
  private final KeyBackend backend;
  private final KeyCache opened;
  private final Lanes lanes;
  private final Encryptions encryptions;
  private final KeyRotation rotation;

  public Keys(
      Store store, Barrier barrier, KeyBackend backend, KeyCache opened, Lanes lanes) {
    this.objects = new Objects(Collection.KEYS, store, barrier);
    this.backend = backend;
    this.opened = opened;
    this.lanes = lanes;
    this.encryptions = new Encryptions(store);
    this.rotation = new KeyRotation(store, objects, backend);
    store.onChanges(opened::changed, opened::forgetAll);
  }

  /** The due work of keys. */
  public KeyRotation rotation() {
    return rotation;
  }

  /** Makes a new version, and the key where there is none. */
  public Key create(
      Container container, ObjectName name, KeySpec spec, KeyChange wanted, Origin origin) {
    List<KeyOperation> operations = operations(spec.type(), wanted);
    // because a key that nobody can have need not be made
    objects.taker(container, name, origin.time());
    try (Material material = backend.generate(spec)) {
      return add(container, name, material, operations, wanted, origin);
    }
  }

  /** Makes a new version of a key that the caller brings. */
  public Key importJwk(
      Container container, ObjectName name, PrivateJwk jwk, KeyChange wanted, Origin origin) {
    List<KeyOperation> operations = operations(jwk.type(), wanted);
    try (Material material = lanes.run(Operation.KEY_IMPORT, () -> backend.importJwk(jwk))) {
      return add(container, name, material, operations, wanted, origin);
    }
  }

  /** The public part of a version, or of the newest, enabled or not. */
  public Key get(Container container, ObjectName name, Optional<Id> version) {
    return Key.of(objects.find(container, name, version));
  }

  /** Changes attributes, tags and permitted operations of a version, or of the newest. */
  public Key update(
      Container container,
      ObjectName name,
      Optional<Id> version,
      KeyChange wanted,
      Origin origin) {
    Stored changed =
        objects.update(
            container,
            name,
            version,
            (before, now) -> edited(before, wanted, now),
            origin,
            (tx, before, after) -> {
              Attributes was = before.attributes();
              Attributes is = after.version().attributes();
              boolean moved =
                  was.enabled() != is.enabled() || !was.expires().equals(is.expires());
              if (moved && after.version().number() == after.object().head()) {
                KeyRotation.schedule(tx, after);
              }
            });
    return Key.of(changed);
  }

  private static VersionRow edited(VersionRow before, KeyChange wanted, Instant now) {
    Attributes was = before.attributes();
    KeyCodec.Version details = KeyCodec.version(before);
    wanted.operations().ifPresent(asked -> check(details.jwk().type(), asked));
    return new VersionRow(
        before.object(),
        before.number(),
        before.id(),
        before.previous(),
        new Attributes(
            wanted.enabled().orElse(was.enabled()),
            wanted.notBefore().or(was::notBefore),
            wanted.expires().or(was::expires),
            was.created(),
            now),
        wanted.tags().orElse(before.tags()),
        before.contentType(),
        Optional.of(
            KeyCodec.write(
                wanted.operations().map(details::permitting).orElse(details))),
        before.value());
  }

  /** Deletes a key with all versions; it can be recovered until its scheduled purge. */
  public Key delete(Container container, ObjectName name, Origin origin) {
    return Key.of(objects.delete(container, name, origin, KeyRotation::schedule));
  }

  /** Newest versions by name, after the given folded name. */
  public List<Key> list(Container container, String after, int limit, Instant now) {
    return keys(objects.list(container, false, after, limit, now));
  }

  public List<Key> listDeleted(Container container, String after, int limit, Instant now) {
    return keys(objects.list(container, true, after, limit, now));
  }

  /** Versions of a live key in the order they were made, after the given number. */
  public List<Key> listVersions(Container container, ObjectName name, long after, int limit) {
    return keys(objects.listVersions(container, name, after, limit));
  }

  public Key getDeleted(Container container, ObjectName name, Instant now) {
    return Key.of(objects.findDeleted(container, name, now));
  }

  /** Takes a deleted key back with all its versions. */
  public Key recover(Container container, ObjectName name, Origin origin) {
    return Key.of(objects.recover(container, name, origin, KeyRotation::schedule));
  }

  /** Removes a deleted key for good. */
  public void purge(Container container, ObjectName name, Origin origin) {
    objects.purge(container, name, origin);
  }

  /** All versions as one sealed blob. */
  public byte[] backup(Container container, ObjectName name) {
    return objects.backup(container, name);
  }

  /** Restores a blob of this installation under the name that it holds. */
  public Key restore(Container container, byte[] blob, Origin origin) {
    return Key.of(objects.restore(container, blob, origin, KeyRotation::schedule));
  }

  /** Makes the next version now, as the rotation policy would. */
  public Key rotate(Container container, ObjectName name, Origin origin) {
    for (int race = 0; race < RACES; race++) {
      Stored newest = objects.find(container, name, Optional.empty());
      Objects.refuseManaged(newest.object(), name);
      if (!newest.version().attributes().enabled()) {
        throw VaultException.of(ErrorCode.KEY_DISABLED, "operation", "rotate");
      }
      try (Material material = rotation.generate(newest)) {
        return Key.of(
            objects.follow(
                newest,
                KeyRotation.next(newest, material, origin.time()),
                origin,
                KeyRotation::schedule));
      } catch (Raced e) {
        continue;
      }
    }
    throw Objects.tooManyChanges();
  }

  /** A key's rotation policy; {@link RotationPolicy#NONE} before one is set. */
  public KeyPolicy rotationPolicy(Container container, ObjectName name) {
    return KeyPolicy.of(objects.find(container, name, Optional.empty()));
  }

  /** Sets the whole rotation policy. */
  public KeyPolicy setRotationPolicy(
      Container container, ObjectName name, RotationPolicy policy, Origin origin) {
    return KeyPolicy.of(
        objects.touch(
            container,
            name,
            origin,
            (tx, live) -> {
              Objects.refuseManaged(live.object(), name);
              Instant now = tx.time().truncatedTo(ChronoUnit.SECONDS);
              Instant created =
                  KeyCodec.policy(live.object()).map(KeyCodec.Policy::created).orElse(now);
              ObjectRow changed =
                  live.object()
                      .withDetails(
                          Optional.of(
                              KeyCodec.write(new KeyCodec.Policy(policy, created, now))));
              tx.update(changed);
              KeyRotation.schedule(tx, new Stored(container, changed, live.version()));
            }));
  }

  /** What a use of a key yields, and with which version. */
  public record Used<T>(VaultObject key, T result) {}

  public Used<byte[]> sign(KeyUse use, ToSign what) {
    return use(
        use,
        KeyOperation.SIGN,
        Operation.KEY_SIGN,
        (key, algorithm) -> key.sign(algorithm, what));
  }

  public Used<Boolean> verify(KeyUse use, ToSign what, byte[] signature) {
    return use(
        use,
        KeyOperation.VERIFY,
        Operation.KEY_VERIFY,
        (key, algorithm) -> key.verify(algorithm, what, signature));
  }

  public Used<Ciphertext> encrypt(
      KeyUse use, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
    return use(
        use,
        KeyOperation.ENCRYPT,
        Operation.KEY_ENCRYPT,
        (key, algorithm) -> key.encrypt(algorithm, plain, iv, aad));
  }

  public Used<SecretBytes> decrypt(KeyUse use, Ciphertext ciphertext) {
    return use(
        use,
        KeyOperation.DECRYPT,
        Operation.KEY_DECRYPT,
        (key, algorithm) -> decrypted(key.decrypt(algorithm, ciphertext)));
  }

  public Used<byte[]> wrapKey(KeyUse use, SecretBytes key) {
    return use(
        use,
        KeyOperation.WRAP_KEY,
        Operation.KEY_WRAP,
        (wrapping, algorithm) -> wrapping.wrap(algorithm, key));
  }

  public Used<SecretBytes> unwrapKey(KeyUse use, byte[] wrapped) {
    return use(
        use,
        KeyOperation.UNWRAP_KEY,
        Operation.KEY_UNWRAP,
        (key, algorithm) -> decrypted(key.unwrap(algorithm, wrapped)));
  }

  private static SecretBytes decrypted(Optional<SecretBytes> plain) {
    return plain.orElseThrow(() -> VaultException.of(ErrorCode.DECRYPTION_FAILED));
  }

  /** What an open key does with an algorithm that fits it. */
  @FunctionalInterface
  private interface Work<T> {
    T apply(OpenKey key, KeyAlgorithm algorithm);
  }

  private <T> Used<T> use(
      KeyUse use, KeyOperation wanted, Operation operation, Work<T> work) {
    long since = opened.newest();
    Stored stored = objects.find(use.container(), use.name(), use.version());
    KeyCodec.Version version = KeyCodec.version(stored.version());
    requireUsable(stored, version, wanted, use.origin().time());
    KeyAlgorithm algorithm = algorithm(use, version.jwk());
    algorithm.require(wanted, version.jwk(), use.kid().apply(stored.shown()));
    boolean isCounted =
        algorithm.family() == KeyAlgorithm.Family.AES_GCM && wanted == KeyOperation.ENCRYPT;
    Supplier<T> whole =
        () ->
            opened.use(
                stored.object().row(),
                since,
                stored.version().id(),
                () -> open(stored, version),
                key -> {
                  if (isCounted) {
                    encryptions.take(stored, use.origin());
                  }
                  return work.apply(key, algorithm);
                });
    PublicJwk key = version.jwk();
    if (operation.lane() != Operation.Lane.NONE && SLOW_PRIVATELY.contains(key.type())) {
      return new Used<>(stored.shown(), lanes.run(operation, whole));
    }
    if (key instanceof PublicJwk.Akp
        || key instanceof PublicJwk.Ec ec && SLOW_CURVES.contains(ec.curve())) {
      NoWaiting.aboutToWait();
    }
    return new Used<>(stored.shown(), whole.get());
  }

  private OpenKey open(Stored stored, KeyCodec.Version version) {
    try (Material material = Material.read(objects.open(stored), version.jwk())) {
      return backend.open(material);
    }
  }

  private static void requireUsable(
      Stored stored, KeyCodec.Version version, KeyOperation wanted, Instant now) {
    Attributes attributes = stored.version().attributes();
    if (!attributes.enabled()) {
      throw VaultException.of(ErrorCode.KEY_DISABLED, "operation", wanted.wire());
    }
    if (!AT_ANY_TIME.contains(wanted)) {
      if (attributes.notBefore().filter(now::isBefore).isPresent()) {
        throw VaultException.of(ErrorCode.KEY_NOT_YET_VALID, "operation", wanted.wire());
      }
      if (attributes.expires().filter(end -> !now.isBefore(end)).isPresent()) {
        throw VaultException.of(ErrorCode.KEY_EXPIRED, "operation", wanted.wire());
      }
    }
    if (!version.operations().contains(wanted)) {
      throw VaultException.of(ErrorCode.KEY_OPERATION_FORBIDDEN, "operation", wanted.wire());
    }
  }

  private static KeyAlgorithm algorithm(KeyUse use, PublicJwk key) {
    return use.algorithm()
        .or(
            () ->
                key instanceof PublicJwk.Akp only
                    ? Optional.of(only.algorithm())
                    : Optional.empty())
        .orElseThrow(() -> VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "alg"));
  }

  private Key add(
      Container container,
      ObjectName name,
      Material material,
      List<KeyOperation> operations,
      KeyChange wanted,
      Origin origin) {
    return Key.of(
        objects.add(
            container,
            name,
            new NewVersion(
                material.stored(),
                wanted.enabled().orElse(true),
                wanted.notBefore(),
                wanted.expires(),
                wanted.tags().orElse(Map.of()),
                Optional.empty(),
                Optional.of(
                    KeyCodec.write(
                        new KeyCodec.Version(
                            material.publicJwk(), operations, material.assurance(), 0)))),
            origin,
            KeyRotation::schedule));
  }

  private static List<KeyOperation> operations(KeyType type, KeyChange wanted) {
    wanted.operations().ifPresent(asked -> check(type, asked));
    return wanted.operations().orElse(type.defaultOperations());
  }

  /** Refuses what no algorithm of the type serves. */
  private static void check(KeyType type, List<KeyOperation> operations) {
    Set<KeyOperation> possible =
        Stream.of(KeyAlgorithm.values())
            .filter(algorithm -> algorithm.type() == type)
            .flatMap(algorithm -> algorithm.operations().stream())
            .collect(Collectors.toSet());
    if (!possible.containsAll(operations)
        || Set.copyOf(operations).size() != operations.size()) {
      throw VaultException.of(ErrorCode.PROPERTY_INVALID, "property", "key_ops");
    }
  }

  private static List<Key> keys(List<Stored> stored) {
    return stored.stream().map(Key::of).toList();
  }
}
