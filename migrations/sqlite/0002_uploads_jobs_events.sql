-- Numbers that count up without a gap within a tenant: the row's lock lasts until commit.
create table counters (
    tenant_id  blob   not null references tenants (id),
    name       text   not null,
    value      bigint not null,
    constraint counters_tenant_id_name primary key (tenant_id, name)
);

-- JSON is kept as text: the product never queries into it, and jsonb refuses the NUL characters that samples of files may hold.
create table uploads (
    tenant_id      blob   not null references tenants (id),
    id             blob   not null,
    seq            bigint not null,
    data_set       text   not null,
    file_name      text   not null,
    size           bigint not null,
    received       bigint not null,
    sha256         text,
    state          text   not null,
    step           text   not null,
    rows_done      bigint not null,
    bytes_done     bigint not null,
    inspection     text,
    decisions      text,
    plan           text,
    plan_hash      text,
    result         text,
    error_code     text,
    error_message  text,
    parent_id      blob,
    created_by     blob,
    created_at     bigint not null,
    updated_at     bigint not null,
    finished_at    bigint,
    constraint uploads_tenant_id_id primary key (tenant_id, id),
    constraint uploads_tenant_id_seq unique (tenant_id, seq),
    constraint uploads_parent foreign key (tenant_id, parent_id) references uploads (tenant_id, id)
);
create index uploads_by_sha256 on uploads (tenant_id, sha256);

create table upload_rejects (
    tenant_id  blob   not null,
    upload_id  blob   not null,
    record     bigint not null,
    body       text   not null,
    constraint upload_rejects_tenant_id_upload_id_record primary key (tenant_id, upload_id, record),
    constraint upload_rejects_upload foreign key (tenant_id, upload_id) references uploads (tenant_id, id)
);

create table mappings (
    tenant_id    blob   not null references tenants (id),
    fingerprint  text   not null,
    decisions    text   not null,
    used_at      bigint not null,
    constraint mappings_tenant_id_fingerprint primary key (tenant_id, fingerprint)
);

create table jobs (
    tenant_id     blob   not null references tenants (id),
    id            blob   not null,
    kind          text   not null,
    dedupe_key    text,
    lock_group    text,
    payload       text   not null,
    state         text   not null,
    priority      bigint not null,
    attempts      bigint not null,
    max_attempts  bigint not null,
    run_at        bigint not null,
    lease_token   bigint not null,
    lease_until   bigint,
    worker        text,
    progress      text,
    last_error    text,
    created_at    bigint not null,
    updated_at    bigint not null,
    constraint jobs_tenant_id_id primary key (tenant_id, id),
    constraint jobs_tenant_id_dedupe_key unique (tenant_id, dedupe_key)
);
create index jobs_waiting on jobs (priority desc, run_at) where state in ('queued', 'running');
-- The last word on "one running per lock group", whatever two workers saw before they claimed.
create unique index jobs_tenant_id_lock_group on jobs (tenant_id, lock_group) where state = 'running';

-- When a tenant's work was last taken up: whoever waits longest is next.
create table job_turns (
    tenant_id   blob   not null references tenants (id),
    claimed_at  bigint not null,
    constraint job_turns_tenant_id primary key (tenant_id)
);

create table events (
    tenant_id   blob   not null references tenants (id),
    seq         bigint not null,
    kind        text   not null,
    payload     text   not null,
    created_at  bigint not null,
    relayed_at  bigint,
    constraint events_tenant_id_seq primary key (tenant_id, seq)
);
create index events_to_relay on events (created_at) where relayed_at is null;

create table gold_versions (
    tenant_id     blob   not null references tenants (id),
    data_set      text   not null,
    version       bigint not null,
    -- Versions of the lake's tables that belong together, as JSON.
    tables        text   not null,
    data_through  bigint,
    updated_at    bigint not null,
    constraint gold_versions_tenant_id_data_set primary key (tenant_id, data_set)
);
