-- Constraints are named <table>_<columns>, which is what SQLite's messages give: one name on both databases.
--
-- Row-level security is forced, so that the owner of the tables (whom the product connects as) is bound too.
-- `app.tenant_id` and `app.platform` are set for one transaction; without either no row is seen.
-- A later migration that reads or changes rows must first `select set_config('app.platform', 'on', true)`.

create table tenants (
    id          uuid   not null,
    slug        text   not null,
    name        text   not null,
    timezone    text   not null,
    currency    text   not null,
    locale      text   not null,
    is_sample   boolean not null,
    created_at  bigint not null,
    constraint tenants_id primary key (id),
    constraint tenants_slug unique (slug)
);

create table users (
    id                 uuid    not null,
    email              text    not null,
    name               text    not null,
    password_hash      text    not null,
    locale             text,
    theme              text,
    is_platform_admin  boolean not null,
    created_at         bigint  not null,
    constraint users_id primary key (id),
    constraint users_email unique (email)
);

create table memberships (
    tenant_id   uuid   not null references tenants (id),
    user_id     uuid   not null references users (id),
    role        text   not null,
    created_at  bigint not null,
    constraint memberships_tenant_id_user_id primary key (tenant_id, user_id)
);
create index memberships_by_user on memberships (user_id);

create table sessions (
    tenant_id     uuid   not null,
    id            uuid   not null,
    user_id       uuid   not null,
    user_agent    text   not null,
    created_at    bigint not null,
    last_used_at  bigint not null,
    revoked_at    bigint,
    constraint sessions_tenant_id_id primary key (tenant_id, id),
    constraint sessions_id unique (id),
    constraint sessions_membership foreign key (tenant_id, user_id) references memberships (tenant_id, user_id)
);
create index sessions_by_user on sessions (user_id, created_at);

create table refresh_tokens (
    hash         bytea  not null,
    session_id   uuid   not null references sessions (id),
    issued_at    bigint not null,
    expires_at   bigint not null,
    used_at      bigint,
    replaced_by  bytea,
    salt         bytea,
    constraint refresh_tokens_hash primary key (hash)
);
create index refresh_tokens_by_session on refresh_tokens (session_id);

create table first_admin_tokens (
    hash        bytea  not null,
    created_at  bigint not null,
    expires_at  bigint not null,
    used_at     bigint,
    constraint first_admin_tokens_hash primary key (hash)
);

create table sign_in_attempts (
    key            text   not null,
    failures       bigint not null,
    last_at        bigint not null,
    blocked_until  bigint not null,
    constraint sign_in_attempts_key primary key (key)
);
create index sign_in_attempts_by_age on sign_in_attempts (last_at);

alter table tenants enable row level security;
alter table tenants force row level security;
create policy own on tenants using (
    id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    or (select current_setting('app.platform', true)) = 'on'
);

alter table memberships enable row level security;
alter table memberships force row level security;
create policy own on memberships using (
    tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    or (select current_setting('app.platform', true)) = 'on'
);

-- A tenant sees its own members only, and changes none of them.
alter table users enable row level security;
alter table users force row level security;
create policy members on users for select using (
    id in (
        select user_id from memberships
        where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    )
);
create policy platform on users using ((select current_setting('app.platform', true)) = 'on');

alter table sessions enable row level security;
alter table sessions force row level security;
create policy own on sessions using (
    tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
    or (select current_setting('app.platform', true)) = 'on'
);

alter table refresh_tokens enable row level security;
alter table refresh_tokens force row level security;
create policy platform on refresh_tokens using ((select current_setting('app.platform', true)) = 'on');

alter table first_admin_tokens enable row level security;
alter table first_admin_tokens force row level security;
create policy platform on first_admin_tokens using ((select current_setting('app.platform', true)) = 'on');

alter table sign_in_attempts enable row level security;
alter table sign_in_attempts force row level security;
create policy platform on sign_in_attempts using ((select current_setting('app.platform', true)) = 'on');
