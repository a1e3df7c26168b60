package dev.strongroom.vault;

import dev.strongroom.crypto.CertificateFile;
import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.Store;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The twelve operations on secrets. nbf and exp inform; only {@code enabled} decides whether a value
 * is handed out. How versions live and end is {@link Objects}' part.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/secrets/about-secrets">About Azure Key
 *     Vault secrets</a>
 */
public final class Secrets {
  private final Objects objects;

  public Secrets(Store store, Barrier barrier) {
    this.objects = new Objects(Collection.SECRETS, store, barrier);
  }

  /** Makes a new version, and the secret where there is none. */
  public VaultObject set(
      Container container,
      ObjectName name,
      SecretBytes value,
      SecretChange wanted,
      Origin origin) {
    return objects
        .add(
            container,
            name,
            new NewVersion(
                value,
                wanted.enabled().orElse(true),
                wanted.notBefore(),
                wanted.expires(),
                wanted.tags().orElse(Map.of()),
                wanted.contentType(),
                Optional.empty()),
            origin,
            Objects.Also.NOTHING)
        .shown();
  }

  /** The value of a version, or of the newest. */
  public Secret get(Container container, ObjectName name, Optional<Id> version) {
    Stored stored = objects.find(container, name, version);
    refuseDisabled(stored);
    return new Secret(stored.shown(), objects.open(stored));
  }

  /**
   * The same; where a certificate's secret is asked for in the other form, its value and content type
   * are of that form. Only PFX can become PEM.
   */
  public Secret get(
      Container container,
      ObjectName name,
      Optional<Id> version,
      Optional<CertificatePolicy.SecretForm> form) {
    Secret secret = get(container, name, version);
    VaultObject object = secret.object();
    boolean isAsWanted =
        form.isEmpty()
            || !object.managed()
            || object.contentType().filter(form.get().wire()::equals).isPresent();
    if (isAsWanted) {
      return secret;
    }
    try (SecretBytes value = secret.value()) {
      if (form.get() != CertificatePolicy.SecretForm.PEM) {
        throw VaultException.of(ErrorCode.QUERY_INVALID, "parameter", "outContentType");
      }
      return new Secret(
          object.withContentType(form.get().wire()), CertificateFile.pfxToPem(value));
    }
  }

  /**
   * Whether the newest version, enabled or not, is what setting this would make; a secret that is
   * deleted or not there is not.
   */
  public boolean isAlready(
      Container container, ObjectName name, SecretBytes value, SecretChange wanted) {
    Optional<Stored> newest = objects.newest(container, name);
    if (newest.isEmpty()) {
      return false;
    }
    VersionRow version = newest.get().version();
    try (SecretBytes current = objects.open(newest.get())) {
      return Digests.equal(current.exposed(), value.exposed())
          && version.contentType().equals(wanted.contentType())
          && version.tags().equals(wanted.tags().orElse(Map.of()))
          && version.attributes().notBefore().equals(wanted.notBefore())
          && version.attributes().expires().equals(wanted.expires())
          && version.attributes().enabled() == wanted.enabled().orElse(true);
    }
  }

  /** Changes attributes, tags and content type of a version, or of the newest. */
  public VaultObject update(
      Container container,
      ObjectName name,
      Optional<Id> version,
      SecretChange wanted,
      Origin origin) {
    return objects
        .update(
            container,
            name,
            version,
            (row, now) -> {
              Attributes before = row.attributes();
              return new VersionRow(
                  row.object(),
                  row.number(),
                  row.id(),
                  row.previous(),
                  new Attributes(
                      wanted.enabled().orElse(before.enabled()),
                      wanted.notBefore().or(before::notBefore),
                      wanted.expires().or(before::expires),
                      before.created(),
                      now),
                  wanted.tags().orElse(row.tags()),
                  wanted.contentType().or(row::contentType),
                  row.details(),
                  row.value());
            },
            origin,
            Objects.AlsoChanged.NOTHING)
        .shown();
  }

  /** Deletes a secret with all versions; it can be recovered until its scheduled purge. */
  public VaultObject delete(Container container, ObjectName name, Origin origin) {
    return objects.delete(container, name, origin, Objects.Also.NOTHING).shown();
  }

  /** Newest versions by name, after the given folded name. */
  public List<VaultObject> list(Container container, String after, int limit, Instant now) {
    return shown(objects.list(container, false, after, limit, now));
  }

  public List<VaultObject> listDeleted(
      Container container, String after, int limit, Instant now) {
    return shown(objects.list(container, true, after, limit, now));
  }

  /** Versions of a live secret in the order they were made, after the given number. */
  public List<VaultObject> listVersions(
      Container container, ObjectName name, long after, int limit) {
    return shown(objects.listVersions(container, name, after, limit));
  }

  /** A deleted secret, without its value. */
  public VaultObject getDeleted(Container container, ObjectName name, Instant now) {
    Stored stored = objects.findDeleted(container, name, now);
    refuseDisabled(stored);
    return stored.shown();
  }

  /** Takes a deleted secret back with all its versions. */
  public VaultObject recover(Container container, ObjectName name, Origin origin) {
    return objects.recover(container, name, origin, Objects.Also.NOTHING).shown();
  }

  /** Removes a deleted secret for good. */
  public void purge(Container container, ObjectName name, Origin origin) {
    objects.purge(container, name, origin);
  }

  /** All versions as one sealed blob. */
  public byte[] backup(Container container, ObjectName name) {
    return objects.backup(container, name);
  }

  /** Restores a blob of this installation under the name that it holds. */
  public VaultObject restore(Container container, byte[] blob, Origin origin) {
    return objects.restore(container, blob, origin, Objects.Also.NOTHING).shown();
  }

  private static void refuseDisabled(Stored stored) {
    if (!stored.version().attributes().enabled()) {
      throw VaultException.of(ErrorCode.SECRET_DISABLED);
    }
  }

  private static List<VaultObject> shown(List<Stored> stored) {
    return stored.stream().map(Stored::shown).toList();
  }
}
