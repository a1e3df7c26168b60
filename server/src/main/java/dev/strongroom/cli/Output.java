package dev.strongroom.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Prints answers: whole as JSON, or chosen columns as a table or tab-separated. */
final class Output {
  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  enum Format {
    json,
    table,
    tsv
  }

  /** A title and where its value is: member names joined by dots. */
  record Column(String title, String path) {}

  private final Format format;
  private final PrintStream out;

  Output(Format format, PrintStream out) {
    this.format = format;
    this.out = out;
  }

  static List<Column> columns(String... titlesAndPaths) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < titlesAndPaths.length; i += 2) {
      columns.add(new Column(titlesAndPaths[i], titlesAndPaths[i + 1]));
    }
    return columns;
  }

  void one(JsonNode item, List<Column> columns) {
    if (format == Format.json) {
      out.println(PRETTY.writeValueAsString(item));
    } else {
      rows(List.of(item), columns);
    }
  }

  void many(List<JsonNode> items, List<Column> columns) {
    if (format == Format.json) {
      out.println(PRETTY.writeValueAsString(items));
    } else {
      rows(items, columns);
    }
  }

  private void rows(List<JsonNode> items, List<Column> columns) {
    List<List<String>> rows = new ArrayList<>();
    if (format == Format.table) {
      rows.add(columns.stream().map(Column::title).toList());
    }
    for (JsonNode item : items) {
      rows.add(columns.stream().map(column -> cell(item, column.path())).toList());
    }
    if (format == Format.tsv) {
      rows.forEach(row -> out.println(String.join("\t", row)));
      return;
    }
    int[] widths = new int[columns.size()];
    rows.forEach(
        row -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    for (int line = 0; line < rows.size(); line++) {
      print(rows.get(line), widths);
      if (line == 0) {
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
          rule.add("-".repeat(width));
        }
        print(rule, widths);
      }
    }
  }

  private void print(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
    }
    out.println(line.toString().stripTrailing());
  }

  /** One cell on one line: what a value holds cannot make a second row. */
  private static String cell(JsonNode item, String path) {
    JsonNode node = item;
    for (String member : path.split("\\.")) {
      node = node.path(member);
    }
    String text = node.isValueNode() ? node.asString("") : node.isMissingNode() ? "" : node.toString();
    return text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' ');
  }
}
