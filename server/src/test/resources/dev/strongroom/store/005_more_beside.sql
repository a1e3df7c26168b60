-- A step of a later program, in tests: nodes that lack it may go on.
create table more (name text primary key);
alter table due add column remark text;
