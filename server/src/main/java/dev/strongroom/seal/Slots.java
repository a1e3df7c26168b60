package dev.strongroom.seal;

import dev.strongroom.crypto.Argon2id;
import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Hmac;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.VaultException;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The key slots of an installation: an immutable document that is stored in the clear, because it
 * must be read before unsealing. It holds the root key only as wrapped by each slot's key, and each
 * slot's key as sealed by the root key, so that a new root key can be given to every slot.
 *
 * <p>There is one spelling of a document; reading refuses every other. Its MAC is under a subkey of
 * the system key and so is checked as soon as the root key is there, before anything else is done.
 */
public final class Slots {
  /** What refusals call the document. */
  static final String NAME = "the key slots";

  private static final int FORMAT = 1;
  private static final int MOST_SLOTS = 32;
  private static final int MOST_LABEL = 64;
  private static final int MOST_BYTES = 64 * 1024;
  private static final int SALT = 16;
  private static final int MAC = 32;
  private static final JsonMapper MAPPER = new JsonMapper(new JsonFactory());

  /** The kinds of slots, with the word that is stored and the one for people. */
  public enum Kind {
    FILE("file", "key file"),
    PASSPHRASE("passphrase", "passphrase");

    private final String stored;
    private final String title;

    Kind(String stored, String title) {
      this.stored = stored;
      this.title = title;
    }

    public String stored() {
      return stored;
    }

    String title() {
      return title;
    }

    private static Kind read(String stored) {
      for (Kind kind : values()) {
        if (kind.stored.equals(stored)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("an unknown kind of slot");
    }
  }

  /** How a passphrase becomes a key. */
  public record Derivation(Argon2id.Cost cost, byte[] salt) {
    static Derivation withNewSalt(Argon2id.Cost cost) {
      return new Derivation(cost, Randoms.bytes(SALT));
    }
  }

  /** One way to open the server; {@code root} is the root key under this slot's key. */
  public record Slot(
      Id id,
      Kind kind,
      String label,
      Instant created,
      Optional<Derivation> derivation,
      Sealed root,
      Sealed key) {}

  private final Id installation;
  private final int rootGeneration;
  private final int revision;
  private final List<Slot> slots;
  private final byte[] mac;

  private Slots(
      Id installation, int rootGeneration, int revision, List<Slot> slots, byte[] mac) {
    this.installation = installation;
    this.rootGeneration = rootGeneration;
    this.revision = revision;
    this.slots = List.copyOf(slots);
    this.mac = mac;
  }

  /** A document with the MAC that belongs to it; refuses what {@link #read} would refuse. */
  static Slots signed(
      Id installation, int rootGeneration, int revision, List<Slot> slots, byte[] macKey) {
    if (slots.isEmpty() || slots.size() > MOST_SLOTS) {
      throw new IllegalArgumentException("there must be 1 to " + MOST_SLOTS + " key slots");
    }
    for (Slot slot : slots) {
      if (!isLabel(slot.label())) {
        throw new IllegalArgumentException(
            "a label has at most " + MOST_LABEL + " printable characters");
      }
    }
    Slots unsigned = new Slots(installation, rootGeneration, revision, slots, new byte[MAC]);
    return new Slots(
        installation, rootGeneration, revision, slots, Hmac.sha256(macKey, unsigned.render(false)));
  }

  /** Reads stored bytes. What it says is believed only once {@link Seal#unseal} checked its MAC. */
  public static Slots read(byte[] document) {
    Slots slots;
    try {
      slots = document.length > MOST_BYTES ? null : parse(MAPPER.readTree(document));
    } catch (JacksonException | IllegalArgumentException | DateTimeParseException e) {
      slots = null;
    }
    if (slots == null || !Arrays.equals(slots.bytes(), document)) {
      throw VaultException.of(ErrorCode.INTEGRITY, "name", NAME);
    }
    return slots;
  }

  /** What is stored. */
  public byte[] bytes() {
    return render(true);
  }

  public Id installation() {
    return installation;
  }

  public int rootGeneration() {
    return rootGeneration;
  }

  /** Counts the changes of this document. */
  public int revision() {
    return revision;
  }

  public List<Slot> list() {
    return slots;
  }

  boolean isSignedWith(byte[] macKey) {
    return Digests.equal(mac, Hmac.sha256(macKey, render(false)));
  }

  /** The least instant that is stored: a whole second. */
  static Instant stored(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  public String toString() {
    return "Slots[" + installation + ", revision " + revision + ", " + slots.size() + " slots]";
  }

  private static boolean isLabel(String label) {
    return label.length() <= MOST_LABEL && label.chars().noneMatch(Character::isISOControl);
  }

  private byte[] render(boolean withMac) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = MAPPER.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberProperty("format", FORMAT);
      json.writeStringProperty("installation", installation.guid());
      json.writeNumberProperty("rootGeneration", rootGeneration);
      json.writeNumberProperty("revision", revision);
      json.writeArrayPropertyStart("slots");
      for (Slot slot : slots) {
        render(json, slot);
      }
      json.writeEndArray();
      if (withMac) {
        json.writeStringProperty("mac", base64Url(mac));
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void render(JsonGenerator json, Slot slot) {
    json.writeStartObject();
    json.writeStringProperty("id", slot.id().guid());
    json.writeStringProperty("kind", slot.kind().stored());
    json.writeStringProperty("label", slot.label());
    json.writeStringProperty("created", slot.created().toString());
    slot.derivation()
        .ifPresent(
            how -> {
              json.writeObjectPropertyStart("argon2id");
              json.writeNumberProperty("memoryKib", how.cost().memoryKib());
              json.writeNumberProperty("iterations", how.cost().iterations());
              json.writeNumberProperty("parallelism", how.cost().parallelism());
              json.writeStringProperty("salt", base64Url(how.salt()));
              json.writeEndObject();
            });
    json.writeStringProperty("root", base64Url(slot.root().bytes()));
    json.writeStringProperty("key", base64Url(slot.key().bytes()));
    json.writeEndObject();
  }

  private static Slots parse(JsonNode json) {
    if (json.required("format").intValue() != FORMAT) {
      throw new IllegalArgumentException("another format");
    }
    List<Slot> slots = new ArrayList<>();
    for (JsonNode slot : json.required("slots")) {
      slots.add(parseSlot(slot));
    }
    byte[] mac = bytes(json, "mac");
    if (slots.isEmpty() || slots.size() > MOST_SLOTS || mac.length != MAC) {
      throw new IllegalArgumentException("a wrong number of slots or a wrong MAC");
    }
    return new Slots(
        Id.guid(text(json, "installation")),
        json.required("rootGeneration").intValue(),
        json.required("revision").intValue(),
        slots,
        mac);
  }

  private static Slot parseSlot(JsonNode json) {
    Kind kind = Kind.read(text(json, "kind"));
    Optional<Derivation> derivation = Optional.ofNullable(json.get("argon2id")).map(Slots::how);
    String label = text(json, "label");
    if (derivation.isPresent() != (kind == Kind.PASSPHRASE) || !isLabel(label)) {
      throw new IllegalArgumentException("parameters that do not fit the kind, or a wrong label");
    }
    return new Slot(
        Id.guid(text(json, "id")),
        kind,
        label,
        Instant.parse(text(json, "created")),
        derivation,
        Sealed.read(bytes(json, "root")),
        Sealed.read(bytes(json, "key")));
  }

  private static Derivation how(JsonNode json) {
    byte[] salt = bytes(json, "salt");
    if (salt.length != SALT) {
      throw new IllegalArgumentException("a salt of another length");
    }
    return new Derivation(
        new Argon2id.Cost(
            json.required("memoryKib").intValue(),
            json.required("iterations").intValue(),
            json.required("parallelism").intValue()),
        salt);
  }

  private static String text(JsonNode json, String member) {
    JsonNode value = json.required(member);
    if (!value.isString()) {
      throw new IllegalArgumentException(member + " is not text");
    }
    return value.stringValue();
  }

  private static byte[] bytes(JsonNode json, String member) {
    return Base64.getUrlDecoder().decode(text(json, member));
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
