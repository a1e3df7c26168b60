-- One row: the write lock of all nodes, and the last numbers given out.
create table journal_head (
  id ${LONG} primary key,
  number ${LONG} not null,
  time ${LONG} not null,
  last_object ${LONG} not null,
  last_version ${LONG} not null
);
insert into journal_head (id, number, time, last_object, last_version) values (1, 0, 0, 0, 0);

create table journal (
  number ${ROW},
  time ${LONG} not null,
  node text not null,
  request_id ${BYTES} not null,
  operation text not null,
  tenant ${BYTES},
  principal ${BYTES},
  container ${BYTES},
  collection text,
  object ${BYTES},
  version ${BYTES},
  detail ${BYTES}
);

create table object (
  row_id ${ROW},
  id ${BYTES} not null,
  container ${BYTES} not null,
  collection text not null,
  name text not null,
  object_key ${BYTES} not null,
  head ${LONG} not null,
  managed ${LONG} not null,
  created ${LONG} not null,
  deleted ${LONG},
  scheduled_purge ${LONG},
  journal ${LONG} not null,
  mac ${BYTES} not null
);
create unique index object_id on object (id);

create table name (
  container ${BYTES} not null,
  collection text not null,
  folded text ${BINARY} not null,
  deleted ${LONG} not null,
  object ${LONG} not null,
  primary key (container, collection, folded)
) ${CLUSTERED};
create index name_by_state on name (container, collection, deleted, folded);

create table version (
  seq ${ROW},
  object ${LONG} not null,
  number ${LONG} not null,
  id ${BYTES} not null,
  previous ${BYTES},
  enabled ${LONG} not null,
  not_before ${LONG},
  expires ${LONG},
  created ${LONG} not null,
  updated ${LONG} not null,
  content_type text,
  tags text not null,
  value ${BYTES} not null,
  journal ${LONG} not null,
  mac ${BYTES} not null
);
create unique index version_order on version (object, number, id);

create table rule (
  kind text not null,
  key text ${BINARY} not null,
  parent text not null,
  body text not null,
  journal ${LONG} not null,
  mac ${BYTES} not null,
  primary key (kind, key)
);
create index rule_parent on rule (kind, parent);

create table wrapped_key (
  owner ${BYTES} not null,
  generation ${LONG} not null,
  wrapped ${BYTES} not null,
  primary key (owner, generation)
);

create table due (
  kind text not null,
  subject ${BYTES} not null,
  container ${BYTES} not null,
  at ${LONG} not null,
  revision ${LONG} not null,
  primary key (kind, subject)
);
create index due_at on due (at);

create table meta (
  name text primary key,
  value ${BYTES} not null
);

create table used_once (
  kind text not null,
  id text not null,
  until ${LONG} not null,
  primary key (kind, id)
);
create index used_once_until on used_once (until);
