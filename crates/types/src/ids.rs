//! Typed ids. All are UUIDs (version 7 where the server makes them: sortable by time of creation).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A merchant's own space: rows, files and figures of one tenant never meet those of another.
    TenantId
);
id!(
    /// A person who signs in.
    UserId
);
id!(
    /// One sign-in of one user on one device: the family of its refresh tokens.
    SessionId
);
id!(
    /// One import: a file and what became of it.
    UploadId
);
id!(
    /// One unit of background work.
    JobId
);
id!(
    /// A key with which a program acts for a tenant.
    KeyId
);
id!(
    /// A place that is looked at again and again for files.
    WatchId
);
