-- A run is one reading of an upload: its lines are kept for ever, and are part of the figures while it is the live one.
alter table uploads add column run bigint not null default 0;
alter table uploads add column read_run bigint;
alter table uploads add column live_run bigint;
alter table uploads add column duplicate_of blob;
-- Of the result, to sort by.
alter table uploads add column row_count bigint;
alter table uploads add column rejected bigint;
create index uploads_live on uploads (tenant_id, data_set) where live_run is not null;
