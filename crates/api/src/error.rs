use crate::json::JsonText;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use std::collections::BTreeMap;
use thiserror::Error;

/// What kind of failure it is: decides the status and what the page offers next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The input cannot be taken as it is; `fields` says where.
    Invalid,
    /// Nobody is signed in, or the session has ended.
    Unauthenticated,
    Forbidden,
    /// It does not exist, or not for this tenant: the two look the same.
    NotFound,
    /// Another tab or person was first.
    Conflict,
    TooLarge,
    TooMany,
    /// A part of the system does not answer; trying again helps.
    Unavailable,
    Internal,
    /// The server could not be reached. Never sent by the server.
    Network,
}

impl Code {
    pub const ALL: [Self; 10] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooLarge,
        Self::TooMany,
        Self::Unavailable,
        Self::Internal,
        Self::Network,
    ];

    /// HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Unavailable | Self::Network => 503,
            Self::Internal => 500,
        }
    }

    /// Key of the message that fits any error of this kind.
    pub fn key(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Network => "network",
        }
    }
}

/// The one error on the wire. It says what a person can act on; what happened inside is in the log under `id`.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{key}")]
pub struct ApiError {
    pub code: Code,
    /// Key in `locales/<lang>/errors.json`.
    pub key: String,
    /// Values the message holds, such as `max`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Input field to the key of what is wrong with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// What the person tells the administrator, who finds it in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl ApiError {
    pub fn new(code: Code, key: impl Into<String>) -> Self {
        Self {
            code,
            key: key.into(),
            params: BTreeMap::new(),
            fields: BTreeMap::new(),
            id: None,
        }
    }

    /// With the message that fits any error of the kind.
    pub fn of(code: Code) -> Self {
        Self::new(code, code.key())
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub fn on_field(mut self, field: impl Into<String>, key: impl Into<String>) -> Self {
        self.fields.insert(field.into(), key.into());
        self
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// Whether asking again, with nothing changed, may help.
    pub fn is_transient(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::Network | Code::TooMany)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::of(Code::Network),
            // What was sent does not fit the endpoint: an old page, or no page of ours.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::of(Code::Invalid),
            // Not an answer of ours: a proxy's page, or a server that is going down.
            ServerFnErrorErr::Deserialization(_) => Self::of(Code::Unavailable),
            _ => Self::of(Code::Internal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let error = ApiError::new(Code::TooLarge, "file_too_large")
            .with("max", "200 MB")
            .on_field("file", "file_too_large");
        assert_eq!(ApiError::de(error.ser()), error);
    }

    #[test]
    fn what_is_no_error_of_ours_is_still_one() {
        let error = ApiError::de("<html>502</html>".into());
        assert_eq!(error.code, Code::Unavailable);
        assert!(error.is_transient());
    }

    #[test]
    fn statuses_are_errors() {
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }
}
