-- What a collection keeps beside the sealed value: a key's public part, a policy.
alter table object add column details text;
alter table version add column details text;
