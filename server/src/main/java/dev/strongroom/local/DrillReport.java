package dev.strongroom.local;

import dev.strongroom.audit.AuditKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a drill found, as a file of three lines: what it is, one object of JSON, and the signature of
 * both by an audit key, or that there is none.
 */
public final class DrillReport {
  private static final String KIND = "strongroom-drill/1";
  private static final String SIGNATURE = "signature ";
  private static final String UNSIGNED = "unsigned";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JsonNode found;
  private final Optional<byte[]> signature;
  private final byte[] signed;

  private DrillReport(JsonNode found, byte[] signed, Optional<byte[]> signature) {
    this.found = found;
    this.signed = signed;
    this.signature = signature;
  }

  static DrillReport of(JsonNode found, Optional<AuditKey> signer) {
    byte[] text = (KIND + '\n' + JSON.writeValueAsString(found)).getBytes(StandardCharsets.UTF_8);
    return new DrillReport(found, text, signer.map(key -> key.sign(text)));
  }

  /** Refuses what is no report. */
  public static DrillReport read(byte[] file) {
    String all = new String(file, StandardCharsets.UTF_8);
    String[] lines = all.split("\n", -1);
    if (lines.length != 4 || !lines[0].equals(KIND) || !lines[3].isEmpty()) {
      throw new LocalException("not the report of a drill");
    }
    try {
      Optional<byte[]> signature =
          lines[2].equals(UNSIGNED)
              ? Optional.empty()
              : Optional.of(Base64.getDecoder().decode(lines[2].substring(SIGNATURE.length())));
      byte[] signed = (lines[0] + '\n' + lines[1]).getBytes(StandardCharsets.UTF_8);
      return new DrillReport(JSON.readTree(lines[1]), signed, signature);
    } catch (JacksonException | IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw new LocalException("not a report of a drill that can be read");
    }
  }

  /** What the file holds. */
  public byte[] bytes() {
    String end =
        signature
            .map(bytes -> SIGNATURE + Base64.getEncoder().encodeToString(bytes))
            .orElse(UNSIGNED);
    return (new String(signed, StandardCharsets.UTF_8) + '\n' + end + '\n')
        .getBytes(StandardCharsets.UTF_8);
  }

  public boolean isSigned() {
    return signature.isPresent();
  }

  /**
   * @param pem the public audit key, kept elsewhere
   */
  public boolean isSignedBy(Path pem) throws IOException {
    return signature.isPresent() && AuditKey.isSignedBy(pem, signed, signature.get());
  }

  public boolean isPassed() {
    return found.path("passed").asBoolean(false);
  }

  /** What was measured and found. */
  public JsonNode found() {
    return found;
  }
}
