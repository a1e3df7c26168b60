package dev.strongroom.store;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.RowAuthenticator;
import dev.strongroom.model.VaultException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the MAC of each kind of row covers: the table's name, the primary key and every column that
 * means something. The order of parts is part of the stored format.
 */
final class RowMacs {
  private static final byte[] OBJECT = bytes("object");
  private static final byte[] VERSION = bytes("version");
  private static final byte[] RULE = bytes("rule");
  private static final byte[] ISSUED = bytes("issued");
  private static final byte[] REVOCATION_LIST = bytes("revocation_list");

  private final RowAuthenticator authenticator;
  private final IntegrityListener listener;

  RowMacs(RowAuthenticator authenticator, IntegrityListener listener) {
    this.authenticator = authenticator;
    this.listener = listener;
  }

  byte[] of(ObjectRow row) {
    return authenticator.mac(parts(row));
  }

  byte[] of(VersionRow row) {
    return authenticator.mac(parts(row));
  }

  byte[] of(IssuedRow row) {
    return authenticator.mac(parts(row));
  }

  byte[] of(RevocationListRow row) {
    return authenticator.mac(parts(row));
  }

  byte[] ofRule(String kind, String key, String parent, String body) {
    return authenticator.mac(RULE, bytes(kind), bytes(key), bytes(parent), bytes(body));
  }

  void check(ObjectRow row, byte[] mac) {
    if (!authenticator.matches(mac, parts(row))) {
      throw broken("object", row.name());
    }
  }

  void check(VersionRow row, byte[] mac, String name) {
    if (!authenticator.matches(mac, parts(row))) {
      throw broken("version", name + '/' + row.id().hex());
    }
  }

  void check(IssuedRow row, byte[] mac) {
    if (!authenticator.matches(mac, parts(row))) {
      throw broken("issued", row.serial());
    }
  }

  void check(RevocationListRow row, byte[] mac) {
    if (!authenticator.matches(mac, parts(row))) {
      throw broken("revocation_list", row.authority().hex());
    }
  }

  /** Whether a rule may be used. One that fails allows nothing and names nobody. */
  boolean isRule(String kind, String key, String parent, String body, byte[] mac) {
    if (authenticator.matches(
        mac, RULE, bytes(kind), bytes(key), bytes(parent), bytes(body))) {
      return true;
    }
    listener.broken("rule", kind + ' ' + key);
    return false;
  }

  VaultException broken(String table, String name) {
    listener.broken(table, name);
    return VaultException.of(ErrorCode.INTEGRITY, "name", name);
  }

  private static byte[][] parts(ObjectRow row) {
    return with(row.details(),
      OBJECT,
      row.id().bytes(),
      row.container().bytes(),
      bytes(row.collection().wire()),
      bytes(row.name()),
      row.objectKey().bytes(),
      numbers(
          row.row(),
          row.head(),
          row.managed() ? 1 : 0,
          row.created().toEpochMilli(),
          millis(row.deleted()),
          millis(row.scheduledPurge())));
  }

  private static byte[][] parts(VersionRow row) {
    Attributes attributes = row.attributes();
    return with(row.details(),
      VERSION,
      row.id().bytes(),
      row.previous().map(Id::bytes).orElse(new byte[0]),
      numbers(
          row.object(),
          row.number(),
          attributes.enabled() ? 1 : 0,
          millis(attributes.notBefore()),
          millis(attributes.expires()),
          attributes.created().toEpochMilli(),
          attributes.updated().toEpochMilli(),
          row.contentType().isPresent() ? 1 : 0),
      bytes(row.contentType().orElse("")),
      bytes(TagsCodec.write(row.tags())),
      row.value().bytes());
  }

  private static byte[][] parts(IssuedRow row) {
    return new byte[][] {
      ISSUED,
      bytes(row.serial()),
      row.authority().bytes(),
      row.container().bytes(),
      row.object().bytes(),
      row.version().bytes(),
      numbers(
          row.notBefore().toEpochMilli(),
          row.notAfter().toEpochMilli(),
          millis(row.revoked()),
          row.reason().orElse(-1))
    };
  }

  private static byte[][] parts(RevocationListRow row) {
    return new byte[][] {
      REVOCATION_LIST,
      row.authority().bytes(),
      numbers(row.number(), row.thisUpdate().toEpochMilli(), row.nextUpdate().toEpochMilli()),
      row.body()
    };
  }

  /** Details came to the format later: a row without them has the MAC that it always had. */
  private static byte[][] with(Optional<String> details, byte[]... parts) {
    if (details.isEmpty()) {
      return parts;
    }
    byte[][] all = Arrays.copyOf(parts, parts.length + 1);
    all[parts.length] = bytes(details.get());
    return all;
  }

  private static long millis(Optional<Instant> time) {
    return time.map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
  }

  private static byte[] numbers(long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(8 * values.length);
    for (long value : values) {
      buffer.putLong(value);
    }
    return buffer.array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
