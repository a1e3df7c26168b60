package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  /** What belongs to running nodes and not to an installation. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "journal_head.members",
          "journal.touched",
          "due.leased_by",
          "due.leased_until",
          "migration.number",
          "migration.name",
          "migration.checksum",
          "migration.applied",
          "node.name",
          "node.folder",
          "node.session",
          "node.until",
          "node.seen",
          "node.state",
          "node.audited");

  @TempDir Path folder;

  @Test
  void tables_haveEveryColumnOfTheFormat() throws Exception {
    Set<String> real = new HashSet<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("a.db"));
        Statement statement = connection.createStatement()) {
      Migrations.apply(connection, Dialect.SQLITE, InstantSource.system().millis());
      List<String> names = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery("select name from sqlite_master where type = 'table'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      for (String name : names) {
        try (ResultSet rows = statement.executeQuery("pragma table_info(" + name + ")")) {
          while (rows.next()) {
            real.add(name + '.' + rows.getString("name"));
          }
        }
      }
    }
    Set<String> ours = new HashSet<>(LEFT_OUT);
    for (Table table : Table.values()) {
      table.columns().forEach(column -> ours.add(table.sqlName() + '.' + column.name()));
    }
    assertThat(ours).isEqualTo(real);
  }

  @Test
  void decode_encoded_isTheSameRow() {
    TableRow row = new TableRow(Table.DUE, Arrays.asList("k", new byte[] {1}, null, -5L, 0L));
    TableRow again = TableRow.decode(Table.DUE, row.encoded());
    assertThat(again.encoded()).isEqualTo(row.encoded());
    assertThat(again.text(0)).isEqualTo("k");
    assertThat(again.values().get(2)).isNull();
    assertThat(again.number(3)).isEqualTo(-5);
  }

  @Test
  void decode_cutOrLongerOrOtherwiseSpelled_isRefused() {
    byte[] encoded = new TableRow(Table.META, List.of("n", new byte[] {1, 2})).encoded();
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThatThrownBy(() -> TableRow.decode(Table.META, cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> TableRow.decode(Table.META, Arrays.copyOf(encoded, encoded.length + 1)))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] other = encoded.clone();
    other[0] = 2;
    assertThatThrownBy(() -> TableRow.decode(Table.META, other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void compareKey_isTheOrderOfBytes() {
    Map<String, TableRow> rows = new HashMap<>();
    for (String name : List.of("Z", "a", "é", "\uD83D\uDE00", "\uFF5E")) {
      rows.put(name, new TableRow(Table.META, List.of(name, new byte[0])));
    }
    assertThat(rows.get("Z").compareKey(rows.get("a"))).isNegative();
    assertThat(rows.get("é").compareKey(rows.get("a"))).isPositive();
    // by their UTF-8, as databases have it, and not by their UTF-16
    assertThat(rows.get("\uD83D\uDE00").compareKey(rows.get("\uFF5E"))).isPositive();
    TableRow high = new TableRow(Table.WRAPPED_KEY, List.of(new byte[] {-1}, 1L, new byte[0]));
    TableRow low = new TableRow(Table.WRAPPED_KEY, List.of(new byte[] {1}, 2L, new byte[0]));
    assertThat(high.compareKey(low)).isPositive();
  }
}
