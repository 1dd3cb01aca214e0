-- Every version that was made known, so that a table can be read as it was.
create table gold_history (
    tenant_id     blob   not null references tenants (id),
    data_set      text   not null,
    version       bigint not null,
    tables        text   not null,
    data_through  bigint,
    made_known_at bigint not null,
    constraint gold_history_tenant_id_data_set_version primary key (tenant_id, data_set, version)
);
insert into gold_history (tenant_id, data_set, version, tables, data_through, made_known_at)
select tenant_id, data_set, version, tables, data_through, updated_at from gold_versions;
