//! Why something did not go well.

use crate::{StorageError, convert::plain};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// For whom it concerns: each language has words for the code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Empty of what was kept before there were codes.
    pub code: String,
    /// In plain English.
    pub message: String,
    /// Names and numbers that the message is about, for other languages.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl From<&str> for Problem {
    fn from(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            ..Self::default()
        }
    }
}

/// As three columns keep it.
pub(crate) type Kept = (Option<String>, Option<String>, Option<String>);

impl Problem {
    /// Code, message and params. JSON writes what no text of a database may hold in another way.
    pub(crate) fn kept(problem: Option<&Self>) -> Kept {
        let Some(problem) = problem else {
            return (None, None, None);
        };
        let code = (!problem.code.is_empty()).then(|| plain(&problem.code).into_owned());
        let params = Value::from_iter(problem.params.clone()).to_string();
        (
            code,
            Some(plain(&problem.message).into_owned()),
            Some(params),
        )
    }

    pub(crate) fn read((code, message, params): Kept) -> Result<Option<Self>, StorageError> {
        if code.is_none() && message.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            code: code.unwrap_or_default(),
            message: message.unwrap_or_default(),
            params: match params {
                Some(params) => serde_json::from_str(&params)
                    .map_err(|error| StorageError::Corrupt(format!("details: {error}")))?,
                None => BTreeMap::new(),
            },
        }))
    }
}
