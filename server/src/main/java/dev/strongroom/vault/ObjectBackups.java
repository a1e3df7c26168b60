package dev.strongroom.vault;

import dev.strongroom.crypto.AesGcm;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.Store;
import dev.strongroom.store.VersionRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Backups of single objects.
 *
 * <p>Blob, big-endian: "SRB" and version (4 bytes); header length (2) and header; length
 * of the wrapped data key (2) and the key, sealed under the backup subkey of the system key (its key
 * id and generation name that backup key); the payload, AES-256-GCM under the data key. Header:
 * tenant and subscription (16 each), then geography, collection and name as text. The header is
 * associated data of both, so none of it can be changed; it is in the clear so that a blob from
 * elsewhere is refused with the reason.
 *
 * <p>Version 1 is of secrets; version 2 also has the details that other collections keep.
 *
 * <p>Version 3 is of a certificate: for each of certificate, key and secret the length (4 bytes) and
 * a blob of version 1 or 2.
 *
 * <p>Versions keep ids, numbers, attributes and times. Values are sealed anew under a key of the new
 * object.
 */
final class ObjectBackups {
  private static final byte[] PLAIN = {'S', 'R', 'B', 1};
  private static final byte[] DETAILED = {'S', 'R', 'B', 2};
  private static final byte[] TOGETHER = {'S', 'R', 'B', 3};
  private static final List<Collection> PARTS =
      List.of(Collection.CERTIFICATES, Collection.KEYS, Collection.SECRETS);
  private static final int KEY_BYTES = 32;
  private static final int LONGEST_TEXT = 1 << 16;
  private static final int PAGE = 500;

  private final Store store;
  private final Barrier barrier;

  ObjectBackups(Store store, Barrier barrier) {
    this.store = store;
    this.barrier = barrier;
  }

  /** What a blob held, resealed: rows that only lack the number of their object row. */
  record Restored(ObjectRow object, List<VersionRow> unplaced) {
    List<VersionRow> versions(long objectRow) {
      return unplaced.stream()
          .map(version -> version.of(objectRow))
          .toList();
    }
  }

  byte[] make(Container container, ObjectRow object) {
    byte[] header = header(container, object.collection(), object.name());
    try (SecretBytes dataKey = SecretBytes.taking(Randoms.bytes(KEY_BYTES));
        SecretBytes payload = payload(container, object)) {
      Sealed wrapped = barrier.sealSystem(SystemUse.OBJECT_BACKUP, header, dataKey);
      Sealed body = AesGcm.seal(dataKey.exposed(), object.id(), 1, header, payload.exposed());
      byte[] key = wrapped.bytes();
      byte[] sealed = body.bytes();
      return ByteBuffer.allocate(PLAIN.length + 4 + header.length + key.length + sealed.length)
          .put(isDetailed(object) ? DETAILED : PLAIN)
          .putShort((short) header.length)
          .put(header)
          .putShort((short) key.length)
          .put(key)
          .put(sealed)
          .array();
    }
  }

  /** The parts of a certificate as one blob. */
  static byte[] together(Map<Collection, byte[]> parts) {
    int length = parts.values().stream().mapToInt(part -> Integer.BYTES + part.length).sum();
    ByteBuffer out = ByteBuffer.allocate(TOGETHER.length + length).put(TOGETHER);
    for (Collection part : PARTS) {
      out.putInt(parts.get(part).length).put(parts.get(part));
    }
    return out.array();
  }

  /** The parts of a certificate's blob; what they hold is still to be opened. */
  static Map<Collection, byte[]> apart(byte[] blob) {
    ByteBuffer in = ByteBuffer.wrap(blob);
    if (!Arrays.equals(take(in, TOGETHER.length), TOGETHER)) {
      throw invalid("it does not hold a certificate");
    }
    Map<Collection, byte[]> parts = new EnumMap<>(Collection.class);
    for (Collection part : PARTS) {
      int length = ByteBuffer.wrap(take(in, Integer.BYTES)).getInt();
      if (length < 0) {
        throw invalid("it was changed or cut");
      }
      parts.put(part, take(in, length));
    }
    return parts;
  }

  /** Refuses parts that were not made together. */
  static void requireSameVersions(Restored one, Restored other) {
    if (!one.object().name().equals(other.object().name())
        || !versions(one).equals(versions(other))) {
      throw invalid("its parts are not of one certificate");
    }
  }

  private static Map<Long, Id> versions(Restored restored) {
    Map<Long, Id> versions = new TreeMap<>();
    restored.unplaced().forEach(version -> versions.put(version.number(), version.id()));
    return versions;
  }

  private static boolean isDetailed(ObjectRow object) {
    return object.collection() != Collection.SECRETS;
  }

  Restored open(Container container, Collection collection, byte[] blob) {
    ByteBuffer in = ByteBuffer.wrap(blob);
    byte[] magic = take(in, PLAIN.length);
    boolean detailed = Arrays.equals(magic, DETAILED);
    if (!detailed && !Arrays.equals(magic, PLAIN)) {
      throw invalid("it is not a backup of this kind of server, or of a newer one");
    }
    byte[] header = take(in, length(in));
    Sealed wrapped = sealed(take(in, length(in)));
    Sealed body = sealed(take(in, in.remaining()));
    String name = checkHeader(header, container, collection);
    try (SecretBytes dataKey = dataKey(header, wrapped)) {
      byte[] payload =
          AesGcm.open(dataKey.exposed(), header, body)
              .orElseThrow(() -> invalid("it was changed or cut"));
      try (SecretBytes plain = SecretBytes.taking(payload)) {
        return read(container, collection, name, plain, detailed);
      }
    }
  }

  private SecretBytes dataKey(byte[] header, Sealed wrapped) {
    try {
      return barrier.openSystem(SystemUse.OBJECT_BACKUP, header, wrapped);
    } catch (VaultException e) {
      if (e.code() != ErrorCode.INTEGRITY) {
        throw e;
      }
      // because a blob of another installation has the same shape, and a changed one too
      throw VaultException.of(ErrorCode.BACKUP_FOREIGN, "what", "installation, or changed,");
    }
  }

  private static byte[] header(Container container, Collection collection, String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(container.tenant().bytes());
      out.write(container.subscription().bytes());
      text(out, container.location());
      text(out, collection.wire());
      text(out, name);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static String checkHeader(byte[] header, Container container, Collection collection) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(header))) {
      require(Id.of(in.readNBytes(16)).equals(container.tenant()), "tenant");
      require(Id.of(in.readNBytes(16)).equals(container.subscription()), "subscription");
      require(text(in).equals(container.location()), "geography");
      String kind = text(in);
      String name = text(in);
      if (!kind.equals(collection.wire())) {
        throw invalid("it does not hold a " + collection.singular());
      }
      return new ObjectName(name).text();
    } catch (VaultException e) {
      if (e.code() != ErrorCode.NAME_INVALID) {
        throw e;
      }
      throw invalid("it was changed or cut");
    } catch (IOException | IllegalArgumentException e) {
      throw invalid("it was changed or cut");
    }
  }

  private static void require(boolean same, String what) {
    if (!same) {
      throw VaultException.of(ErrorCode.BACKUP_FOREIGN, "what", what);
    }
  }

  private SecretBytes payload(Container container, ObjectRow object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(object.created().toEpochMilli());
      out.writeLong(object.head());
      if (isDetailed(object)) {
        text(out, object.details());
      }
      long after = 0;
      while (after < object.head()) {
        List<VersionRow> page = store.listVersions(object.row(), after, PAGE);
        if (page.isEmpty()) {
          // because it was purged after it was found
          throw VaultException.of(object.collection().notFound(), "name", object.name());
        }
        for (VersionRow version : page) {
          after = version.number();
          // because newer ones may have come meanwhile, and the blob ends with the head it names
          if (after <= object.head()) {
            out.writeByte(1);
            write(out, container, object, version);
          }
        }
      }
      out.writeByte(0);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return SecretBytes.taking(bytes.toByteArray());
  }

  private void write(
      DataOutputStream out, Container container, ObjectRow object, VersionRow version)
      throws IOException {
    Attributes attributes = version.attributes();
    out.writeLong(version.number());
    out.write(version.id().bytes());
    out.writeBoolean(version.previous().isPresent());
    if (version.previous().isPresent()) {
      out.write(version.previous().get().bytes());
    }
    out.writeBoolean(attributes.enabled());
    time(out, attributes.notBefore());
    time(out, attributes.expires());
    out.writeLong(attributes.created().toEpochMilli());
    out.writeLong(attributes.updated().toEpochMilli());
    text(out, version.contentType());
    if (isDetailed(object)) {
      text(out, version.details());
    }
    Map<String, String> tags = new TreeMap<>(version.tags());
    out.writeShort(tags.size());
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      text(out, tag.getKey());
      text(out, tag.getValue());
    }
    try (SecretBytes value =
        barrier.open(
            object.objectKey(),
            new Barrier.Place(container.id(), object.id(), version.id(), Objects.FIELD),
            version.value())) {
      out.writeInt(value.length());
      out.write(value.exposed());
    }
  }

  private Restored read(
      Container container,
      Collection collection,
      String name,
      SecretBytes payload,
      boolean detailed) {
    Id object = Randoms.id();
    Sealed objectKey = barrier.newObjectKey(container.id(), object);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload.exposed()))) {
      Instant created = Instant.ofEpochMilli(in.readLong());
      long head = in.readLong();
      Optional<String> details = detailed ? optionalText(in) : Optional.empty();
      List<VersionRow> versions = new ArrayList<>();
      while (in.readByte() == 1) {
        versions.add(read(in, container, object, objectKey, detailed));
      }
      if (versions.isEmpty() || versions.getLast().number() != head) {
        throw invalid("it was changed or cut");
      }
      return new Restored(
          new ObjectRow(
                  object, container.id(), collection, name, objectKey, head, false, created)
              .withDetails(details),
          versions);
    } catch (IOException e) {
      throw invalid("it was changed or cut");
    }
  }

  private VersionRow read(
      DataInputStream in, Container container, Id object, Sealed objectKey, boolean detailed)
      throws IOException {
    long number = in.readLong();
    Id id = Id.of(in.readNBytes(16));
    Optional<Id> previous =
        in.readBoolean() ? Optional.of(Id.of(in.readNBytes(16))) : Optional.empty();
    Attributes attributes =
        new Attributes(
            in.readBoolean(),
            time(in),
            time(in),
            Instant.ofEpochMilli(in.readLong()),
            Instant.ofEpochMilli(in.readLong()));
    Optional<String> contentType = optionalText(in);
    Optional<String> details = detailed ? optionalText(in) : Optional.empty();
    Map<String, String> tags = new TreeMap<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      tags.put(text(in), text(in));
    }
    try (SecretBytes value = SecretBytes.taking(in.readNBytes(in.readInt()))) {
      Sealed sealed =
          barrier.seal(
              objectKey, new Barrier.Place(container.id(), object, id, Objects.FIELD), value);
      return new VersionRow(
          0, number, id, previous, attributes, tags, contentType, details, sealed);
    }
  }

  private static void time(DataOutputStream out, Optional<Instant> time) throws IOException {
    out.writeBoolean(time.isPresent());
    if (time.isPresent()) {
      out.writeLong(time.get().toEpochMilli());
    }
  }

  private static Optional<Instant> time(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(Instant.ofEpochMilli(in.readLong())) : Optional.empty();
  }

  private static void text(DataOutputStream out, Optional<String> text) throws IOException {
    out.writeBoolean(text.isPresent());
    if (text.isPresent()) {
      text(out, text.get());
    }
  }

  private static Optional<String> optionalText(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(text(in)) : Optional.empty();
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > LONGEST_TEXT) {
      throw new IOException("a text of this length was never written");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length != length) {
      throw new IOException("a text ends early");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int length(ByteBuffer in) {
    return Short.toUnsignedInt(ByteBuffer.wrap(take(in, 2)).getShort());
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (in.remaining() < length) {
      throw invalid("it was changed or cut");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static Sealed sealed(byte[] bytes) {
    try {
      return Sealed.read(bytes);
    } catch (IllegalArgumentException e) {
      throw invalid("it was changed or cut");
    }
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.BACKUP_INVALID, "reason", reason);
  }
}
