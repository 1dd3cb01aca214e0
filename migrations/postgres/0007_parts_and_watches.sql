-- The files of an upload that has several, as JSON: their bytes follow one another in the raw file.
alter table uploads add column parts text;

-- Folders and prefixes that are looked at again and again for files to import.
create table watches (
    tenant_id   uuid   not null references tenants (id),
    id          uuid   not null,
    url         text   not null,
    pattern     text   not null,
    options     text   not null,
    last_error  text,
    looked_at   bigint,
    created_by  uuid,
    created_at  bigint not null,
    updated_at  bigint not null,
    constraint watches_tenant_id_id primary key (tenant_id, id),
    constraint watches_tenant_id_url_pattern unique (tenant_id, url, pattern)
);

-- What was seen there, as it was seen last.
create table watched_objects (
    tenant_id   uuid   not null,
    watch_id    uuid   not null,
    name        text   not null,
    size        bigint not null,
    modified    bigint not null,
    etag        text   not null,
    state       text   not null,
    upload_id   uuid,
    error       text,
    seen_at     bigint not null,
    constraint watched_objects_tenant_id_watch_id_name primary key (tenant_id, watch_id, name),
    constraint watched_objects_watch foreign key (tenant_id, watch_id) references watches (tenant_id, id)
);

alter table watches enable row level security;
alter table watches force row level security;
create policy own on watches using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

alter table watched_objects enable row level security;
alter table watched_objects force row level security;
create policy own on watched_objects using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
