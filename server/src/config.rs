//! The runtime configuration: `Leptos.toml` (embedded as the defaults), a file, the environment.

use crate::security::network::Network;
use backend::objects::{Allowed, Root};
use leptos::config::{LeptosOptions, get_config_from_str};
use std::{
    collections::BTreeMap,
    env, fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use telemetry::Format;
use thiserror::Error;
use url::Url;

/// Every key there is, with its default.
pub const DEFAULTS: &str = include_str!("../../Leptos.toml");

/// Read from the working directory where no file is named.
pub const FILE: &str = "Leptos.toml";

/// All that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub addr: SocketAddr,
    /// Without a path; the origin browsers see.
    pub public_url: Url,
    /// Lower-case `host` or `host:port`, the public one first.
    pub hosts: Vec<String>,
    pub trusted_proxies: Vec<Network>,
    pub timeout: Duration,
    pub drain: Duration,
    pub database_url: String,
    pub lake_url: String,
    /// Absolute.
    pub data_dir: PathBuf,
    pub upload_max_bytes: u64,
    pub worker_concurrency: usize,
    /// After so long without a sign of life a worker's job is given to another.
    pub worker_lease: Duration,
    pub pepper: Option<String>,
    /// Below what places may be watched, and what the environment says of S3.
    pub watch: Allowed,
    pub log_level: String,
    pub log_format: Format,
    pub leptos: LeptosOptions,
}

/// One clear line at start.
#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("{file}: cannot be read: {source}")]
    Read {
        file: String,
        source: std::io::Error,
    },
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    #[error("{file}: there is no key `{key}`; the keys are: {known}")]
    UnknownKey {
        file: String,
        key: String,
        known: String,
    },
    #[error("{name}: there is no such key; the keys of [{section}] are: {known}")]
    UnknownVariable {
        name: String,
        section: String,
        known: String,
    },
    #[error("{name}: it names no section; the sections are: {known}")]
    UnknownSection { name: String, known: String },
    #[error("{from}: `{value}` is not {expected}")]
    Value {
        from: String,
        value: String,
        expected: String,
    },
    #[error("the block [[workspace.metadata.leptos]]: {0}")]
    Leptos(String),
    #[error("the working directory is not known: {0}")]
    WorkingDirectory(std::io::Error),
}

/// A value's text and where it was set.
struct Setting {
    text: String,
    from: String,
}

type Settings = BTreeMap<(String, String), Setting>;

impl Config {
    /// The defaults, then `file` (or `Leptos.toml` of the working directory, if there is one), then the
    /// process's environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let default_file = Path::new(FILE);
        let file = file.or_else(|| default_file.exists().then_some(default_file));
        let text = file
            .map(|path| {
                std::fs::read_to_string(path)
                    .map(|text| (path.display().to_string(), text))
                    .map_err(|source| ConfigError::Read {
                        file: path.display().to_string(),
                        source,
                    })
            })
            .transpose()?;
        let working_dir = env::current_dir().map_err(ConfigError::WorkingDirectory)?;
        Self::read(
            text.as_ref()
                .map(|(name, text)| (name.as_str(), text.as_str())),
            env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))),
            &working_dir,
        )
    }

    /// As [`Self::load`], from values: `file` is a name and its text.
    pub fn read(
        file: Option<(&str, &str)>,
        environment: impl IntoIterator<Item = (String, String)>,
        working_dir: &Path,
    ) -> Result<Self, ConfigError> {
        let mut settings = Settings::new();
        merge(&mut settings, FILE, DEFAULTS, true)?;
        if let Some((name, text)) = file {
            merge(&mut settings, name, text, false)?;
        }
        let environment: Vec<(String, String)> = environment.into_iter().collect();
        let s3 = environment
            .iter()
            .filter(|(name, _)| name.starts_with("AWS_"));
        let s3 = s3.cloned().collect();
        overlay(&mut settings, environment)?;
        let leptos = file
            .map(|(_, text)| text)
            .filter(|text| text.contains("[[workspace.metadata.leptos]]"))
            .unwrap_or(DEFAULTS);
        let leptos = get_config_from_str(leptos).map_err(|e| ConfigError::Leptos(e.to_string()))?;
        Self::check(&settings, leptos, working_dir, s3)
    }

    fn check(
        settings: &Settings,
        leptos: LeptosOptions,
        working_dir: &Path,
        s3: Vec<(String, String)>,
    ) -> Result<Self, ConfigError> {
        let read = |section: &str, key: &str| get(settings, section, key);
        let addr: SocketAddr = read("server", "addr")?.parse("an address like 127.0.0.1:3000")?;
        let public_url = match read("server", "public_url")?.non_empty() {
            // A wildcard is no address to open.
            None if addr.ip().is_unspecified() => {
                origin(&format!("http://localhost:{}", addr.port()))
            }
            None => origin(&format!("http://{addr}")),
            Some(setting) => origin(&setting.text)
                .ok_or_else(|| {
                    setting.wrong("an origin like https://shop.example (no path, http or https)")
                })
                .map(Some)?,
        }
        .ok_or_else(|| ConfigError::Value {
            from: "[server] addr".to_owned(),
            value: addr.to_string(),
            expected: "an address a URL can be made of".to_owned(),
        })?;
        let mut hosts = vec![authority(&public_url)];
        // On its own machine a server may be called by any of the machine's names for itself.
        if addr.ip().is_loopback() || hosts.iter().any(|host| is_own_name(host)) {
            hosts.extend(LOOPBACK.map(|name| match addr.port() {
                // A browser leaves the scheme's own port out.
                80 => name.to_owned(),
                port => format!("{name}:{port}"),
            }));
        }
        hosts.extend(
            read("server", "hosts")?
                .list()
                .map(|h| h.to_ascii_lowercase()),
        );

        let data_dir = working_dir.join(&read("data", "dir")?.required("a folder")?.text);
        let database_url = match read("database", "url")?.non_empty() {
            None => format!("sqlite:{}", data_dir.join("smartretail360.db").display()),
            Some(setting) => {
                if !["sqlite:", "postgres://", "postgresql://"]
                    .iter()
                    .any(|scheme| setting.text.starts_with(scheme))
                {
                    return Err(setting.wrong("sqlite:PATH or postgres://USER@HOST/NAME"));
                }
                setting.text.clone()
            }
        };
        let lake_url = match read("lake", "url")?.non_empty() {
            None => folder_url(&data_dir.join("lake"))?,
            Some(setting) => {
                if !setting.text.starts_with("file:///") {
                    return Err(setting.wrong("file:///ABSOLUTE/FOLDER"));
                }
                setting.text.clone()
            }
        };
        let pepper = match read("identity", "pepper")?.non_empty() {
            Some(setting) if setting.text.chars().count() < 16 => {
                // Not the value: it is a secret, and this line may end in a log.
                return Err(ConfigError::Value {
                    from: setting.from.clone(),
                    value: "***".to_owned(),
                    expected: "a secret of at least 16 characters".to_owned(),
                });
            }
            setting => setting.map(|s| s.text.clone()),
        };
        let level = read("log", "level")?;
        telemetry::level(&level.text)
            .map_err(|_| level.wrong("a log level: error, warn, info, debug, trace"))?;
        Ok(Self {
            addr,
            public_url,
            hosts,
            trusted_proxies: read("server", "trusted_proxies")?
                .list()
                .map(|text| {
                    text.parse().map_err(|_| {
                        get(settings, "server", "trusted_proxies")
                            .map_or_else(|e| e, |s| s.wrong("a list of networks like 10.0.0.0/8"))
                    })
                })
                .collect::<Result<_, _>>()?,
            timeout: seconds(read("server", "timeout_seconds")?)?,
            drain: seconds(read("server", "drain_seconds")?)?,
            database_url,
            lake_url,
            data_dir,
            upload_max_bytes: read("uploads", "max_bytes")?
                .parse_in(1..=1 << 40, "a number of bytes")?,
            worker_concurrency: usize::try_from(
                read("worker", "concurrency")?.parse_in(1..=64, "a number from 1 to 64")?,
            )
            .unwrap_or(1),
            worker_lease: seconds(read("worker", "lease_seconds")?)?,
            pepper,
            watch: Allowed {
                roots: roots(read("watch", "roots")?)?,
                s3,
            },
            log_level: level.text.clone(),
            log_format: read("log", "format")?.parse("text or json")?,
            leptos,
        })
    }

    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// `scheme://host[:port]` as a browser's Origin header writes it.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// What the backend is opened with.
    pub fn backend(&self) -> backend::Config {
        backend::Config {
            database_url: self.database_url.clone(),
            lake_url: self.lake_url.clone(),
            data_dir: self.data_dir.clone(),
            public_url: self.origin(),
            pepper: self.pepper.clone(),
            upload_max_bytes: self.upload_max_bytes,
            worker_concurrency: self.worker_concurrency,
            lease_seconds: u32::try_from(self.worker_lease.as_secs()).unwrap_or(u32::MAX),
            watch: self.watch.clone(),
        }
    }

    /// The address to print.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Anyone can reach the server, and it goes by no name that others would call it by.
    pub fn is_nameless(&self) -> bool {
        self.addr.ip().is_unspecified() && self.hosts.iter().all(|host| is_own_name(host))
    }
}

impl Setting {
    fn wrong(&self, expected: impl fmt::Display) -> ConfigError {
        ConfigError::Value {
            from: self.from.clone(),
            value: self.text.clone(),
            expected: expected.to_string(),
        }
    }

    fn non_empty(&self) -> Option<&Self> {
        (!self.text.trim().is_empty()).then_some(self)
    }

    fn required(&self, expected: &str) -> Result<&Self, ConfigError> {
        self.non_empty().ok_or_else(|| self.wrong(expected))
    }

    fn parse<T: FromStr>(&self, expected: &str) -> Result<T, ConfigError> {
        self.text.trim().parse().map_err(|_| self.wrong(expected))
    }

    fn parse_in(
        &self,
        range: std::ops::RangeInclusive<u64>,
        expected: &str,
    ) -> Result<u64, ConfigError> {
        let number = self.parse(expected)?;
        if range.contains(&number) {
            Ok(number)
        } else {
            Err(self.wrong(expected))
        }
    }

    fn list(&self) -> impl Iterator<Item = &str> {
        self.text
            .split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
    }
}

fn get<'a>(settings: &'a Settings, section: &str, key: &str) -> Result<&'a Setting, ConfigError> {
    settings
        .get(&(section.to_owned(), key.to_owned()))
        .ok_or_else(|| ConfigError::UnknownKey {
            file: FILE.to_owned(),
            key: format!("[{section}] {key}"),
            known: known(settings, None),
        })
}

fn roots(setting: &Setting) -> Result<Vec<Root>, ConfigError> {
    let root = |text: &str| {
        text.parse()
            .map_err(|_| setting.wrong("a list of folders like /srv/exports or s3://bucket/prefix"))
    };
    setting.list().map(root).collect()
}

fn seconds(setting: &Setting) -> Result<Duration, ConfigError> {
    setting
        .parse_in(1..=3600, "a number of seconds from 1 to 3600")
        .map(Duration::from_secs)
}

/// Adds what a file says; only the defaults may bring new keys.
fn merge(
    settings: &mut Settings,
    file: &str,
    text: &str,
    defines: bool,
) -> Result<(), ConfigError> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        let line = e
            .span()
            .map_or(0, |span| text[..span.start].lines().count().max(1));
        ConfigError::Syntax {
            file: file.to_owned(),
            message: format!("line {line}: {}", e.message().replace('\n', " ")),
        }
    })?;
    for (section, keys) in table {
        // The block that Leptos reads for itself.
        if section == "workspace" {
            continue;
        }
        let unknown = |settings: &Settings, key: &str| ConfigError::UnknownKey {
            file: file.to_owned(),
            key: key.to_owned(),
            known: known(settings, None),
        };
        let toml::Value::Table(keys) = keys else {
            return Err(unknown(settings, &section));
        };
        for (key, value) in keys {
            let from = format!("{file}: [{section}] {key}");
            let place = (section.clone(), key.clone());
            if !defines && !settings.contains_key(&place) {
                return Err(unknown(settings, &format!("[{section}] {key}")));
            }
            let text = plain(&value).ok_or_else(|| ConfigError::Value {
                from: from.clone(),
                value: value.to_string(),
                expected: "a text, a number, true, false or a list of texts".to_owned(),
            })?;
            settings.insert(place, Setting { text, from });
        }
    }
    Ok(())
}

/// Variables that are the scripts' and tests' own.
const OF_SCRIPTS: [&str; 4] = ["CACHE", "SHARED_DATA", "BINARY", "CHROMIUM"];

/// Adds `SR360_<SECTION>_<KEY>`; a mistyped one would leave its default in force, in silence.
fn overlay(
    settings: &mut Settings,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix("SR360_") else {
            continue;
        };
        if OF_SCRIPTS.contains(&rest) || rest.starts_with("TEST_") {
            continue;
        }
        let lower = rest.to_ascii_lowercase();
        let (section, key) = lower.split_once('_').unwrap_or((&lower, ""));
        let (section, key) = (section.to_owned(), key.to_owned());
        if !settings.keys().any(|(s, _)| *s == section) {
            let mut sections: Vec<&str> = settings.keys().map(|(s, _)| s.as_str()).collect();
            sections.dedup();
            return Err(ConfigError::UnknownSection {
                name,
                known: sections.join(", "),
            });
        }
        let place = (section, key);
        if !settings.contains_key(&place) {
            return Err(ConfigError::UnknownVariable {
                name,
                known: known(settings, Some(&place.0)),
                section: place.0,
            });
        }
        settings.insert(place, Setting { text, from: name });
    }
    Ok(())
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| item.as_str())
            .collect::<Option<Vec<_>>>()
            .map(|texts| texts.join(",")),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn known(settings: &Settings, section: Option<&str>) -> String {
    settings
        .keys()
        .filter(|(s, _)| section.is_none_or(|only| only == s))
        .map(|(s, k)| {
            if section.is_some() {
                k.clone()
            } else {
                format!("[{s}] {k}")
            }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (plain && url.has_host()).then_some(url)
}

/// What a machine calls itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether a `host[:port]` is one of those.
fn is_own_name(host: &str) -> bool {
    LOOPBACK.iter().any(|name| {
        let port = host.strip_prefix(name);
        port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

/// `host[:port]` as the Host header has it: the scheme's own port is left out.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

fn folder_url(folder: &Path) -> Result<String, ConfigError> {
    Url::from_directory_path(folder)
        .map(|url| url.to_string().trim_end_matches('/').to_owned())
        .map_err(|()| ConfigError::Value {
            from: "[data] dir".to_owned(),
            value: folder.display().to_string(),
            expected: "a folder a URL can be made of".to_owned(),
        })
}
