use crate::context::{Ctx, Principal};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// What a member of a tenant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    TenantAdmin,
    Analyst,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantAdmin => "tenant_admin",
            Self::Analyst => "analyst",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a role")]
pub struct NotRole(pub String);

impl FromStr for Role {
    type Err = NotRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tenant_admin" => Ok(Self::TenantAdmin),
            "analyst" => Ok(Self::Analyst),
            _ => Err(NotRole(text.to_owned())),
        }
    }
}

/// What is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Figures of the metric layer.
    Figures,
    /// Customers as persons, and figures about them.
    Customers,
    Uploads,
    Settings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Read,
    Create,
    Update,
    Delete,
    Export,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("not permitted: {action:?} on {resource:?}")]
pub struct Denied {
    pub action: Action,
    pub resource: Resource,
}

/// The one decision: deny by default.
pub fn authorize(ctx: &Ctx, action: Action, resource: Resource) -> Result<(), Denied> {
    let permitted = match &ctx.principal {
        Principal::System(_) => true,
        // Sends files and follows them, and sees no figure.
        Principal::Key(_) => {
            resource == Resource::Uploads && matches!(action, Action::Read | Action::Create)
        }
        Principal::User { role, .. } => match role {
            Role::TenantAdmin => true,
            Role::Analyst => match resource {
                Resource::Figures | Resource::Customers => {
                    matches!(action, Action::Read | Action::Export)
                }
                Resource::Uploads => matches!(action, Action::Read | Action::Create),
                Resource::Settings => matches!(action, Action::Read),
            },
        },
    };
    permitted.then_some(()).ok_or(Denied { action, resource })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Clock, Randomness};
    use types::{KeyId, SessionId, TenantId, UserId};
    use uuid::Uuid;

    #[test]
    fn an_analyst_reads_and_uploads_but_changes_no_settings() {
        let ctx = Ctx {
            principal: Principal::User {
                id: UserId(Uuid::nil()),
                session: SessionId(Uuid::nil()),
                role: Role::Analyst,
            },
            tenant: TenantId(Uuid::nil()),
            clock: Clock::System,
            randomness: Randomness::seeded(1),
        };
        assert!(authorize(&ctx, Action::Read, Resource::Figures).is_ok());
        assert!(authorize(&ctx, Action::Create, Resource::Uploads).is_ok());
        assert!(authorize(&ctx, Action::Delete, Resource::Uploads).is_err());
        assert!(authorize(&ctx, Action::Update, Resource::Settings).is_err());
        let key = Ctx {
            principal: Principal::Key(KeyId(Uuid::nil())),
            ..ctx
        };
        assert!(authorize(&key, Action::Create, Resource::Uploads).is_ok());
        assert!(authorize(&key, Action::Delete, Resource::Uploads).is_err());
        assert!(authorize(&key, Action::Read, Resource::Figures).is_err());
    }
}
