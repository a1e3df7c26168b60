package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/CONFIGURATION.md says what {@link Config} and {@link ConfigFile} do, in both directions. */
class ConfigurationDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "CONFIGURATION.md");
  private static final Pattern RANGE = Pattern.compile("(\\d+) to (\\d+)");
  private static final Map<String, String> LEAST =
      Map.of(
          "data", "\"d\"",
          "domain", "\"example.test\"",
          "listeners[].address", "\"127.0.0.1\"",
          "listeners[].certificate", "\"c\"",
          "listeners[].key", "\"k\"");
  private static final Map<String, String> POSTGRES =
      Map.of("store", "\"postgres\"", "postgres.url", "\"u\"", "postgres.user", "\"r\"");

  private static final Map<String, String> MAIL =
      Map.of("mail.host", "\"h\"", "mail.from", "\"f@example.test\"");

  private static final Map<String, String> ACME =
      Map.of("acme[].name", "\"n\"", "acme[].directory", "\"https://sample.test/dir\"");

  private static final Map<String, String> SYSLOG =
      Map.of(
          "audit.ship[].name", "\"n\"",
          "audit.ship[].to", "\"syslog\"",
          "audit.ship[].host", "\"h\"");
  private static final Map<String, String> FILE =
      Map.of(
          "audit.ship[].name", "\"n\"",
          "audit.ship[].to", "\"file\"",
          "audit.ship[].path", "\"p\"");

  @TempDir Path folder;

  /** A line of the table, its cells without backquotes. */
  record Row(String key, String value, String missing, String variable) {
    @Override
    public String toString() {
      return key;
    }

    /** Values that the setting takes, as TOML. */
    List<String> samples() {
      Matcher range = RANGE.matcher(value);
      if (range.matches()) {
        return List.of(range.group(1), range.group(2));
      }
      return switch (value) {
        case "text", "path" ->
            List.of(
                key.equals("acme[].directory") || key.equals("otlp.endpoint")
                    ? "\"https://a.test/dir\""
                    : "\"sample\"");
        case "list" -> List.of("[\"10.0.0.1\", \"10.0.0.2\"]", "[]");
        default -> words().stream().map(word -> '"' + word + '"').toList();
      };
    }

    /** Values that it must refuse. */
    List<String> wrong() {
      Matcher range = RANGE.matcher(value);
      if (range.matches()) {
        long least = Long.parseLong(range.group(1));
        long most = Long.parseLong(range.group(2));
        return List.of("" + (least - 1), "" + (most + 1), "\"x\"", "[" + least + "]");
      }
      return switch (value) {
        case "text", "path" -> List.of("[\"sample\"]");
        case "list" -> List.of("\"10.0.0.1\"");
        default -> List.of("\"sample\"", "[\"" + words().getFirst() + "\"]");
      };
    }

    private List<String> words() {
      return List.of(value.split(" or "));
    }
  }

  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("| `")) {
        String[] cells = line.replace("`", "").split("\\|");
        rows.add(new Row(cells[1].strip(), cells[2].strip(), cells[3].strip(), cells[4].strip()));
      }
    }
    return rows;
  }

  @Test
  void document_keys_areThoseOfTheCode() throws IOException {
    assertThat(rows())
        .extracting(Row::key)
        .containsExactlyInAnyOrderElementsOf(keys(Config.class, ""));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void document_defaultOfAKey_isWhatItsAbsenceMeans(Row row) throws IOException {
    Map<String, String> least = with(LEAST, entry(row.key()));
    switch (row.missing()) {
      case "required" -> assertMissing(row, least);
      case "required with postgres" -> {
        assertThat(value(read(LEAST, Map.of()), row.key())).isEqualTo("none");
        assertMissing(row, with(LEAST, POSTGRES));
      }
      default ->
          assertThat(value(read(with(LEAST, entry(row.key())), Map.of()), row.key()))
              .isEqualTo(row.missing());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void document_valueOfAKey_isTakenFromFileAndVariableAndNothingElseIs(Row row)
      throws IOException {
    String key = row.key().replace("HOST:PORT", "a.test:8443");
    Map<String, String> base = with(LEAST, together(key));
    for (String sample : row.samples()) {
      Map<String, String> more =
          sample.equals("\"postgres\"") ? POSTGRES : Map.of(key, sample);
      if (sample.equals("\"pki-http\"") || sample.equals("\"file\"")) {
        // one in the clear stands beside one with TLS, and a file needs its own keys: ConfigFileTest
        // has both
        continue;
      }
      Config config = read(with(base, more), Map.of());
      assertThat(value(config, row.key())).as(sample).isEqualTo(plain(sample));
      if (!row.variable().equals("none")) {
        String variable = row.variable().replace("_N_", "_0_");
        assertThat(variable).isEqualTo(ConfigFile.variable(row.key().replace("[]", "[0]")));
        Map<String, String> others = with(base, more);
        others.remove(key);
        if (row.missing().startsWith("required")) {
          others.put(key, key.equals("acme[].directory") ? "\"https://b.test\"" : "\"other\"");
        }
        Map<String, String> environment =
            Map.of(variable, plain(sample).replace("none", ""));
        assertThat(read(others, environment)).as(sample).isEqualTo(config);
      }
    }
    for (String wrong : row.wrong()) {
      assertThatThrownBy(() -> read(with(base, Map.of(key, wrong)), Map.of()))
          .as(wrong)
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith(key.replace("[]", "[0]").replace("\"", ""));
    }
  }

  /** What must be there for a setting to have a place. */
  private static Map<String, String> entry(String key) {
    if (key.startsWith("audit.ship[].")) {
      return key.equals("audit.ship[].path") ? SYSLOG : FILE;
    }
    return key.startsWith("acme[].") ? ACME : Map.of();
  }

  /** What must be there beside a setting. */
  private static Map<String, String> together(String key) {
    if (key.startsWith("postgres.")) {
      return POSTGRES;
    }
    if (List.of("audit.ship[].path", "audit.ship[].rotateMebibytes", "audit.ship[].keep")
        .contains(key)) {
      return FILE;
    }
    if (key.startsWith("audit.ship[].")) {
      return key.equals("audit.ship[].certificate") || key.equals("audit.ship[].key")
          ? with(
              SYSLOG,
              Map.of("audit.ship[].certificate", "\"c\"", "audit.ship[].key", "\"k\""))
          : SYSLOG;
    }
    if (key.startsWith("acme[].accountId")) {
      return with(ACME, Map.of("acme[].accountKeyFile", "\"p\""));
    }
    if (!key.startsWith("mail.")) {
      return entry(key);
    }
    Map<String, String> mail = new LinkedHashMap<>(MAIL);
    if (key.equals("mail.user") || key.equals("mail.passwordFile")) {
      mail.putAll(Map.of("mail.user", "\"u\"", "mail.passwordFile", "\"p\""));
    }
    return mail;
  }

  private void assertMissing(Row row, Map<String, String> settings) {
    Map<String, String> without = new LinkedHashMap<>(settings);
    without.remove(row.key());
    assertThatThrownBy(() -> read(without, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(row.key().replace("[]", "[0]") + " is missing");
  }

  /** The keys that a record of settings stands for. */
  private static List<String> keys(Class<?> record, String prefix) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent part : record.getRecordComponents()) {
      String key = prefix + part.getName();
      if (part.getType().isRecord()) {
        keys.addAll(keys(part.getType(), key + '.'));
      } else if (part.getType() == List.class
          && ((ParameterizedType) part.getGenericType()).getActualTypeArguments()[0]
              instanceof Class<?> item
          && item.isRecord()) {
        keys.addAll(keys(item, key + "[]."));
      } else {
        keys.add(part.getType() == Map.class ? key + ".\"HOST:PORT\"" : inTheFile(key));
      }
    }
    return keys;
  }

  // where rows are kept has two places in the file and one record
  private static String inTheFile(String key) {
    return key.equals("store.kind") ? "store" : key.replaceFirst("^store\\.", "postgres.");
  }

  /** What a config holds for a key, written as the document writes it. */
  private String value(Config config, String key) throws IOException {
    String path = key.equals("store") ? "store.kind" : key.replaceFirst("^postgres\\.", "store.");
    Object value = config;
    for (String name : path.replaceFirst("\\.\".*", "").split("\\.")) {
      value = part(value, name.replace("[]", ""));
      if (name.endsWith("[]")) {
        value = ((List<?>) value).getFirst();
      }
    }
    return written(value);
  }

  private String written(Object value) {
    return switch (value) {
      case Optional<?> some -> some.map(this::written).orElse("none");
      case List<?> list ->
          list.isEmpty()
              ? "none"
              : list.stream().map(this::written).collect(Collectors.joining(","));
      case Map<?, ?> map -> map.isEmpty() ? "none" : written(map.get("a.test:8443"));
      case Path file -> folder.relativize(file).toString();
      case Enum<?> word -> word.name().toLowerCase(Locale.ROOT).replace('_', '-');
      default -> value.toString();
    };
  }

  private static Object part(Object record, String name) {
    try {
      return record.getClass().getDeclaredMethod(name).invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** TOML without its quotes and brackets: as a variable has it. */
  private static String plain(String toml) {
    String text = toml.replaceAll("[\\[\\]\"]", "").replace(", ", ",");
    return text.isEmpty() ? "none" : text;
  }

  private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(some);
    all.putAll(more);
    return all;
  }

  private Config read(Map<String, String> settings, Map<String, String> environment)
      throws IOException {
    StringBuilder top = new StringBuilder();
    Map<String, StringBuilder> lists = new LinkedHashMap<>();
    settings.forEach(
        (key, value) -> {
          int end = key.indexOf("[].");
          StringBuilder at =
              end < 0
                  ? top
                  : lists.computeIfAbsent(
                      key.substring(0, end), name -> new StringBuilder("[[" + name + "]]\n"));
          at.append(key.substring(end < 0 ? 0 : end + 3) + " = " + value + '\n');
        });
    lists.values().forEach(top::append);
    Path file = folder.resolve("strongroom.toml");
    Files.writeString(file, top);
    return ConfigFile.read(file, environment);
  }
}
