-- Every version that was made known, so that a table can be read as it was.
create table gold_history (
    tenant_id     uuid   not null references tenants (id),
    data_set      text   not null,
    version       bigint not null,
    tables        text   not null,
    data_through  bigint,
    made_known_at bigint not null,
    constraint gold_history_tenant_id_data_set_version primary key (tenant_id, data_set, version)
);

-- The owner sees the rows of all tenants for as long as this takes.
alter table gold_versions no force row level security;
insert into gold_history (tenant_id, data_set, version, tables, data_through, made_known_at)
select tenant_id, data_set, version, tables, data_through, updated_at from gold_versions;
alter table gold_versions force row level security;

alter table gold_history enable row level security;
alter table gold_history force row level security;
create policy own on gold_history using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
