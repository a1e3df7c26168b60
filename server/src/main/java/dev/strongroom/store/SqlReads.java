package dev.strongroom.store;

import dev.strongroom.model.Attributes;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import dev.strongroom.model.VaultException;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Every read as a statement on one connection, with the MAC of each row checked. */
class SqlReads implements Reads {
  private static final System.Logger LOG = System.getLogger(SqlReads.class.getName());

  private static final String OBJECT =
      "o.row_id, o.id, o.container, o.collection, o.name, o.object_key, o.head, o.managed,"
          + " o.created, o.deleted, o.scheduled_purge, o.mac, o.details";
  private static final int OBJECT_COLUMNS = 13;
  private static final String VERSION =
      "v.object, v.number, v.id, v.previous, v.enabled, v.not_before, v.expires, v.created,"
          + " v.updated, v.content_type, v.tags, v.value, v.mac, v.details";
  private static final int VERSION_COLUMNS = 14;

  private static final String ISSUED =
      "serial, authority, container, object, version, not_before, not_after, revoked, reason, mac";

  private static final String BY_NAME =
      " from name n left join object o on o.row_id = n.object"
          + " where n.container = ? and n.collection = ? and n.folded = ?";
  private static final String FIND_OBJECT = "select " + OBJECT + BY_NAME;
  private static final String FIND_OBJECT_BY_ID = "select " + OBJECT + " from object o where o.id = ?";
  private static final String FIND_HEAD =
      "select "
          + OBJECT
          + ", "
          + VERSION
          + " from name n left join object o on o.row_id = n.object"
          + " left join version v on v.object = o.row_id and v.number = o.head"
          + " where n.container = ? and n.collection = ? and n.folded = ?";
  private static final String FIND_VERSION =
      "select "
          + OBJECT
          + ", "
          + VERSION
          + " from name n left join object o on o.row_id = n.object"
          + " left join version v on v.object = o.row_id and v.id = ?"
          + " where n.container = ? and n.collection = ? and n.folded = ?";
  private static final String LIST_OBJECTS =
      "select "
          + OBJECT
          + ", "
          + VERSION
          + ", n.folded"
          + " from name n left join object o on o.row_id = n.object"
          + " left join version v on v.object = o.row_id and v.number = o.head"
          + " where n.container = ? and n.collection = ? and n.deleted = ? and n.folded > ?"
          + " order by n.folded limit ?";
  private static final String LIST_VERSIONS =
      "select "
          + VERSION
          + " from version v where v.object = ? and v.number > ? order by v.number limit ?";

  final Statements sql;
  final RowMacs macs;
  final Dialect dialect;

  SqlReads(Statements sql, RowMacs macs, Dialect dialect) {
    this.sql = sql;
    this.macs = macs;
    this.dialect = dialect;
  }

  /** A piece of work with statements, whose SQL failures become refusals. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  final <T> T run(Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw refusal(dialect, e);
    }
  }

  static RuntimeException refusal(Dialect dialect, SQLException e) {
    if (dialect.isConstraint(e)) {
      return new IllegalStateException("a change wrote what the tables exclude", e);
    }
    if (dialect.isFull(e)) {
      LOG.log(Level.ERROR, "the store has no space left", e);
      return VaultException.of(ErrorCode.STORE_FULL).with("Retry-After", "10");
    }
    LOG.log(Level.ERROR, "a statement failed", e);
    return VaultException.of(ErrorCode.STORE_UNAVAILABLE).with("Retry-After", "2");
  }

  @Override
  public Optional<ObjectRow> findObject(Id container, Collection collection, String foldedName) {
    return run(
        () ->
            sql.first(
                FIND_OBJECT,
                row -> named(row, container, collection, foldedName),
                container,
                collection.wire(),
                foldedName));
  }

  @Override
  public Optional<ObjectRow> findObject(Id object) {
    return run(() -> sql.first(FIND_OBJECT_BY_ID, this::object, object));
  }

  @Override
  public Optional<Found> findHead(Id container, Collection collection, String foldedName) {
    return run(
        () ->
            sql.first(
                FIND_HEAD,
                row -> head(row, container, collection, foldedName),
                container,
                collection.wire(),
                foldedName));
  }

  @Override
  public Optional<Found> findVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return run(
        () ->
            sql.first(
                    FIND_VERSION,
                    row -> foundAt(row, named(row, container, collection, foldedName)),
                    version,
                    container,
                    collection.wire(),
                    foldedName)
                .flatMap(found -> found));
  }

  @Override
  public List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit) {
    return run(
        () ->
            sql.list(
                LIST_OBJECTS,
                row -> {
                  String folded = row.getString(OBJECT_COLUMNS + VERSION_COLUMNS + 1);
                  Found found = head(row, container, collection, folded);
                  if (found.object().isDeleted() != deleted) {
                    throw macs.broken("name", folded);
                  }
                  return found;
                },
                container,
                collection.wire(),
                deleted,
                afterFolded,
                limit));
  }

  @Override
  public List<VersionRow> listVersions(long object, long afterNumber, int limit) {
    return run(
        () -> {
          String name =
              sql.first("select name from object where row_id = ?", row -> row.getString(1), object)
                  .orElse("");
          return sql.list(
              LIST_VERSIONS, row -> version(row, 0, name), object, afterNumber, limit);
        });
  }

  @Override
  public long countObjects(Id container) {
    return run(
        () ->
            sql.first(
                    "select count(*) from name where container = ?",
                    row -> row.getLong(1),
                    container)
                .orElse(0L));
  }

  @Override
  public List<Long> countExpiring(Collection collection, List<Instant> by) {
    String sums =
        String.join(
            ", ", Collections.nCopies(by.size(), "sum(case when v.expires <= ? then 1 else 0 end)"));
    List<Object> arguments = new ArrayList<>(by);
    arguments.add(collection.wire());
    return run(
        () ->
            sql.list(
                    "select "
                        + sums
                        + " from object o join version v"
                        + " on v.object = o.row_id and v.number = o.head"
                        + " where o.collection = ? and o.deleted is null and o.managed = 0"
                        + " and v.enabled = 1 and v.expires is not null",
                    row -> {
                      List<Long> counts = new ArrayList<>();
                      for (int i = 1; i <= by.size(); i++) {
                        counts.add(row.getLong(i));
                      }
                      return counts;
                    },
                    arguments.toArray())
                .getFirst());
  }

  @Override
  public <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key) {
    return run(
        () ->
            sql.first(
                    "select key, parent, body, mac from rule where kind = ? and key = ?",
                    row -> rule(kind, row),
                    kind.stored(),
                    key)
                .flatMap(rule -> rule));
  }

  @Override
  public <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent) {
    return run(
        () ->
            sql
                .list(
                    "select key, parent, body, mac from rule where kind = ? and parent = ?"
                        + " order by key",
                    row -> {
                      Optional<T> rule = rule(kind, row);
                      if (rule.isEmpty() && kind == RuleKind.CONTAINER) {
                        // because a name that seems free would be given to a second container
                        throw VaultException.of(ErrorCode.INTEGRITY, "name", parent);
                      }
                      return rule;
                    },
                    kind.stored(),
                    parent)
                .stream()
                .flatMap(Optional::stream)
                .toList());
  }

  @Override
  public <T extends Rule> List<T> rules(RuleKind<T> kind) {
    return run(
        () ->
            sql
                .list(
                    "select key, parent, body, mac from rule where kind = ? order by key",
                    row -> rule(kind, row),
                    kind.stored())
                .stream()
                .flatMap(Optional::stream)
                .toList());
  }

  @Override
  public Optional<KeyRow> findKey(Id owner, int generation) {
    return run(
        () ->
            sql.first(
                "select owner, generation, wrapped from wrapped_key"
                    + " where owner = ? and generation = ?",
                SqlReads::key,
                owner,
                (long) generation));
  }

  @Override
  public Optional<KeyRow> newestKey(Id owner) {
    return run(
        () ->
            sql.first(
                "select owner, generation, wrapped from wrapped_key where owner = ?"
                    + " order by generation desc limit 1",
                SqlReads::key,
                owner));
  }

  @Override
  public List<KeyRow> keys() {
    return run(
        () ->
            sql.list(
                "select owner, generation, wrapped from wrapped_key order by owner, generation",
                SqlReads::key));
  }

  @Override
  public Optional<byte[]> meta(String name) {
    return run(
        () -> sql.first("select value from meta where name = ?", row -> row.getBytes(1), name));
  }

  @Override
  public long journalHead() {
    return run(
        () ->
            sql.first("select number from journal_head where id = 1", row -> row.getLong(1))
                .orElse(0L));
  }

  @Override
  public List<JournalRow> journal(long after, int limit) {
    return run(
        () ->
            sql.list(
                "select number, time, node, request_id, operation, tenant, principal, container,"
                    + " collection, object, version, detail from journal where number > ?"
                    + " order by number limit ?",
                SqlReads::journalRow,
                after,
                limit));
  }

  @Override
  public List<DueRow> due(Instant until, int limit) {
    return run(
        () ->
            sql.list(
                "select kind, subject, container, at, revision from due where at <= ?"
                    + " order by at limit ?",
                row ->
                    new DueRow(
                        row.getString(1),
                        Id.of(row.getBytes(2)),
                        Id.of(row.getBytes(3)),
                        Instant.ofEpochMilli(row.getLong(4)),
                        row.getLong(5)),
                until,
                limit));
  }

  @Override
  public Optional<IssuedRow> findIssued(String serial) {
    return run(
        () ->
            sql.first(
                "select " + ISSUED + " from issued where serial = ?", this::issued, serial));
  }

  @Override
  public Optional<IssuedRow> findIssued(Id version) {
    return run(
        () ->
            sql.first(
                "select " + ISSUED + " from issued where version = ?", this::issued, version));
  }

  @Override
  public List<IssuedRow> listIssued(String afterSerial, int limit) {
    return run(
        () ->
            sql.list(
                "select " + ISSUED + " from issued where serial > ? order by serial limit ?",
                this::issued,
                afterSerial,
                limit));
  }

  @Override
  public List<IssuedRow> revoked(Id authority, Instant until) {
    return run(
        () ->
            sql.list(
                "select "
                    + ISSUED
                    + " from issued where authority = ? and revoked is not null"
                    + " and not_after >= ? order by serial",
                this::issued,
                authority,
                until));
  }

  @Override
  public Optional<RevocationListRow> findRevocationList(Id authority) {
    return run(
        () ->
            sql.first(
                "select authority, number, this_update, next_update, body, mac"
                    + " from revocation_list where authority = ?",
                row -> {
                  RevocationListRow list =
                      new RevocationListRow(
                          Id.of(row.getBytes(1)),
                          row.getLong(2),
                          Instant.ofEpochMilli(row.getLong(3)),
                          Instant.ofEpochMilli(row.getLong(4)),
                          row.getBytes(5));
                  macs.check(list, row.getBytes(6));
                  return list;
                },
                authority));
  }

  private IssuedRow issued(ResultSet row) throws SQLException {
    String serial = String.valueOf(row.getString(1));
    IssuedRow issued;
    try {
      issued =
          new IssuedRow(
              serial,
              Id.of(row.getBytes(2)),
              Id.of(row.getBytes(3)),
              Id.of(row.getBytes(4)),
              Id.of(row.getBytes(5)),
              Instant.ofEpochMilli(row.getLong(6)),
              Instant.ofEpochMilli(row.getLong(7)),
              time(row, 8),
              number(row, 9));
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "a row of an issued certificate cannot be read", e);
      throw macs.broken("issued", serial);
    }
    macs.check(issued, row.getBytes(10));
    return issued;
  }

  private static Optional<Integer> number(ResultSet row, int column) throws SQLException {
    int number = row.getInt(column);
    return row.wasNull() ? Optional.empty() : Optional.of(number);
  }

  private Found head(ResultSet row, Id container, Collection collection, String folded)
      throws SQLException {
    ObjectRow object = named(row, container, collection, folded);
    return foundAt(row, object).orElseThrow(() -> macs.broken("version", object.name()));
  }

  private Optional<Found> foundAt(ResultSet row, ObjectRow object) throws SQLException {
    row.getLong(OBJECT_COLUMNS + 1);
    return row.wasNull()
        ? Optional.empty()
        : Optional.of(new Found(object, version(row, OBJECT_COLUMNS, object.name())));
  }

  /**
   * The object that a name row leads to. The name row is not authenticated itself, so what it leads to
   * must be there and be what was asked for.
   */
  private ObjectRow named(ResultSet row, Id container, Collection collection, String folded)
      throws SQLException {
    row.getLong(1);
    if (row.wasNull()) {
      throw macs.broken("name", folded);
    }
    ObjectRow object = object(row);
    if (!object.container().equals(container)
        || object.collection() != collection
        || !object.name().toLowerCase(Locale.ROOT).equals(folded)) {
      throw macs.broken("name", folded);
    }
    return object;
  }

  private ObjectRow object(ResultSet row) throws SQLException {
    String name = String.valueOf(row.getString(5));
    ObjectRow object;
    try {
      object =
          new ObjectRow(
              row.getLong(1),
              Id.of(row.getBytes(2)),
              Id.of(row.getBytes(3)),
              Collection.find(row.getString(4)).orElseThrow(),
              name,
              Sealed.read(row.getBytes(6)),
              row.getLong(7),
              row.getLong(8) != 0,
              Instant.ofEpochMilli(row.getLong(9)),
              time(row, 10),
              time(row, 11),
              Optional.ofNullable(row.getString(13)));
    } catch (RuntimeException e) {
      // because columns that no longer make a row were not written by us, like a wrong MAC
      LOG.log(Level.DEBUG, "an object row cannot be read", e);
      throw macs.broken("object", name);
    }
    macs.check(object, row.getBytes(12));
    return object;
  }

  private VersionRow version(ResultSet row, int before, String name) throws SQLException {
    VersionRow version;
    try {
      version =
          new VersionRow(
              row.getLong(before + 1),
              row.getLong(before + 2),
              Id.of(row.getBytes(before + 3)),
              id(row, before + 4),
              new Attributes(
                  row.getLong(before + 5) != 0,
                  time(row, before + 6),
                  time(row, before + 7),
                  Instant.ofEpochMilli(row.getLong(before + 8)),
                  Instant.ofEpochMilli(row.getLong(before + 9))),
              TagsCodec.read(row.getString(before + 11)),
              Optional.ofNullable(row.getString(before + 10)),
              Optional.ofNullable(row.getString(before + 14)),
              Sealed.read(row.getBytes(before + 12)));
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "a version row cannot be read", e);
      throw macs.broken("version", name);
    }
    macs.check(version, row.getBytes(before + 13), name);
    return version;
  }

  private <T extends Rule> Optional<T> rule(RuleKind<T> kind, ResultSet row) throws SQLException {
    String key = row.getString(1);
    String parent = row.getString(2);
    String body = row.getString(3);
    if (!macs.isRule(kind.stored(), key, parent, body, row.getBytes(4))) {
      return Optional.empty();
    }
    return Optional.of(RuleCodec.read(kind, body));
  }

  private static KeyRow key(ResultSet row) throws SQLException {
    return new KeyRow(
        Id.of(row.getBytes(1)), (int) row.getLong(2), Sealed.read(row.getBytes(3)));
  }

  private static JournalRow journalRow(ResultSet row) throws SQLException {
    return new JournalRow(
        row.getLong(1),
        Instant.ofEpochMilli(row.getLong(2)),
        row.getString(3),
        Id.of(row.getBytes(4)),
        row.getString(5),
        id(row, 6),
        id(row, 7),
        new JournalNote(
            id(row, 8),
            Optional.ofNullable(row.getString(9)).flatMap(Collection::find),
            id(row, 10),
            id(row, 11),
            Optional.ofNullable(row.getBytes(12)).map(Sealed::read)));
  }

  private static Optional<Id> id(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getBytes(column)).map(Id::of);
  }

  private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
