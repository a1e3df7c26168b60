-- What the built-in certificate authority has issued, and the newest revocation list of each of its
-- authorities.
create table issued (
  serial text ${BINARY} not null primary key,
  authority ${BYTES} not null,
  container ${BYTES} not null,
  object ${BYTES} not null,
  version ${BYTES} not null,
  not_before ${LONG} not null,
  not_after ${LONG} not null,
  revoked ${LONG},
  reason ${LONG},
  journal ${LONG} not null,
  mac ${BYTES} not null
) ${CLUSTERED};
create index issued_version on issued (version);
create index issued_revoked on issued (authority, revoked);
create table revocation_list (
  authority ${BYTES} not null primary key,
  number ${LONG} not null,
  this_update ${LONG} not null,
  next_update ${LONG} not null,
  body ${BYTES} not null,
  journal ${LONG} not null,
  mac ${BYTES} not null
);
