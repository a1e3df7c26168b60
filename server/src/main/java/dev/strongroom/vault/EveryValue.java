package dev.strongroom.vault;

import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Reads;
import dev.strongroom.store.VersionRow;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Opens everything that the vaults of a store hold, live and deleted, once, and forgets it at once:
 * so it is known that the keys are there, fit, and that no row was changed.
 */
public final class EveryValue {
  private static final int PAGE = 100;

  private final Reads store;
  private final Barrier barrier;
  private final Runnable afterFirst;
  private final Consumer<String> failed;
  private long containers;
  private long objects;
  private long versions;
  private long others;

  /**
   * How much was opened.
   *
   * @param others passwords of issuers and keys that wait for their certificates
   */
  public record Opened(long containers, long objects, long versions, long others) {}

  private EveryValue(
      Reads store, Barrier barrier, Runnable afterFirst, Consumer<String> failed) {
    this.store = store;
    this.barrier = barrier;
    this.afterFirst = afterFirst;
    this.failed = failed;
  }

  /**
   * @param afterFirst called when the first version was opened
   * @param failed hears what did not open, by name; it goes on behind that, but for the objects of a
   *     vault that come after a row that fails its check
   */
  public static Opened open(
      Reads store, Barrier barrier, Runnable afterFirst, Consumer<String> failed) {
    EveryValue every = new EveryValue(store, barrier, afterFirst, failed);
    store.rules(RuleKind.CONTAINER).forEach(every::container);
    store.rules(RuleKind.CERTIFICATE_ISSUER).forEach(every::issuer);
    return new Opened(every.containers, every.objects, every.versions, every.others);
  }

  private void container(Container container) {
    String name = container.kind().hostLabel() + ' ' + container.name();
    // a key of no object: nothing is stored, but it needs the container's own
    attempt(name, () -> barrier.newObjectKey(container.id(), container.id()));
    containers++;
    for (Collection collection : Collection.values()) {
      for (boolean isDeleted : new boolean[] {false, true}) {
        attempt(
            name + ", " + collection.wire() + (isDeleted ? ", deleted" : ""),
            () -> objects(container, collection, isDeleted, name));
      }
    }
  }

  private void objects(
      Container container, Collection collection, boolean isDeleted, String vault) {
    String after = "";
    while (true) {
      List<Reads.Found> page =
          store.listObjects(container.id(), collection, isDeleted, after, PAGE);
      for (Reads.Found found : page) {
        String name = vault + ", " + collection.wire() + ' ' + found.object().name();
        attempt(name, () -> versions(found.object(), name));
        if (collection == Collection.CERTIFICATES) {
          attempt(name + ", pending", () -> pending(found.object()));
        }
        objects++;
      }
      if (page.size() < PAGE) {
        return;
      }
      after = new ObjectName(page.getLast().object().name()).folded();
    }
  }

  private void versions(ObjectRow object, String name) {
    long after = 0;
    while (true) {
      List<VersionRow> page = store.listVersions(object.row(), after, PAGE);
      for (VersionRow version : page) {
        attempt(
            name + '/' + version.id().hex(),
            () -> {
              open(object, version.id(), Objects.FIELD, version.value());
              if (versions++ == 0) {
                afterFirst.run();
              }
            });
      }
      if (page.size() < PAGE) {
        return;
      }
      after = page.getLast().number();
    }
  }

  private void pending(ObjectRow object) {
    Optional<PendingCertificate> pending = CertificateCodec.whole(object).pending();
    if (pending.flatMap(PendingCertificate::key).isPresent()) {
      open(
          object,
          pending.get().versionId(),
          CertificateRows.PENDING_KEY,
          Sealed.read(Base64.getDecoder().decode(pending.get().key().get())));
      others++;
    }
  }

  private void open(ObjectRow object, Id version, String field, Sealed value) {
    barrier
        .open(
            object.objectKey(),
            new Barrier.Place(object.container(), object.id(), version, field),
            value)
        .close();
  }

  private void issuer(CertificateIssuer issuer) {
    if (issuer.password().isPresent()) {
      attempt(
          "issuer " + issuer.name(),
          () -> {
            barrier
                .open(
                    issuer.objectKey(),
                    new Barrier.Place(
                        issuer.container(), issuer.id(), issuer.id(), CertificateIssuers.FIELD),
                    issuer.password().get())
                .close();
            others++;
          });
    }
  }

  // whatever keeps a value from being opened is what is looked for here
  private void attempt(String name, Runnable opening) {
    try {
      opening.run();
    } catch (RuntimeException e) {
      failed.accept(name + ": " + e.getMessage());
    }
  }
}
