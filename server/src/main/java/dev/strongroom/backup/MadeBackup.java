package dev.strongroom.backup;

import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Id;
import dev.strongroom.store.Snapshot;
import dev.strongroom.store.Table;
import dev.strongroom.store.TableRow;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node keeps of a backup that it made, so that a later one can leave out what is in it.
 *
 * @param id by which its file is known
 * @param journal the newest change in it
 * @param change SHA-256 of that change's record; of nothing when there was none
 * @param tables the headers of its tables
 * @param segments the audit trail in it
 */
record MadeBackup(
    String id,
    Id installation,
    String node,
    Instant created,
    long journal,
    String change,
    List<String> tables,
    List<Manifest.Segment> segments) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static MadeBackup of(String id, Manifest manifest, Snapshot snapshot) throws IOException {
    return new MadeBackup(
        id,
        manifest.installation(),
        manifest.node(),
        manifest.created(),
        manifest.journal(),
        change(snapshot, manifest.journal()),
        headers(),
        manifest.segments());
  }

  private static List<String> headers() {
    return Arrays.stream(Table.values()).map(Table::header).toList();
  }

  private static String change(Snapshot snapshot, long number) throws IOException {
    byte[] record =
        snapshot.journalRow(number).map(TableRow::encoded).orElseGet(() -> new byte[0]);
    return HexFormat.of().formatHex(Digests.sha256(record));
  }

  /** Refuses to leave anything out of a store that did not go on from this backup. */
  void requireBefore(Manifest now, Snapshot snapshot) throws IOException {
    if (!installation.equals(now.installation()) || !node.equals(now.node())) {
      throw wholeIsNeeded(
          "it is of node " + node + " of installation " + installation.guid());
    }
    if (!tables.equals(headers())) {
      throw wholeIsNeeded("the store had another format then");
    }
    if (journal > now.journal() || !change.equals(change(snapshot, journal))) {
      throw wholeIsNeeded("the store has another history since then");
    }
  }

  private BackupException wholeIsNeeded(String why) {
    return new BackupException(
        "nothing can be left out that is in the backup of "
            + created
            + ", because "
            + why
            + "; make a backup without --since");
  }

  /** The file of the trail with this name, as far as it is in the backup. */
  Optional<Manifest.Segment> segment(String file) {
    return segments.stream().filter(segment -> segment.file().equals(file)).findFirst();
  }

  byte[] bytes() {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", id)
        .put("installation", installation.guid())
        .put("node", node)
        .put("created", created.toString())
        .put("journal", journal)
        .put("change", change);
    tables.forEach(json.putArray("tables")::add);
    ArrayNode trail = json.putArray("segments");
    segments.forEach(segment -> trail.add(segment.json()));
    return JSON.writeValueAsBytes(json);
  }

  static MadeBackup read(byte[] bytes) throws BackupException {
    try {
      JsonNode json = JSON.readTree(bytes);
      List<String> tables = new ArrayList<>();
      json.required("tables").forEach(header -> tables.add(header.asString()));
      return new MadeBackup(
          json.required("id").asString(),
          Id.guid(json.required("installation").asString()),
          json.required("node").asString(),
          Instant.parse(json.required("created").asString()),
          json.required("journal").asLong(),
          json.required("change").asString(),
          List.copyOf(tables),
          Manifest.Segment.read(json.required("segments")));
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      throw new BackupException("what was kept of that backup is damaged; make one without --since");
    }
  }
}
