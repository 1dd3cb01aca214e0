-- Constraints carry the names they have on PostgreSQL; there is no row-level security here: every query names its tenant.

create table tenants (
    id          blob   not null,
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
    id                 blob    not null,
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
    tenant_id   blob   not null references tenants (id),
    user_id     blob   not null references users (id),
    role        text   not null,
    created_at  bigint not null,
    constraint memberships_tenant_id_user_id primary key (tenant_id, user_id)
);
create index memberships_by_user on memberships (user_id);

create table sessions (
    tenant_id     blob   not null,
    id            blob   not null,
    user_id       blob   not null,
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
    hash         blob  not null,
    session_id   blob   not null references sessions (id),
    issued_at    bigint not null,
    expires_at   bigint not null,
    used_at      bigint,
    replaced_by  blob,
    salt         blob,
    constraint refresh_tokens_hash primary key (hash)
);
create index refresh_tokens_by_session on refresh_tokens (session_id);

create table first_admin_tokens (
    hash        blob  not null,
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
