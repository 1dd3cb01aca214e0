-- Keys for programs: who holds one may send files, and look at what became of them.
create table api_keys (
    tenant_id   uuid   not null references tenants (id),
    id          uuid   not null,
    name        text   not null,
    hash        bytea  not null,
    created_by  uuid,
    created_at  bigint not null,
    expires_at  bigint,
    used_at     bigint,
    revoked_at  bigint,
    constraint api_keys_tenant_id_id primary key (tenant_id, id),
    constraint api_keys_hash unique (hash)
);

-- A key is met before its tenant is known.
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy own on api_keys using (
    tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    or (select current_setting('app.platform', true)) = 'on'
);
