package dev.strongroom.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One row of a table as values: Long, String, byte[] or null. It has one encoding in bytes, by which
 * rows of different stores are equal or not, and which is part of the format of backups: for each
 * column a 0 when null, otherwise a 1 and the value, a number in 8 bytes, a text (UTF-8) or bytes
 * behind their length in 4.
 */
public record TableRow(Table table, List<Object> values) {
  /** The order in which {@link Snapshot} hands rows out. */
  public int compareKey(TableRow other) {
    for (int i = 0; i < table.keyColumns(); i++) {
      int order =
          switch (table.columns().get(i).type()) {
            case LONG -> Long.compare(number(i), other.number(i));
            case TEXT -> Arrays.compareUnsigned(utf8(text(i)), utf8(other.text(i)));
            case BYTES -> Arrays.compareUnsigned(bytes(i), other.bytes(i));
          };
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  public long number(int column) {
    return (Long) values.get(column);
  }

  public String text(int column) {
    return (String) values.get(column);
  }

  public byte[] bytes(int column) {
    return (byte[]) values.get(column);
  }

  /** The same row with another value in one column. */
  public TableRow with(int column, Object value) {
    List<Object> changed = new ArrayList<>(values);
    changed.set(column, value);
    return new TableRow(table, changed);
  }

  public byte[] encoded() {
    List<byte[]> parts = new ArrayList<>(values.size());
    int length = 0;
    for (Object value : values) {
      byte[] part =
          switch (value) {
            case null -> new byte[1];
            case Long number -> ByteBuffer.allocate(9).put((byte) 1).putLong(number).array();
            case String text -> lengthFirst(utf8(text));
            case byte[] bytes -> lengthFirst(bytes);
            default -> throw new IllegalArgumentException("no column holds " + value.getClass());
          };
      parts.add(part);
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    parts.forEach(all::put);
    return all.array();
  }

  /** Refuses, as IllegalArgumentException, what {@link #encoded} would not have made. */
  public static TableRow decode(Table table, byte[] encoded) {
    return decode(table, table.columns().size(), encoded);
  }

  /**
   * The same for a row of an older format, which had only the first columns: what came later is null.
   */
  public static TableRow decode(Table table, int columns, byte[] encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    List<Object> values = new ArrayList<>(table.columns().size());
    try {
      for (Table.Column column : table.columns().subList(0, columns)) {
        byte present = in.get();
        if (present == 0) {
          values.add(null);
          continue;
        }
        if (present != 1) {
          throw new IllegalArgumentException("neither a value nor null");
        }
        values.add(
            switch (column.type()) {
              case LONG -> in.getLong();
              case TEXT -> new String(counted(in), StandardCharsets.UTF_8);
              case BYTES -> counted(in);
            });
      }
    } catch (java.nio.BufferUnderflowException e) {
      throw new IllegalArgumentException("the row ends too early", e);
    }
    TableRow row = new TableRow(table, values);
    if (!Arrays.equals(row.encoded(), encoded)) {
      throw new IllegalArgumentException("not the one spelling of a row");
    }
    while (values.size() < table.columns().size()) {
      values.add(null);
    }
    return row;
  }

  /** Its key in words, for reports; never its other columns. */
  public String key() {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < table.keyColumns(); i++) {
      words.add(
          values.get(i) instanceof byte[] bytes
              ? java.util.HexFormat.of().formatHex(bytes)
              : String.valueOf(values.get(i)));
    }
    return table.sqlName() + ' ' + String.join(" ", words);
  }

  @Override
  public String toString() {
    return "TableRow[" + key() + "]";
  }

  private static byte[] counted(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("the row ends too early");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static byte[] lengthFirst(byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 1)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
