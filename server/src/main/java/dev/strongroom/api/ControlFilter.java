package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code $filter}: comparisons {@code name eq 'value'} and calls {@code name()} or {@code
 * name('value')} joined by {@code and}. Anything else, and any name that the list does not filter
 * by, is refused.
 *
 * @param terms name in lower case, with () behind it for a call, to its value
 */
record ControlFilter(Map<String, String> terms) {
  private static final Pattern TERM =
      Pattern.compile(
          "\\s*(?:([A-Za-z]+)\\s+eq\\s+'((?:[^']|'')*)'|([A-Za-z]+)\\(\\s*(?:'((?:[^']|'')*)')?\\s*\\))"
              + "\\s*");
  private static final Pattern AND = Pattern.compile("and\\b", Pattern.CASE_INSENSITIVE);

  static ControlFilter of(Call call, String... known) {
    String text = call.query("$filter").orElse("");
    Map<String, String> terms = new LinkedHashMap<>();
    if (text.isBlank()) {
      return new ControlFilter(terms);
    }
    Set<String> names = Set.of(known);
    Matcher matcher = TERM.matcher(text);
    int at = 0;
    while (true) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw invalid(text);
      }
      boolean comparison = matcher.group(1) != null;
      String name =
          (comparison ? matcher.group(1) : matcher.group(3) + "()").toLowerCase(Locale.ROOT);
      String value = comparison ? matcher.group(2) : matcher.group(4);
      if (!names.contains(name)
          || terms.putIfAbsent(name, value == null ? "" : value.replace("''", "'")) != null) {
        throw invalid(text);
      }
      at = matcher.end();
      if (at == text.length()) {
        return new ControlFilter(terms);
      }
      Matcher and = AND.matcher(text).region(at, text.length());
      if (!and.lookingAt()) {
        throw invalid(text);
      }
      at = and.end();
    }
  }

  boolean has(String name) {
    return terms.containsKey(name);
  }

  Optional<String> value(String name) {
    return Optional.ofNullable(terms.get(name));
  }

  /** True when the term is not there, too. */
  boolean allows(String name, String actual) {
    return value(name).map(actual::equalsIgnoreCase).orElse(true);
  }

  static VaultException invalid(String text) {
    return VaultException.of(ErrorCode.ARM_FILTER_INVALID, "filter", text);
  }
}
