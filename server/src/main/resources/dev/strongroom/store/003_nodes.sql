-- Several nodes on one database: who they are (members counts every coming and going), what each
-- change touched so that the others forget it, and who is doing what is due.
alter table journal_head add column members ${LONG} not null default 0;
alter table journal add column touched ${BYTES};
alter table due add column leased_by text;
alter table due add column leased_until ${LONG};
create table node (
  name text primary key,
  folder ${BYTES} not null,
  session ${BYTES} not null,
  until ${LONG} not null,
  seen ${LONG} not null,
  state ${LONG} not null,
  audited text not null
);
