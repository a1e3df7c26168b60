package dev.strongroom.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path with variables: {@code {name}} is one segment, {@code {version?}} may be empty or left
 * out, {@code {scope*}} in front is any number of segments. It matches decoded segments as they
 * came.
 */
public final class PathTemplate {
  private record Part(String text, boolean variable, boolean optional, boolean many) {}

  private final String text;
  private final List<Part> parts;
  private final List<Part> tail;
  private final List<Part> tailWithoutOptional;

  private PathTemplate(String text, List<Part> parts) {
    this.text = text;
    this.parts = parts;
    this.tail = parts.getFirst().many() ? parts.subList(1, parts.size()) : parts;
    this.tailWithoutOptional = tail.stream().filter(part -> !part.optional()).toList();
  }

  public static PathTemplate of(String text) {
    List<Part> parts = new ArrayList<>();
    for (String segment : text.substring(1).split("/", -1)) {
      boolean variable = segment.startsWith("{");
      String inner = variable ? segment.substring(1, segment.length() - 1) : segment;
      boolean optional = variable && inner.endsWith("?");
      boolean many = variable && inner.endsWith("*");
      String name = optional || many ? inner.substring(0, inner.length() - 1) : inner;
      parts.add(new Part(name, variable, optional, many));
    }
    return new PathTemplate(text, List.copyOf(parts));
  }

  /** The variables, when it matches. An optional one that is empty or left out has no entry. */
  Optional<Map<String, String>> match(List<String> segments, boolean ignoreCase) {
    boolean many = parts.getFirst().many();
    int head = many ? segments.size() - tail.size() : 0;
    List<Part> used = segments.size() - head == tail.size() ? tail : tailWithoutOptional;
    if (head < 0
        || segments.size() - head != used.size()
        || !words(used, segments, head, ignoreCase)) {
      return Optional.empty();
    }
    Map<String, String> variables = new HashMap<>();
    if (many) {
      variables.put(parts.getFirst().text(), '/' + String.join("/", segments.subList(0, head)));
    }
    for (int i = 0; i < used.size(); i++) {
      Part part = used.get(i);
      String segment = segments.get(head + i);
      if (part.variable() && !segment.isEmpty()) {
        variables.put(part.text(), segment);
      } else if (part.variable() && !part.optional()) {
        return Optional.empty();
      }
    }
    return Optional.of(variables);
  }

  private static boolean words(
      List<Part> used, List<String> segments, int head, boolean ignoreCase) {
    for (int i = 0; i < used.size(); i++) {
      Part part = used.get(i);
      String segment = segments.get(head + i);
      boolean same =
          part.variable()
              || (ignoreCase ? part.text().equalsIgnoreCase(segment) : part.text().equals(segment));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /**
   * Which of two templates that both match says more: fixed words win over variables, from the
   * left; a leading scope says least.
   */
  int compareSpecificity(PathTemplate other) {
    for (int i = 0; i < Math.min(parts.size(), other.parts.size()); i++) {
      int order = Integer.compare(weight(parts.get(i)), weight(other.parts.get(i)));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int weight(Part part) {
    if (!part.variable()) {
      return 3;
    }
    return part.many() ? 0 : part.optional() ? 1 : 2;
  }

  @Override
  public String toString() {
    return text;
  }
}
