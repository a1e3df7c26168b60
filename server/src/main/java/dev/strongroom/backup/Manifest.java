package dev.strongroom.backup;

import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a backup says of itself at its end: of which installation and moment it is, and how much of
 * everything there must be, with digests. The installation's audit key signs it.
 *
 * @param created when the rows were as they are here
 * @param journal the number of the newest change
 * @param auditedUpTo the newest audit record of the node, here or not
 * @param tables by the name in SQL: how many rows, and the SHA-256 over their encodings
 * @param segments the files of the node's audit trail; none when it was left out
 * @param content SHA-256 of all that stands before this
 * @param base the backup that an incremental one is read together with; tables and segments are those
 *     of both together
 */
public record Manifest(
    Id installation,
    String node,
    String program,
    Instant created,
    long journal,
    int rootGeneration,
    long auditedUpTo,
    Map<String, Digest> tables,
    List<Segment> segments,
    String content,
    String signer,
    Optional<String> base) {

  /** The format of a backup that has everything. */
  static final String WHOLE = "strongroom-backup/1";

  /** The format of a backup that leaves out what is in another one. */
  static final String INCREMENTAL = "strongroom-backup/2";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** How many rows, and what they are. */
  public record Digest(long count, String sha256) {}

  /** One file of the audit trail. */
  public record Segment(String file, long bytes, String sha256) {
    JsonNode json() {
      return JSON.createObjectNode().put("file", file).put("bytes", bytes).put("sha256", sha256);
    }

    static List<Segment> read(JsonNode array) {
      List<Segment> segments = new ArrayList<>();
      array.forEach(
          each ->
              segments.add(
                  new Segment(
                      each.required("file").asString(),
                      each.required("bytes").asLong(),
                      each.required("sha256").asString())));
      return List.copyOf(segments);
    }
  }

  private String kind() {
    return base.isPresent() ? INCREMENTAL : WHOLE;
  }

  /** What is signed: the one spelling of this manifest behind a line that says what it is. */
  public byte[] text() {
    ObjectNode json = JSON.createObjectNode();
    json.put("installation", installation.guid())
        .put("node", node)
        .put("program", program)
        .put("created", created.toString())
        .put("journal", journal)
        .put("rootGeneration", rootGeneration)
        .put("auditedUpTo", auditedUpTo);
    ObjectNode each = json.putObject("tables");
    tables.forEach(
        (name, digest) ->
            each.putObject(name).put("count", digest.count()).put("sha256", digest.sha256()));
    ArrayNode trail = json.putArray("segments");
    segments.forEach(segment -> trail.add(segment.json()));
    json.put("content", content).put("signer", signer);
    base.ifPresent(id -> json.put("base", id));
    return (kind() + '\n' + JSON.writeValueAsString(json)).getBytes(StandardCharsets.UTF_8);
  }

  /** Empty when it is not what {@link #text} writes. */
  public static Optional<Manifest> read(byte[] text) {
    String all = new String(text, StandardCharsets.UTF_8);
    try {
      JsonNode json = JSON.readTree(all.substring(all.indexOf('\n') + 1));
      Map<String, Digest> tables = new LinkedHashMap<>();
      json.required("tables")
          .properties()
          .forEach(
              entry ->
                  tables.put(
                      entry.getKey(),
                      new Digest(
                          entry.getValue().required("count").asLong(),
                          entry.getValue().required("sha256").asString())));
      Manifest read =
          new Manifest(
              Id.guid(json.required("installation").asString()),
              json.required("node").asString(),
              json.required("program").asString(),
              Instant.parse(json.required("created").asString()),
              json.required("journal").asLong(),
              json.required("rootGeneration").asInt(),
              json.required("auditedUpTo").asLong(),
              tables,
              Segment.read(json.required("segments")),
              json.required("content").asString(),
              json.required("signer").asString(),
              json.optional("base").map(JsonNode::asString));
      // which is also where the first line is checked
      return java.util.Arrays.equals(read.text(), text) ? Optional.of(read) : Optional.empty();
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      return Optional.empty();
    }
  }

  public long rows() {
    return tables.values().stream().mapToLong(Digest::count).sum();
  }
}
