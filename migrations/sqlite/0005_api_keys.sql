-- Keys for programs: who holds one may send files, and look at what became of them.
create table api_keys (
    tenant_id   blob   not null references tenants (id),
    id          blob   not null,
    name        text   not null,
    hash        blob   not null,
    created_by  blob,
    created_at  bigint not null,
    expires_at  bigint,
    used_at     bigint,
    revoked_at  bigint,
    constraint api_keys_tenant_id_id primary key (tenant_id, id),
    constraint api_keys_hash unique (hash)
);
