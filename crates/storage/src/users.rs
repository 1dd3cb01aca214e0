use crate::{PlatformTx, StorageError, TenantTx, convert::*};
use access::Role;
use jiff::Timestamp;
use types::{TenantId, UserId};
use uuid::Uuid;

#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// Lower case, unique.
    pub email: String,
    pub name: String,
    /// PHC string.
    pub password_hash: String,
    pub locale: Option<String>,
    pub theme: Option<String>,
    pub is_platform_admin: bool,
    pub created_at: Timestamp,
}

impl std::fmt::Debug for User {
    /// Neither the hash nor the address: this may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    /// Stored in lower case.
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub locale: Option<String>,
    pub theme: Option<String>,
    pub is_platform_admin: bool,
}

/// A tenant a user belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub tenant: TenantId,
    pub user: UserId,
    pub role: Role,
}

/// A user as the others of the same tenant see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    locale: Option<String>,
    theme: Option<String>,
    is_platform_admin: bool,
    created_at: i64,
}

impl TryFrom<Row> for User {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: UserId(row.id),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            locale: row.locale,
            theme: row.theme,
            is_platform_admin: row.is_platform_admin,
            created_at: time(row.created_at)?,
        })
    }
}

impl TenantTx {
    /// Who belongs to the tenant, by name.
    pub async fn members(&mut self) -> Result<Vec<Member>, StorageError> {
        sql!(self.connection => fetch_all (Uuid, String, String, String),
            "select u.id, u.name, u.email, m.role from memberships m join users u on u.id = m.user_id
             where m.tenant_id = $1 order by u.name, u.id",
            self.tenant.0)?
        .into_iter()
        .map(|(id, name, email, role)| {
            Ok(Member {
                id: UserId(id),
                name,
                email,
                role: parsed(&role, "role")?,
            })
        })
        .collect()
    }
}

impl PlatformTx {
    /// Conflict `users_email` where the address is taken.
    pub async fn insert_user(&mut self, new: &NewUser) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into users (id, email, name, password_hash, locale, theme, is_platform_admin, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            new.id.0, new.email.to_lowercase(), plain(&new.name), &new.password_hash, &new.locale, &new.theme,
            new.is_platform_admin, now)?;
        Ok(())
    }

    /// Whatever the case of the letters.
    pub async fn user_by_email(&mut self, email: &str) -> Result<Option<User>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, email, name, password_hash, locale, theme, is_platform_admin, created_at
             from users where email = $1",
            plain(&email.to_lowercase()))?
        .map(User::try_from)
        .transpose()
    }

    pub async fn user_by_id(&mut self, id: UserId) -> Result<Option<User>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            "select id, email, name, password_hash, locale, theme, is_platform_admin, created_at
             from users where id = $1",
            id.0)?
        .map(User::try_from)
        .transpose()
    }

    pub async fn any_platform_admin(&mut self) -> Result<bool, StorageError> {
        Ok(sql!(self.connection => fetch_optional (i64,),
            "select created_at from users where is_platform_admin = $1 limit 1", true)?
        .is_some())
    }

    pub async fn set_password(&mut self, id: UserId, hash: &str) -> Result<(), StorageError> {
        match sql!(self.connection => execute, "update users set password_hash = $2 where id = $1", id.0, hash)?
        {
            0 => Err(StorageError::NotFound),
            _ => Ok(()),
        }
    }

    /// Interface language and theme; `None` leaves one as it is.
    pub async fn set_preferences(
        &mut self,
        id: UserId,
        locale: Option<&str>,
        theme: Option<&str>,
    ) -> Result<(), StorageError> {
        match sql!(self.connection => execute,
            "update users set locale = coalesce($2, locale), theme = coalesce($3, theme) where id = $1",
            id.0, locale, theme)?
        {
            0 => Err(StorageError::NotFound),
            _ => Ok(()),
        }
    }

    /// Gives or changes a role.
    pub async fn put_membership(
        &mut self,
        tenant: TenantId,
        user: UserId,
        role: Role,
    ) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "insert into memberships (tenant_id, user_id, role, created_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, user_id) do update set role = excluded.role",
            tenant.0, user.0, role.as_str(), now)?;
        Ok(())
    }

    /// The tenants of a user, in the order they joined.
    pub async fn memberships(&mut self, user: UserId) -> Result<Vec<Membership>, StorageError> {
        sql!(self.connection => fetch_all (Uuid, String),
            "select tenant_id, role from memberships where user_id = $1 order by created_at, tenant_id",
            user.0)?
        .into_iter()
        .map(|(tenant, role)| {
            Ok(Membership {
                tenant: TenantId(tenant),
                user,
                role: parsed(&role, "role")?,
            })
        })
        .collect()
    }
}
