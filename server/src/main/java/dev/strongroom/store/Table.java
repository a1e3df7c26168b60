package dev.strongroom.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tables that make an installation, with the columns that mean something on every node and in
 * both kinds of store: what a backup holds and a move carries over. What is left out is of one
 * running node only: leases, members, and which rows a change touched. Their order is part of the
 * format of backups: a new column comes last, a new table anywhere.
 */
public enum Table {
  JOURNAL_HEAD(
      "journal_head", 1, "id L", "number L", "time L", "last_object L", "last_version L"),
  JOURNAL(
      "journal",
      1,
      "number L",
      "time L",
      "node T",
      "request_id B",
      "operation T",
      "tenant B",
      "principal B",
      "container B",
      "collection T",
      "object B",
      "version B",
      "detail B"),
  OBJECT(
      "object",
      1,
      "row_id L",
      "id B",
      "container B",
      "collection T",
      "name T",
      "object_key B",
      "head L",
      "managed L",
      "created L",
      "deleted L",
      "scheduled_purge L",
      "details T",
      "journal L",
      "mac B"),
  NAME("name", 3, "container B", "collection T", "folded T", "deleted L", "object L"),
  VERSION(
      "version",
      1,
      "seq L",
      "object L",
      "number L",
      "id B",
      "previous B",
      "enabled L",
      "not_before L",
      "expires L",
      "created L",
      "updated L",
      "content_type T",
      "tags T",
      "details T",
      "value B",
      "journal L",
      "mac B"),
  RULE("rule", 2, "kind T", "key T", "parent T", "body T", "journal L", "mac B"),
  WRAPPED_KEY("wrapped_key", 2, "owner B", "generation L", "wrapped B"),
  ISSUED(
      "issued",
      1,
      "serial T",
      "authority B",
      "container B",
      "object B",
      "version B",
      "not_before L",
      "not_after L",
      "revoked L",
      "reason L",
      "journal L",
      "mac B"),
  REVOCATION_LIST(
      "revocation_list",
      1,
      "authority B",
      "number L",
      "this_update L",
      "next_update L",
      "body B",
      "journal L",
      "mac B"),
  DUE("due", 2, "kind T", "subject B", "container B", "at L", "revision L"),
  META("meta", 1, "name T", "value B"),
  USED_ONCE("used_once", 2, "kind T", "id T", "until L");

  /** What a column holds, the same in both kinds of store. */
  public enum Type {
    LONG,
    TEXT,
    BYTES
  }

  /** A column by its name in SQL. */
  public record Column(String name, Type type) {}

  private final String sqlName;
  private final int keyColumns;
  private final List<Column> columns;

  /**
   * @param keyColumns how many of the first columns are the primary key, by which rows are ordered
   */
  Table(String sqlName, int keyColumns, String... columns) {
    this.sqlName = sqlName;
    this.keyColumns = keyColumns;
    List<Column> all = new ArrayList<>();
    for (String column : columns) {
      int space = column.indexOf(' ');
      Type type =
          switch (column.charAt(space + 1)) {
            case 'L' -> Type.LONG;
            case 'T' -> Type.TEXT;
            default -> Type.BYTES;
          };
      all.add(new Column(column.substring(0, space), type));
    }
    this.columns = List.copyOf(all);
  }

  /** Its name in SQL, and in a backup. */
  public String sqlName() {
    return sqlName;
  }

  public int keyColumns() {
    return keyColumns;
  }

  public List<Column> columns() {
    return columns;
  }

  /**
   * Where a row says which change wrote it last, in tables whose key is one number that is never
   * given twice: what did not change since is the same row under the same key.
   */
  public OptionalInt changeColumn() {
    return switch (this) {
      case JOURNAL -> OptionalInt.of(0);
      case OBJECT, VERSION ->
          OptionalInt.of(columns.stream().map(Column::name).toList().indexOf("journal"));
      default -> OptionalInt.empty();
    };
  }

  /** Its name and columns on one line, as a backup has them. */
  public String header() {
    return sqlName
        + ' '
        + String.join(" ", columns.stream().map(Column::name).toList());
  }

  public static Optional<Table> find(String sqlName) {
    for (Table table : values()) {
      if (table.sqlName.equals(sqlName)) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }

  /** All rows in the order of their keys, which is that of bytes in both kinds of store. */
  String select(Dialect dialect) {
    StringBuilder sql = new StringBuilder("select ").append(names());
    sql.append(" from ").append(sqlName).append(ours()).append(" order by ");
    for (int i = 0; i < keyColumns; i++) {
      Column column = columns.get(i);
      sql.append(i == 0 ? "" : ", ").append(column.name());
      if (column.type() == Type.TEXT) {
        sql.append(' ').append(dialect.translate("${BINARY}"));
      }
    }
    return sql.toString();
  }

  /** The row with this number, of a table whose key is one. */
  String selectOne(long key) {
    return "select " + names() + " from " + sqlName + " where " + columns.getFirst().name()
        + " = " + key;
  }

  /** How many rows there are. */
  String count() {
    return "select count(*) from " + sqlName + ours();
  }

  // what a store says of itself alone stays there
  private String ours() {
    return this == META ? " where name not like '" + StoreMark.PREFIX + "%'" : "";
  }

  String insert() {
    return "insert into "
        + sqlName
        + " ("
        + names()
        + ") values ("
        + String.join(", ", columns.stream().map(column -> "?").toList())
        + ")";
  }

  private String names() {
    return String.join(", ", columns.stream().map(Column::name).toList());
  }
}
