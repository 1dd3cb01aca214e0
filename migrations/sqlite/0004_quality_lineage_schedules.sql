-- What an import would bring, as it was found out last.
alter table uploads add column preview text;

-- A tenant's own rules of quality, beside the built-in ones. What is checked is JSON.
create table quality_rules (
    tenant_id   blob   not null references tenants (id),
    id          blob   not null,
    data_set    text   not null,
    name        text   not null,
    severity    text   not null,
    enabled     boolean not null,
    body        text   not null,
    created_by  blob,
    created_at  bigint not null,
    updated_at  bigint not null,
    constraint quality_rules_tenant_id_id primary key (tenant_id, id),
    constraint quality_rules_tenant_id_data_set_name unique (tenant_id, data_set, name)
);

-- What each rule said of each run of an upload.
create table quality_results (
    tenant_id   blob   not null,
    upload_id   blob   not null,
    run         bigint not null,
    rule        text   not null,
    severity    text   not null,
    outcome     text   not null,
    body        text   not null,
    created_at  bigint not null,
    constraint quality_results_tenant_id_upload_id_run_rule primary key (tenant_id, upload_id, run, rule),
    constraint quality_results_upload foreign key (tenant_id, upload_id) references uploads (tenant_id, id)
);

-- What the pipeline did: one row a run of a job, its event in the shape of OpenLineage.
create table lineage (
    tenant_id     blob   not null references tenants (id),
    id            blob   not null,
    kind          text   not null,
    upload_id     blob,
    upload_run    bigint,
    gold_version  bigint,
    started_at    bigint not null,
    ended_at      bigint not null,
    body          text   not null,
    constraint lineage_tenant_id_id primary key (tenant_id, id),
    constraint lineage_upload foreign key (tenant_id, upload_id) references uploads (tenant_id, id)
);
create index lineage_by_upload on lineage (tenant_id, upload_id);
create index lineage_by_version on lineage (tenant_id, gold_version);

-- When work that recurs is due again: `daily 03:30` or `every 3600` (seconds), UTC.
alter table jobs add column schedule text;
