//! Logs: one line an event on standard error, as text for people or as JSON for machines.
//!
//! Architecture Invariant: nothing secret or personal is a field of an event. Spans carry the request's
//! id, method and route; never a body, a cookie, a query string or an e-mail address.

use std::{fmt, io::IsTerminal, str::FromStr};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt as layer, util::SubscriberInitExt};

/// How an event is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
}

impl FromStr for Format {
    type Err = NotFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(NotFormat(text.to_owned())),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFormat(pub String);

impl fmt::Display for NotFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a log format: text or json", self.0)
    }
}

impl std::error::Error for NotFormat {}

/// Which events are written, as `EnvFilter` reads it: `info` or `info,sqlx=warn`.
pub fn level(text: &str) -> Result<(), ParseError> {
    EnvFilter::builder().parse(text).map(drop)
}

/// Libraries that tell of every file they open. Named in `level`, they are heard after all.
const QUIET: &str = "delta_kernel=warn,buoyant_kernel=warn,deltalake_core=warn,deltalake=warn,object_store=warn,sqlx=warn";

/// Starts logging for the whole process. A second call changes nothing: tests start many servers.
pub fn start(level: &str, format: Format) {
    let filter = EnvFilter::builder()
        .parse(format!("{QUIET},{level}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let base = layer::Subscriber::builder()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        Format::Text => base.with_target(false).finish().try_init(),
        Format::Json => base
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .finish()
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_formats_are_checked() {
        assert!(level("info,sqlx=warn").is_ok());
        assert!(level("info,sqlx=loud").is_err());
        assert_eq!("json".parse(), Ok(Format::Json));
        assert!("xml".parse::<Format>().is_err());
    }
}
