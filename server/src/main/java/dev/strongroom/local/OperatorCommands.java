package dev.strongroom.local;

import dev.strongroom.control.Roles;
import dev.strongroom.identity.Applications;
import dev.strongroom.identity.SigningKeys;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.FileSlot;
import dev.strongroom.seal.PassphraseSlot;
import dev.strongroom.seal.RootRotation;
import dev.strongroom.seal.Seal;
import dev.strongroom.seal.SlotKey;
import dev.strongroom.seal.SlotMismatch;
import dev.strongroom.seal.Slots;
import dev.strongroom.seal.WrappedKeys;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import dev.strongroom.store.Tx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The server's end of the local commands: slots, root, tenants, issuers, signing keys. */
public final class OperatorCommands {
  private final Path data;
  private final boolean slotsMayBeInside;
  private final Store store;
  private final Seal seal;
  private final Operator operator;
  private final Applications applications;
  private final Roles roles;
  private final SigningKeys signingKeys;

  /**
   * @param slotsMayBeInside whether a key file may lie in the data folder: in {@code dev} only,
   *     since who copies the folder would have the key too
   */
  public OperatorCommands(
      Path data,
      boolean slotsMayBeInside,
      Store store,
      Seal seal,
      Operator operator,
      Applications applications,
      Roles roles,
      SigningKeys signingKeys) {
    this.data = data;
    this.slotsMayBeInside = slotsMayBeInside;
    this.store = store;
    this.seal = seal;
    this.operator = operator;
    this.applications = applications;
    this.roles = roles;
    this.signingKeys = signingKeys;
  }

  /**
   * @param opened runs after the seal was opened
   * @param closing runs before the seal is closed
   */
  public void register(ControlSocket socket, Runnable opened, Runnable closing) {
    socket
        .on("unseal", (in, out) -> unseal(in, out, opened))
        .on("seal", (in, out) -> seal(out, closing))
        .on("slot-list", (in, out) -> slots(out, Installation.slots(store)))
        .on("slot-add", this::addSlot)
        .on("slot-remove", this::removeSlot)
        .on("root-rotate", this::rotateRoot)
        .on("tenant-create", this::createTenant)
        .on("tenant-list", this::listTenants)
        .on("issuer-add", this::addIssuer)
        .on("issuer-list", this::listIssuers)
        .on("issuer-remove", this::removeIssuer)
        .on("signing-key-rotate", this::rotateSigningKey);
  }

  private void unseal(ObjectNode in, ObjectNode out, Runnable opened) {
    if (!seal.isSealed()) {
      out.put("sealed", false);
      return;
    }
    try (SlotKey key = loadKey(in)) {
      operator.audited(
          Operation.SERVER_UNSEAL,
          Map.of(),
          origin -> {
            seal.unseal(Installation.slots(store), key);
            return null;
          });
    } catch (SlotMismatch e) {
      throw new LocalException("no slot opens with this key");
    }
    opened.run();
    out.put("sealed", false);
  }

  private void seal(ObjectNode out, Runnable closing) {
    operator.audited(
        Operation.SERVER_SEAL,
        Map.of(),
        origin -> {
          closing.run();
          seal.seal();
          return null;
        });
    out.put("sealed", true);
  }

  private void addSlot(ObjectNode in, ObjectNode out) {
    requireOpen();
    String label = in.path("label").asString("");
    try (SlotKey key = newKey(in)) {
      Slots changed =
          changeSlots(
              Operation.SLOT_ADD, slots -> seal.addSlot(slots, key, label, operator.origin(Operation.SLOT_ADD).time()));
      slots(out, changed);
    }
  }

  private void removeSlot(ObjectNode in, ObjectNode out) {
    requireOpen();
    String text = in.path("id").asString("");
    Id id =
        Id.findGuid(text)
            .orElseThrow(() -> new LocalException("a slot's id is a GUID; see: slot list"));
    slots(out, changeSlots(Operation.SLOT_REMOVE, slots -> seal.removeSlot(slots, id)));
  }

  private Slots changeSlots(Operation operation, Function<Slots, Slots> change) {
    Slots before = Installation.slots(store);
    Slots after;
    try {
      after = change.apply(before);
    } catch (IllegalArgumentException e) {
      throw new LocalException(e.getMessage());
    }
    return operator.audited(
        operation,
        Map.of(),
        origin ->
            store.change(
                origin,
                JournalNote.none(),
                tx -> {
                  requireUnchanged(tx, before);
                  tx.putMeta(Installation.SLOTS, after.bytes());
                  return after;
                }));
  }

  private void rotateRoot(ObjectNode in, ObjectNode out) {
    requireOpen();
    Slots before = Installation.slots(store);
    List<WrappedKeys.Wrapped> keys = store.keys().stream().map(StoredKeys::wrapped).toList();
    try (RootRotation rotation = seal.rotateRoot(before, keys)) {
      operator.audited(
          Operation.ROOT_ROTATE,
          Map.of("generation", Integer.toString(rotation.slots().rootGeneration())),
          origin ->
              store.change(
                  origin,
                  JournalNote.none(),
                  tx -> {
                    requireUnchanged(tx, before);
                    if (!tx.keys().stream().map(StoredKeys::wrapped).toList().equals(keys)) {
                      throw new LocalException("a vault was made meanwhile; run the command again");
                    }
                    tx.putMeta(Installation.SLOTS, rotation.slots().bytes());
                    rotation.keys().forEach(key -> tx.put(StoredKeys.row(key)));
                    return null;
                  }));
      rotation.commit();
      Installation.id(store).ifPresent(id -> out.put("installation", id.guid()));
    out.put("rootGeneration", rotation.slots().rootGeneration()).put("keys", keys.size());
    }
  }

  private static void requireUnchanged(Tx tx, Slots before) {
    if (!Arrays.equals(tx.meta(Installation.SLOTS).orElse(new byte[0]), before.bytes())) {
      throw new LocalException("the slots were changed meanwhile; run the command again");
    }
  }

  private void slots(ObjectNode out, Slots slots) {
    Installation.id(store).ifPresent(id -> out.put("installation", id.guid()));
    out.put("rootGeneration", slots.rootGeneration());
    ArrayNode list = out.putArray("slots");
    for (Slots.Slot slot : slots.list()) {
      list.addObject()
          .put("id", slot.id().guid())
          .put("kind", slot.kind().stored())
          .put("label", slot.label())
          .put("created", slot.created().toString());
    }
  }

  private void createTenant(ObjectNode in, ObjectNode out) {
    requireOpen();
    Path secretFile = Path.of(in.path("secretOut").asString(""));
    if (Files.exists(secretFile)) {
      throw new LocalException(secretFile + " is there already; choose another file");
    }
    Installation.Made made =
        Installation.tenant(
            store,
            applications,
            roles,
            operator,
            in.path("name").asString(""),
            in.path("domain").asString(""),
            new Installation.Credential.Secret());
    made.secret().ifPresent(secret -> writeSecret(secretFile, secret));
    out.put("tenantId", made.tenant().id().guid())
        .put("subscriptionId", made.subscription().id().guid())
        .put("clientId", made.application().appId().guid())
        .put("objectId", made.application().objectId().guid())
        .put("secretFile", secretFile.toString());
  }

  /** The secret of a first application, on one line, for its owner only. */
  public static void writeSecret(Path file, SecretBytes secret) {
    try (secret) {
      DataFolder.writePrivate(file, secret.exposed());
    } catch (IOException e) {
      throw new LocalException("cannot write " + file);
    }
  }

  private void listTenants(ObjectNode in, ObjectNode out) {
    requireOpen();
    ArrayNode list = out.putArray("tenants");
    for (Tenant tenant : applications.tenants()) {
      list.addObject()
          .put("tenantId", tenant.id().guid())
          .put("displayName", tenant.displayName())
          .put("domain", tenant.domain());
    }
  }

  private void addIssuer(ObjectNode in, ObjectNode out) {
    requireOpen();
    Id tenant = tenant(in);
    List<String> algorithms = new ArrayList<>();
    in.path("algorithms").forEach(name -> algorithms.add(name.asString("")));
    String url = in.path("url").asString("");
    operator.audited(
        Operation.ISSUER_ADD,
        Map.of("issuer", url),
        origin ->
            applications.addIssuer(
                tenant, url, text(in, "jwks"), text(in, "jwksUri"), algorithms, origin));
    out.put("issuer", url).put("tenantId", tenant.guid());
  }

  private void listIssuers(ObjectNode in, ObjectNode out) {
    requireOpen();
    ArrayNode list = out.putArray("issuers");
    for (Tenant tenant : applications.tenants()) {
      applications
          .issuers(tenant.id())
          .forEach(
              issuer ->
                  list.addObject()
                      .put("url", issuer.url())
                      .put("tenantId", issuer.tenant().guid())
                      .put("keys", issuer.jwksUri().orElse("fixed"))
                      .put("algorithms", String.join(",", issuer.algorithms())));
    }
  }

  private void removeIssuer(ObjectNode in, ObjectNode out) {
    requireOpen();
    Id tenant = tenant(in);
    String url = in.path("url").asString("");
    operator.audited(
        Operation.ISSUER_REMOVE,
        Map.of("issuer", url),
        origin -> {
          applications.removeIssuer(tenant, url, origin);
          return null;
        });
    out.put("issuer", url);
  }

  private void rotateSigningKey(ObjectNode in, ObjectNode out) {
    requireOpen();
    out.put(
        "kid",
        operator.audited(Operation.SIGNING_KEY_ROTATE, Map.of(), signingKeys::rotate));
  }

  private Id tenant(ObjectNode in) {
    Optional<String> given = text(in, "tenant");
    if (given.isPresent()) {
      return Id.findGuid(given.get())
          .orElseThrow(() -> new LocalException("a tenant's id is a GUID; see: tenant list"));
    }
    return applications
        .defaultTenant()
        .map(Tenant::id)
        .orElseThrow(() -> new LocalException("there is no tenant"));
  }

  private static Optional<String> text(ObjectNode in, String member) {
    return Optional.of(in.path(member).asString("")).filter(value -> !value.isEmpty());
  }

  private void requireOpen() {
    if (seal.isSealed()) {
      throw VaultException.of(ErrorCode.SERVER_SEALED);
    }
  }

  private SlotKey loadKey(ObjectNode in) {
    if (in.path("kind").asString("").equals("file")) {
      try {
        return FileSlot.load(keyFile(in));
      } catch (IOException e) {
        throw new LocalException(e.getMessage());
      }
    }
    return passphrase(in);
  }

  private SlotKey newKey(ObjectNode in) {
    if (!in.path("kind").asString("").equals("file")) {
      return passphrase(in);
    }
    Path file = keyFile(in);
    try {
      return Files.exists(file) ? FileSlot.load(file) : FileSlot.create(file);
    } catch (IOException e) {
      throw new LocalException(e.getMessage());
    }
  }

  private Path keyFile(ObjectNode in) {
    Path file = Path.of(in.path("path").asString("")).toAbsolutePath().normalize();
    requireOutside(data, slotsMayBeInside, file);
    return file;
  }

  /** Who copies the data folder must not have the key that opens it. */
  public static void requireOutside(Path data, boolean mayBeInside, Path keyFile) {
    if (!mayBeInside
        && keyFile.toAbsolutePath().normalize().startsWith(data.toAbsolutePath().normalize())) {
      throw new LocalException(
          "a key file may not lie in the data folder: who copies the folder would have the key too");
    }
  }

  private static SlotKey passphrase(ObjectNode in) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(in.path("passphrase").asString(""));
    } catch (IllegalArgumentException e) {
      throw new LocalException("the passphrase did not arrive whole");
    }
    try {
      return PassphraseSlot.of(SecretBytes.taking(bytes));
    } catch (IllegalArgumentException e) {
      throw new LocalException(e.getMessage());
    }
  }
}
