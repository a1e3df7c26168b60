package dev.strongroom.audit;

import dev.strongroom.model.Id;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Operation.Plane;
import dev.strongroom.model.Principal;
import dev.strongroom.store.JournalRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One line of the chain. Everything except number and previous hash is rendered when it is made;
 * {@link #place} fills those two in front of it, so that only that, the digest and the write happen
 * under the log's lock.
 *
 * <p>A line is ASCII: whatever is not printable ASCII is escaped, and what comes from clients is
 * cut to a length, so no text can end a line or pass for a member. Number and previous hash, and a
 * journal number or checkpoint where there is one, stand first: {@link ChainLine} reads them there.
 */
final class AuditLine {
  static final String CHECKPOINT_CATEGORY = "AuditCheckpoint";

  static final byte[] BEFORE_SEQ = ascii("{\"properties\":{\"seq\":");
  static final byte[] BEFORE_PREV = ascii(",\"prev\":\"");
  static final String BEFORE_JOURNAL = "\",\"journal\":";
  static final String BEFORE_CHECKPOINT = "\",\"checkpoint\":\"";
  static final String BEFORE_SIGNATURE = "\",\"signature\":\"";
  static final String BEFORE_TIME = "},\"time\":\"";
  static final String BEFORE_OPERATION = "\",\"operationName\":\"";
  static final int HASH = 64;

  private static final int HEAD = BEFORE_SEQ.length + 19 + BEFORE_PREV.length + HASH;
  private static final int MAX_WORD = 64;
  private static final int MAX_ID = 128;
  private static final int MAX_AGENT = 512;
  private static final int MAX_TEXT = 1024;
  private static final int MAX_PATH = 2048;
  private static final int MAX_DETAILS = 64;

  private static final byte[] HEX = ascii("0123456789abcdef");

  private static final String OBJECT_ID =
      "http://schemas.microsoft.com/identity/claims/objectidentifier";
  private static final String TENANT_ID = "http://schemas.microsoft.com/identity/claims/tenantid";
  private static final String UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

  /** Members of properties that details cannot take the place of. */
  private static final Set<String> OURS =
      Set.of(
          "seq",
          "prev",
          "journal",
          "checkpoint",
          "signature",
          "installation",
          "node",
          "recovered",
          "requestId",
          "httpMethod",
          "requestUri",
          "clientInfo",
          "id",
          "httpStatusCode");

  private static final Map<Integer, String> SIGNATURES = signatures();

  private byte[] bytes = new byte[1024];
  private int start = HEAD;
  private int end = HEAD;
  private final OptionalLong journal;

  private AuditLine(OptionalLong journal) {
    this.journal = journal;
  }

  static AuditLine of(Id installation, String node, AuditRecord record) {
    return of(installation, node, record, false);
  }

  /** The record of a change whose own record never reached the chain. */
  static AuditLine recovered(Id installation, String node, JournalRow row, Instant now) {
    Map<String, String> details = new HashMap<>();
    details.put("recoveredAt", now.toString());
    if (!row.node().equals(node)) {
      details.put("changedBy", row.node());
    }
    row.tenant().ifPresent(id -> details.put("tenantId", id.guid()));
    row.principal().ifPresent(id -> details.put("principalId", id.guid()));
    row.note().container().ifPresent(id -> details.put("containerId", id.hex()));
    row.note().collection().ifPresent(kind -> details.put("collection", kind.wire()));
    row.note().object().ifPresent(id -> details.put("objectId", id.hex()));
    row.note().version().ifPresent(id -> details.put("versionId", id.hex()));
    return of(
        installation,
        node,
        AuditRecord.withoutRequest(
            row.time(),
            row.operation(),
            category(row.operation()),
            row.requestId().guid(),
            0,
            OptionalLong.of(row.number()),
            details),
        true);
  }

  private static String category(String operation) {
    return switch (Operation.findAudited(operation).map(Operation::plane).orElse(Plane.LOCAL)) {
      case DATA -> AuditRecord.AUDIT_EVENT;
      case LOGIN -> AuditRecord.SIGN_IN;
      case CONTROL, LOCAL -> AuditRecord.ADMINISTRATION;
    };
  }

  /** A record that the log writes about itself. */
  static AuditLine about(
      Id installation, String node, Instant now, Operation operation, Map<String, String> details) {
    return of(
        installation,
        node,
        AuditRecord.withoutRequest(
            now,
            operation.auditName(),
            AuditRecord.ADMINISTRATION,
            "",
            0,
            OptionalLong.empty(),
            details),
        false);
  }

  static AuditLine checkpoint(Checkpoint.Signed signed) {
    AuditLine line = new AuditLine(OptionalLong.empty());
    line.raw(BEFORE_CHECKPOINT);
    line.raw(signed.text());
    line.raw(BEFORE_SIGNATURE);
    line.raw(signed.signatureText());
    line.one('"');
    line.raw(BEFORE_TIME);
    line.time(signed.checkpoint().time());
    line.raw("\",\"category\":\"" + CHECKPOINT_CATEGORY + "\"}\n");
    return line;
  }

  private static AuditLine of(Id installation, String node, AuditRecord record, boolean recovered) {
    AuditLine line = new AuditLine(record.journal());
    if (record.journal().isPresent()) {
      line.raw(BEFORE_JOURNAL);
      line.raw(Long.toString(record.journal().getAsLong()));
    } else {
      line.one('"');
    }
    line.properties(installation, node, record, recovered);
    line.raw(BEFORE_TIME);
    line.time(record.time());
    line.raw("\",\"resourceId\":\"");
    line.escaped(upper(record.resourceId().orElse("")), MAX_PATH);
    line.member("operationName", record.operation(), MAX_WORD);
    line.member("operationVersion", record.apiVersion().orElse(""), MAX_WORD);
    String category = record.category();
    line.member(
        "category",
        category.equals(CHECKPOINT_CATEGORY) ? AuditRecord.ADMINISTRATION : category,
        MAX_WORD);
    line.member("resultType", record.status() < 400 ? "Success" : "Failed", MAX_WORD);
    line.member("resultSignature", signature(record.status()), MAX_WORD);
    line.member("resultDescription", record.errorCode().orElse(""), MAX_ID);
    line.member("durationMs", Long.toString(record.durationMicros() / 1000), MAX_WORD);
    line.member("callerIpAddress", record.callerAddress(), MAX_WORD);
    line.member("correlationId", record.clientRequestId().orElse(record.requestId()), MAX_ID);
    line.raw("\",\"identity\":{");
    record.principal().ifPresent(line::identity);
    line.raw("}}\n");
    return line;
  }

  private void properties(Id installation, String node, AuditRecord record, boolean recovered) {
    raw(",\"installation\":\"");
    raw(installation.guid());
    raw("\",\"node\":\"");
    raw(node);
    one('"');
    if (recovered) {
      raw(",\"recovered\":true");
    }
    raw(",\"requestId\":\"");
    escaped(record.requestId(), MAX_ID);
    if (!record.method().isEmpty()) {
      member("httpMethod", record.method(), MAX_WORD);
      raw("\",\"requestUri\":\"");
      escaped(record.requestPath(), MAX_PATH);
      if (record.apiVersion().isPresent()) {
        raw("?api-version=");
        escaped(record.apiVersion().get(), MAX_WORD);
      }
      member("clientInfo", record.userAgent().orElse(""), MAX_AGENT);
    }
    record.objectId().ifPresent(id -> member("id", id, MAX_PATH));
    one('"');
    if (record.status() != 0) {
      raw(",\"httpStatusCode\":");
      raw(Integer.toString(record.status()));
    }
    int count = 0;
    for (Map.Entry<String, String> detail : record.details().entrySet()) {
      if (++count > MAX_DETAILS) {
        break;
      }
      String name = detail.getKey();
      raw(",\"");
      if (OURS.contains(name)) {
        raw("detail.");
      }
      escaped(name, MAX_WORD);
      raw("\":\"");
      escaped(detail.getValue(), MAX_TEXT);
      one('"');
    }
  }

  private void identity(Principal principal) {
    raw("\"claim\":{\"" + OBJECT_ID + "\":\"");
    raw(principal.objectId().guid());
    raw("\",\"" + TENANT_ID + "\":\"");
    raw(principal.tenant().guid());
    principal.appId().ifPresent(id -> member("appid", id.guid(), MAX_WORD));
    String upn = principal.claims().get("upn");
    if (upn != null) {
      member(UPN, upn, MAX_TEXT);
    }
    raw("\"}");
  }

  /** Ends the text of the member before and begins another. */
  private void member(String name, String value, int limit) {
    raw("\",\"");
    raw(name);
    raw("\":\"");
    escaped(value, limit);
  }

  OptionalLong journal() {
    return journal;
  }

  /** Writes number and previous hash (64 hex digits) in front. May be called again. */
  void place(long seq, byte[] prev) {
    int at = HEAD - HASH;
    System.arraycopy(prev, 0, bytes, at, HASH);
    at -= BEFORE_PREV.length;
    System.arraycopy(BEFORE_PREV, 0, bytes, at, BEFORE_PREV.length);
    long rest = seq;
    do {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    at -= BEFORE_SEQ.length;
    System.arraycopy(BEFORE_SEQ, 0, bytes, at, BEFORE_SEQ.length);
    start = at;
  }

  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  /** At most this long once it is placed. */
  int placedLength() {
    return end;
  }

  /** With the line end. */
  int length() {
    return end - start;
  }

  private void escaped(String text, int limit) {
    int length = Math.min(text.length(), limit);
    boolean isCut = length < text.length();
    if (isCut && Character.isHighSurrogate(text.charAt(length - 1))) {
      length--;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        one('\\');
        one(c);
      } else if (c >= 0x20 && c < 0x7f) {
        one(c);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        unicode(c);
        unicode(text.charAt(++i));
      } else {
        unicode(Character.isSurrogate(c) ? '\ufffd' : c);
      }
    }
    if (isCut) {
      unicode('\u2026');
    }
  }

  /** UTC with seven digits after the second, as Azure writes it. */
  private void time(Instant time) {
    LocalDateTime utc =
        LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
    digits(utc.getYear(), 4);
    one('-');
    digits(utc.getMonthValue(), 2);
    one('-');
    digits(utc.getDayOfMonth(), 2);
    one('T');
    digits(utc.getHour(), 2);
    one(':');
    digits(utc.getMinute(), 2);
    one(':');
    digits(utc.getSecond(), 2);
    one('.');
    digits(utc.getNano() / 100, 7);
    one('Z');
  }

  private void digits(int number, int count) {
    room(count);
    int rest = number;
    for (int at = end + count - 1; at >= end; at--) {
      bytes[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    end += count;
  }

  private void unicode(char c) {
    room(6);
    bytes[end++] = '\\';
    bytes[end++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[end++] = HEX[c >> shift & 0xf];
    }
  }

  private void one(char c) {
    room(1);
    bytes[end++] = (byte) c;
  }

  @SuppressWarnings("deprecation") // because it copies the low bytes, and the text is ASCII
  private void raw(String ascii) {
    int length = ascii.length();
    room(length);
    ascii.getBytes(0, length, bytes, end);
    end += length;
  }

  private void room(int more) {
    if (end + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + more));
    }
  }

  private static String upper(String text) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      if (chars[i] >= 'a' && chars[i] <= 'z') {
        chars[i] -= 'a' - 'A';
      }
    }
    return new String(chars);
  }

  /** The name of a status as Azure writes it, such as NotFound. */
  static String signature(int status) {
    return SIGNATURES.getOrDefault(status, status == 0 ? "" : Integer.toString(status));
  }

  private static Map<Integer, String> signatures() {
    return Map.ofEntries(
        Map.entry(200, "OK"),
        Map.entry(201, "Created"),
        Map.entry(202, "Accepted"),
        Map.entry(204, "NoContent"),
        Map.entry(302, "Found"),
        Map.entry(304, "NotModified"),
        Map.entry(400, "BadRequest"),
        Map.entry(401, "Unauthorized"),
        Map.entry(403, "Forbidden"),
        Map.entry(404, "NotFound"),
        Map.entry(405, "MethodNotAllowed"),
        Map.entry(408, "RequestTimeout"),
        Map.entry(409, "Conflict"),
        Map.entry(412, "PreconditionFailed"),
        Map.entry(413, "RequestEntityTooLarge"),
        Map.entry(414, "RequestUriTooLong"),
        Map.entry(415, "UnsupportedMediaType"),
        Map.entry(429, "TooManyRequests"),
        Map.entry(431, "RequestHeaderFieldsTooLarge"),
        Map.entry(500, "InternalServerError"),
        Map.entry(501, "NotImplemented"),
        Map.entry(503, "ServiceUnavailable"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
