package dev.strongroom.model;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A 128-bit identifier. Containers, objects and versions have random ones of ours; tenants,
 * principals, subscriptions and role assignments have GUIDs. The wire form is either 32 lower-case
 * hex digits (versions) or the dashed GUID (everything else).
 */
public record Id(long high, long low) implements Comparable<Id> {
  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{32}");
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");

  public static Id of(byte[] bytes) {
    if (bytes.length != 16) {
      throw new IllegalArgumentException("an id has 16 bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Id(buffer.getLong(), buffer.getLong());
  }

  public static Optional<Id> findHex(String text) {
    return HEX.matcher(text).matches()
        ? Optional.of(of(HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT))))
        : Optional.empty();
  }

  public static Optional<Id> findGuid(String text) {
    return GUID.matcher(text).matches() ? findHex(text.replace("-", "")) : Optional.empty();
  }

  /** For literals and stored text; input from outside goes through {@link #findGuid}. */
  public static Id guid(String text) {
    return findGuid(text).orElseThrow(() -> new IllegalArgumentException("not a GUID"));
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  public String hex() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }

  public String guid() {
    String hex = hex();
    return hex.substring(0, 8)
        + '-'
        + hex.substring(8, 12)
        + '-'
        + hex.substring(12, 16)
        + '-'
        + hex.substring(16, 20)
        + '-'
        + hex.substring(20);
  }

  @Override
  public int compareTo(Id other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return guid();
  }
}
