package dev.strongroom.http;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request target taken apart: the path segment by segment, decoded but never normalised, and the
 * query with names in lower case. An instance is well-formed.
 *
 * @param path the path as sent, without the query
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#section-3.2">RFC 9112 section 3.2</a>
 */
record Target(
    Optional<String> authority, String path, List<String> segments, List<Parameter> query) {

  record Parameter(String name, String value) {}

  private static final String SCHEME = "https://";

  static Target parse(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw malformed("the target has a character that must be percent-encoded");
      }
    }
    Optional<String> authority = Optional.empty();
    String target = text;
    if (target.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      int slash = target.indexOf('/', SCHEME.length());
      int end = slash < 0 ? target.length() : slash;
      authority = Optional.of(target.substring(SCHEME.length(), end));
      target = slash < 0 ? "/" : target.substring(slash);
    }
    if (!target.startsWith("/")) {
      throw malformed("the target is not a path");
    }
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    List<String> segments = new ArrayList<>();
    int start = 1;
    for (int slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', start)) {
      segments.add(decode(path.substring(start, slash), false));
      start = slash + 1;
    }
    segments.add(decode(path.substring(start), false));
    List<Parameter> query = new ArrayList<>();
    if (mark >= 0) {
      for (String pair : target.substring(mark + 1).split("&")) {
        if (!pair.isEmpty()) {
          int equals = pair.indexOf('=');
          String name = equals < 0 ? pair : pair.substring(0, equals);
          String value = equals < 0 ? "" : pair.substring(equals + 1);
          query.add(
              new Parameter(decode(name, true).toLowerCase(Locale.ROOT), decode(value, true)));
        }
      }
    }
    return new Target(authority, path, List.copyOf(segments), List.copyOf(query));
  }

  Optional<String> first(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    for (Parameter parameter : query) {
      if (parameter.name().equals(folded)) {
        return Optional.of(parameter.value());
      }
    }
    return Optional.empty();
  }

  List<String> all(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    return query.stream().filter(p -> p.name().equals(folded)).map(Parameter::value).toList();
  }

  String decodedPath() {
    return '/' + String.join("/", segments);
  }

  private static String decode(String text, boolean plusIsSpace) {
    boolean plain = text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0);
    if (plain) {
      return text;
    }
    byte[] bytes = new byte[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw malformed("the target has a bad percent escape");
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) (plusIsSpace && c == '+' ? ' ' : c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed("the target is not UTF-8");
    }
  }

  private static VaultException malformed(String reason) {
    return VaultException.of(ErrorCode.MALFORMED_REQUEST, "reason", reason);
  }
}
