-- Of an upload whose files came with others that have nothing to do with them: the upload that they came as, and the
-- first byte of each in its raw file, as a JSON array. They are not copied.
alter table uploads add column taken_from uuid;
alter table uploads add column taken_at text;
create index uploads_taken_from on uploads (tenant_id, taken_from) where taken_from is not null;
