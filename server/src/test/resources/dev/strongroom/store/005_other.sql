-- A step of a later program, in tests: nodes that lack it would not understand what is stored.
alter table due rename column revision to version;
