//! Who sends uploads: a person, a key, a watched place, or whoever is at the command line.

use crate::{StorageError, TenantTx, uploads::found};
use access::Principal;
use std::{fmt, str::FromStr};
use types::{KeyId, UploadId, UserId, WatchId};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    User(UserId),
    Key(KeyId),
    Watch(WatchId),
    /// The product itself, on behalf of whoever runs it.
    Command,
}

impl Sender {
    pub(crate) fn of(principal: &Principal) -> Self {
        match principal {
            Principal::User { id, .. } => Self::User(*id),
            Principal::Key(id) => Self::Key(*id),
            Principal::System(_) => Self::Command,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Key(_) => "key",
            Self::Watch(_) => "watch",
            Self::Command => "command",
        }
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.0),
            Self::Key(id) => Some(id.0),
            Self::Watch(id) => Some(id.0),
            Self::Command => None,
        }
    }

    /// As two columns keep it, beside `created_by`.
    pub(crate) fn kept(self) -> (Option<&'static str>, Option<Uuid>) {
        match self {
            Self::User(_) => (None, None),
            other => (Some(other.word()), other.id()),
        }
    }

    pub(crate) fn read(
        user: Option<Uuid>,
        word: Option<&str>,
        id: Option<Uuid>,
    ) -> Result<Option<Self>, StorageError> {
        if let Some(user) = user {
            return Ok(Some(Self::User(UserId(user))));
        }
        Ok(match (word, id) {
            (None, _) => None,
            (Some("key"), Some(id)) => Some(Self::Key(KeyId(id))),
            (Some("watch"), Some(id)) => Some(Self::Watch(WatchId(id))),
            (Some("command"), _) => Some(Self::Command),
            (Some(word), _) => {
                return Err(StorageError::Corrupt(format!("sender `{word}`")));
            }
        })
    }

    /// For a query: the word, empty for anybody, and the id.
    pub(crate) fn asked(sender: Option<Self>) -> (&'static str, Uuid) {
        let id = sender.and_then(Self::id).unwrap_or_default();
        (sender.map_or("", Self::word), id)
    }
}

/// `user:UUID`, `key:UUID`, `watch:UUID`, `command`.
impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self.id() {
            Some(id) => write!(f, ":{id}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Sender {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        let none = || StorageError::Corrupt(format!("sender `{text}`"));
        let Some((word, id)) = text.split_once(':') else {
            return match text {
                "command" => Ok(Self::Command),
                _ => Err(none()),
            };
        };
        let id = id.parse().map_err(|_| none())?;
        match word {
            "user" => Ok(Self::User(UserId(id))),
            "key" => Ok(Self::Key(KeyId(id))),
            "watch" => Ok(Self::Watch(WatchId(id))),
            _ => Err(none()),
        }
    }
}

impl TenantTx {
    /// It was found in a watched place, whoever's turn it was to look.
    pub async fn set_upload_watch(
        &mut self,
        id: UploadId,
        watch: WatchId,
    ) -> Result<(), StorageError> {
        let changed = sql!(self.connection => execute,
            "update uploads set sent_by = 'watch', sent_by_id = $3
             where tenant_id = $1 and id = $2 and created_by is null",
            self.tenant.0, id.0, watch.0)?;
        found(changed)
    }

    /// Everybody who ever sent an upload.
    pub async fn senders(&mut self) -> Result<Vec<Sender>, StorageError> {
        let rows = sql!(self.connection => fetch_all (Option<Uuid>, Option<String>, Option<Uuid>),
            "select distinct created_by, sent_by, sent_by_id from uploads where tenant_id = $1",
            self.tenant.0)?;
        rows.into_iter()
            .filter_map(|(user, word, id)| Sender::read(user, word.as_deref(), id).transpose())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_and_its_text_are_the_same_thing() {
        let id = Uuid::from_u128(7);
        for sender in [
            Sender::User(UserId(id)),
            Sender::Key(KeyId(id)),
            Sender::Watch(WatchId(id)),
            Sender::Command,
        ] {
            assert_eq!(sender.to_string().parse::<Sender>().unwrap(), sender);
        }
        for text in ["", "user", "user:x", "watch:", "command:7", "cat:7"] {
            assert!(text.parse::<Sender>().is_err(), "{text}");
        }
    }
}
