package dev.strongroom.store;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One change on the writer's connection. It collects what it touched, so that caches can be told
 * once the group has committed, and other nodes by the journal.
 */
final class SqlTx extends SqlReads implements Tx {
  private final String node;
  private final Instant time;
  private final long number;
  private final long members;
  private long lastObject;
  private long lastVersion;
  private final GroupRows group;
  private final Touched touched = new Touched();
  private final Map<Long, ObjectRow> seen = new HashMap<>();
  private final Map<Long, Found> heads = new HashMap<>();
  private boolean wrote;

  SqlTx(
      Statements sql,
      RowMacs macs,
      Dialect dialect,
      String node,
      GroupRows group,
      Head head,
      Instant asked) {
    super(sql, macs, dialect);
    this.node = node;
    this.group = group;
    this.number = head.journal() + 1;
    this.time = asked.isAfter(head.time()) ? asked : head.time();
    this.lastObject = head.object();
    this.lastVersion = head.version();
    this.members = head.members();
  }

  Head head() {
    return new Head(number, time, lastObject, lastVersion, members);
  }

  Touched touched() {
    return touched;
  }

  /** New heads of objects, by row, as this change leaves them. */
  Map<Long, Found> heads() {
    return heads;
  }

  /** Whether there is anything to undo. */
  boolean hasWritten() {
    return wrote;
  }

  @Override
  public Optional<Found> knownHead(Id container, Collection collection, String foldedName) {
    Optional<Found> found =
        group
            .head(new RowCache.Name(container, collection, foldedName))
            .filter(known -> !touched.hasAllObjects())
            .filter(known -> !touched.objects().contains(known.object().row()))
            .or(() -> findHead(container, collection, foldedName));
    found.ifPresent(head -> seen.put(head.object().row(), head.object()));
    return found;
  }

  private int write(String statement, Object... arguments) throws SQLException {
    wrote = true;
    return sql.update(statement, arguments);
  }

  private void touch(ObjectRow object) {
    touched.object(object.row());
    seen.put(object.row(), object);
    heads.remove(object.row());
  }

  void journal(Origin origin, JournalNote note) {
    Optional<Principal> principal = origin.principal();
    run(
        () ->
            write(
                "insert into journal (number, time, node, request_id, operation, tenant, principal,"
                    + " container, collection, object, version, detail, touched)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                number,
                time,
                node,
                origin.requestId(),
                origin.operation(),
                principal.map(Principal::tenant),
                principal.map(Principal::objectId),
                note.container(),
                note.collection().map(Collection::wire),
                note.object(),
                note.version(),
                note.detail(),
                dialect.hasOtherNodes() ? Optional.of(touched.bytes()) : Optional.empty()));
  }

  @Override
  public Instant time() {
    return time;
  }

  @Override
  public long journalNumber() {
    return number;
  }

  @Override
  public ObjectRow insert(ObjectRow object) {
    ObjectRow row = object.at(++lastObject);
    touch(row);
    run(
        () -> {
          write(
              "insert into object (row_id, id, container, collection, name, object_key, head,"
                  + " managed, created, deleted, scheduled_purge, details, journal, mac)"
                  + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              row.row(),
              row.id(),
              row.container(),
              row.collection().wire(),
              row.name(),
              row.objectKey(),
              row.head(),
              row.managed(),
              row.created(),
              row.deleted(),
              row.scheduledPurge(),
              row.details(),
              number,
              macs.of(row));
          return write(
              "insert into name (container, collection, folded, deleted, object)"
                  + " values (?, ?, ?, ?, ?)",
              row.container(),
              row.collection().wire(),
              folded(row),
              row.isDeleted(),
              row.row());
        });
    return row;
  }

  @Override
  public void update(ObjectRow object) {
    Optional<ObjectRow> before = Optional.ofNullable(seen.get(object.row()));
    touch(object);
    run(
        () -> {
          one(
              write(
                  "update object set object_key = ?, head = ?, deleted = ?, scheduled_purge = ?,"
                      + " details = ?, journal = ?, mac = ? where row_id = ?",
                  object.objectKey(),
                  object.head(),
                  object.deleted(),
                  object.scheduledPurge(),
                  object.details(),
                  number,
                  macs.of(object),
                  object.row()));
          if (before.filter(was -> was.isDeleted() == object.isDeleted()).isPresent()) {
            return 0;
          }
          return write(
              "update name set deleted = ? where container = ? and collection = ? and folded = ?"
                  + " and deleted <> ?",
              object.isDeleted(),
              object.container(),
              object.collection().wire(),
              folded(object),
              object.isDeleted());
        });
  }

  @Override
  public void purge(ObjectRow object) {
    touch(object);
    run(
        () -> {
          write("delete from version where object = ?", object.row());
          write(
              "delete from name where container = ? and collection = ? and folded = ?",
              object.container(),
              object.collection().wire(),
              folded(object));
          one(write("delete from object where row_id = ?", object.row()));
          return write("delete from due where subject = ?", object.id());
        });
  }

  @Override
  public void insert(VersionRow version) {
    Attributes attributes = version.attributes();
    ObjectRow object = seen.get(version.object());
    if (object != null && object.head() == version.number()) {
      heads.put(object.row(), new Found(object, version));
    }
    run(
        () ->
            write(
                "insert into version (seq, object, number, id, previous, enabled, not_before, expires,"
                    + " created, updated, content_type, tags, details, value, journal, mac)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ++lastVersion,
                version.object(),
                version.number(),
                version.id(),
                version.previous(),
                attributes.enabled(),
                attributes.notBefore(),
                attributes.expires(),
                attributes.created(),
                attributes.updated(),
                version.contentType(),
                TagsCodec.write(version.tags()),
                version.details(),
                version.value(),
                number,
                macs.of(version)));
  }

  @Override
  public void update(VersionRow version) {
    Attributes attributes = version.attributes();
    touched.object(version.object());
    heads.remove(version.object());
    run(
        () -> {
          one(
              write(
                  "update version set enabled = ?, not_before = ?, expires = ?, updated = ?,"
                      + " content_type = ?, tags = ?, details = ?, value = ?, journal = ?, mac = ?"
                      + " where object = ? and number = ?",
                  attributes.enabled(),
                  attributes.notBefore(),
                  attributes.expires(),
                  attributes.updated(),
                  version.contentType(),
                  TagsCodec.write(version.tags()),
                  version.details(),
                  version.value(),
                  number,
                  macs.of(version),
                  version.object(),
                  version.number()));
          return null;
        });
  }

  @Override
  public <T extends Rule> void put(RuleKind<T> kind, T rule) {
    touched.rule();
    String body = RuleCodec.write(rule);
    byte[] mac = macs.ofRule(kind.stored(), rule.key(), rule.parent(), body);
    run(
        () -> {
          write(
              "delete from rule where kind = ? and key = ?", kind.stored(), rule.key());
          return write(
              "insert into rule (kind, key, parent, body, journal, mac) values (?, ?, ?, ?, ?, ?)",
              kind.stored(),
              rule.key(),
              rule.parent(),
              body,
              number,
              mac);
        });
  }

  @Override
  public void remove(RuleKind<?> kind, String key) {
    touched.rule();
    run(() -> write("delete from rule where kind = ? and key = ?", kind.stored(), key));
  }

  @Override
  public void removeAll(RuleKind<?> kind) {
    touched.rule();
    run(() -> write("delete from rule where kind = ?", kind.stored()));
  }

  @Override
  public void put(KeyRow key) {
    run(
        () -> {
          write(
              "delete from wrapped_key where owner = ? and generation = ?",
              key.owner(),
              (long) key.generation());
          return write(
              "insert into wrapped_key (owner, generation, wrapped) values (?, ?, ?)",
              key.owner(),
              (long) key.generation(),
              key.wrapped());
        });
  }

  @Override
  public void removeKeys(Id owner) {
    run(() -> write("delete from wrapped_key where owner = ?", owner));
  }

  @Override
  public void purgeObjects(Id container) {
    touched.allObjects();
    run(
        () -> {
          write(
              "delete from version where object in"
                  + " (select row_id from object o join name n on n.object = o.row_id"
                  + " where n.container = ?)",
              container);
          write(
              "delete from object where row_id in (select object from name where container = ?)",
              container);
          write("delete from name where container = ?", container);
          return write("delete from due where container = ?", container);
        });
  }

  @Override
  public void putMeta(String name, byte[] value) {
    run(
        () -> {
          write("delete from meta where name = ?", name);
          return write("insert into meta (name, value) values (?, ?)", name, value);
        });
  }

  @Override
  public void removeMeta(String prefix) {
    run(
        () ->
            write(
                "delete from meta where substr(name, 1, ?) = ?", prefix.length(), prefix));
  }

  @Override
  public void disownJournal(String ending) {
    run(() -> write("update journal set node = node || ?", ending));
  }

  @Override
  public void insert(IssuedRow issued) {
    run(
        () ->
            write(
                "insert into issued (serial, authority, container, object, version, not_before,"
                    + " not_after, revoked, reason, journal, mac)"
                    + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                issued.serial(),
                issued.authority(),
                issued.container(),
                issued.object(),
                issued.version(),
                issued.notBefore(),
                issued.notAfter(),
                issued.revoked(),
                issued.reason(),
                number,
                macs.of(issued)));
  }

  @Override
  public void update(IssuedRow issued) {
    run(
        () -> {
          one(
              write(
                  "update issued set revoked = ?, reason = ?, journal = ?, mac = ?"
                      + " where serial = ?",
                  issued.revoked(),
                  issued.reason(),
                  number,
                  macs.of(issued),
                  issued.serial()));
          return null;
        });
  }

  @Override
  public void put(RevocationListRow list) {
    run(
        () -> {
          write("delete from revocation_list where authority = ?", list.authority());
          return write(
              "insert into revocation_list (authority, number, this_update, next_update, body,"
                  + " journal, mac) values (?, ?, ?, ?, ?, ?, ?)",
              list.authority(),
              list.number(),
              list.thisUpdate(),
              list.nextUpdate(),
              list.body(),
              number,
              macs.of(list));
        });
  }

  @Override
  public void putDue(DueRow due) {
    run(
        () -> {
          write("delete from due where kind = ? and subject = ?", due.kind(), due.subject());
          return write(
              "insert into due (kind, subject, container, at, revision) values (?, ?, ?, ?, ?)",
              due.kind(),
              due.subject(),
              due.container(),
              due.at(),
              due.revision());
        });
  }

  @Override
  public boolean removeDue(DueRow due) {
    return run(
        () ->
            write(
                    "delete from due where kind = ? and subject = ? and revision = ?"
                        + " and (leased_by is null or leased_by = ?)",
                    due.kind(),
                    due.subject(),
                    due.revision(),
                    node)
                == 1);
  }

  @Override
  public void removeDue(String kind, Id subject) {
    run(() -> write("delete from due where kind = ? and subject = ?", kind, subject));
  }

  @Override
  public boolean removeLostNode(String name) {
    return run(
        () ->
            write("delete from node where name = ? and state = ?", name, (long) Nodes.LOST)
                == 1);
  }

  @Override
  public boolean firstUse(String kind, String id, Instant until) {
    return run(
        () -> {
          write("delete from used_once where until < ?", time);
          if (sql.first(
                  "select 1 from used_once where kind = ? and id = ?",
                  row -> row.getLong(1),
                  kind,
                  id)
              .isPresent()) {
            return false;
          }
          write("insert into used_once (kind, id, until) values (?, ?, ?)", kind, id, until);
          return true;
        });
  }

  private static String folded(ObjectRow object) {
    return object.name().toLowerCase(Locale.ROOT);
  }

  private static void one(int rows) {
    if (rows != 1) {
      throw new IllegalStateException("a row that a change was about to write is not there");
    }
  }
}
