use server::config::{Config, ConfigError, DEFAULTS};
use std::path::Path;
use std::time::Duration;

fn read(file: Option<&str>, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(
        file.map(|text| ("Leptos.toml", text)),
        environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        Path::new("/srv/shop"),
    )
}

fn refused(file: Option<&str>, environment: &[(&str, &str)]) -> String {
    let line = read(file, environment).unwrap_err().to_string();
    assert!(!line.contains('\n'), "one line: {line}");
    line
}

#[test]
fn without_a_file_everything_has_a_value() {
    let config = read(None, &[]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.origin(), "http://127.0.0.1:3000");
    assert_eq!(
        config.database_url,
        "sqlite:/srv/shop/data/smartretail360.db"
    );
    assert_eq!(config.lake_url, "file:///srv/shop/data/lake");
    assert_eq!(config.data_dir, Path::new("/srv/shop/data"));
    assert_eq!(config.timeout, Duration::from_secs(30));
    assert_eq!(config.pepper, None);
    assert!(config.hosts.contains(&"localhost:3000".to_owned()));
    assert_eq!(&*config.leptos.output_name, "smartretail360");
}

#[test]
fn the_file_changes_defaults_and_the_environment_changes_the_file() {
    let file = "[server]\naddr = \"0.0.0.0:80\"\npublic_url = \"https://shop.example\"\n[uploads]\nmax_bytes = 5\n";
    let config = read(
        Some(file),
        &[("SR360_UPLOADS_MAX_BYTES", "7"), ("SR360_CACHE", "/x")],
    )
    .unwrap();
    assert_eq!(config.addr.to_string(), "0.0.0.0:80");
    assert_eq!(config.origin(), "https://shop.example");
    assert!(config.is_https());
    assert_eq!(config.upload_max_bytes, 7);
    // Not listening on loopback: only the public name is ours.
    assert_eq!(config.hosts, ["shop.example"]);
}

#[test]
fn a_server_on_every_address_is_opened_by_localhost() {
    for addr in ["0.0.0.0:8080", "[::]:8080"] {
        let config = read(None, &[("SR360_SERVER_ADDR", addr)]).unwrap();
        assert_eq!(config.page("/"), "http://localhost:8080/");
        for name in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(config.hosts.contains(&name.to_owned()), "{addr}: {name}");
        }
        assert!(config.is_nameless(), "others have no name for it yet");
    }
    let port_80 = read(None, &[("SR360_SERVER_ADDR", "0.0.0.0:80")]).unwrap();
    assert!(port_80.hosts.contains(&"localhost".to_owned()));
    let named = [
        ("SR360_SERVER_ADDR", "0.0.0.0:8080"),
        ("SR360_SERVER_HOSTS", "till.lan:8080"),
    ];
    assert!(!read(None, &named).unwrap().is_nameless());
    assert!(!read(None, &[]).unwrap().is_nameless());
}

#[test]
fn every_key_can_be_set_by_the_environment() {
    for (name, value) in [
        ("SR360_SERVER_ADDR", "127.0.0.1:1"),
        ("SR360_SERVER_PUBLIC_URL", "http://a.example"),
        ("SR360_SERVER_HOSTS", "b.example,c.example:8080"),
        ("SR360_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("SR360_SERVER_TIMEOUT_SECONDS", "5"),
        ("SR360_SERVER_DRAIN_SECONDS", "5"),
        ("SR360_DATABASE_URL", "postgres://u@h/d"),
        ("SR360_LAKE_URL", "file:///lake"),
        ("SR360_DATA_DIR", "/data"),
        ("SR360_UPLOADS_MAX_BYTES", "1"),
        ("SR360_WORKER_CONCURRENCY", "1"),
        ("SR360_WORKER_LEASE_SECONDS", "5"),
        ("SR360_IDENTITY_PEPPER", "sixteen characters or more"),
        ("SR360_LOG_LEVEL", "debug,sqlx=warn"),
        ("SR360_LOG_FORMAT", "json"),
    ] {
        assert!(read(None, &[(name, value)]).is_ok(), "{name}={value}");
    }
}

#[test]
fn a_wrong_value_is_one_clear_line() {
    for (name, value, says) in [
        (
            "SR360_SERVER_ADDR",
            "here",
            "SR360_SERVER_ADDR: `here` is not an address like 127.0.0.1:3000",
        ),
        (
            "SR360_SERVER_PUBLIC_URL",
            "shop.example",
            "is not an origin like",
        ),
        (
            "SR360_SERVER_PUBLIC_URL",
            "https://shop.example/path",
            "is not an origin like",
        ),
        (
            "SR360_SERVER_TRUSTED_PROXIES",
            "10.0.0.0/99",
            "is not a list of networks",
        ),
        (
            "SR360_SERVER_TIMEOUT_SECONDS",
            "0",
            "is not a number of seconds",
        ),
        (
            "SR360_DATABASE_URL",
            "mysql://x",
            "is not sqlite:PATH or postgres://",
        ),
        ("SR360_LAKE_URL", "s3://bucket", "is not file:///"),
        ("SR360_DATA_DIR", "", "is not a folder"),
        (
            "SR360_UPLOADS_MAX_BYTES",
            "much",
            "is not a number of bytes",
        ),
        (
            "SR360_WORKER_CONCURRENCY",
            "0",
            "is not a number from 1 to 64",
        ),
        ("SR360_WATCH_ROOTS", "exports", "is not a list of folders"),
        ("SR360_LOG_LEVEL", "sqlx=loud", "is not a log level"),
        ("SR360_LOG_FORMAT", "xml", "is not text or json"),
        (
            "SR360_SERVER_PORT",
            "80",
            "there is no such key; the keys of [server] are: addr,",
        ),
        (
            "SR360_DATABSE_URL",
            "postgres://u@h/d",
            "it names no section; the sections are: data, database, identity, lake,",
        ),
        ("SR360_SERVER", "x", "there is no such key"),
        ("SR360_SHARED", "x", "it names no section"),
    ] {
        let line = refused(None, &[(name, value)]);
        assert!(line.contains(says), "{line}");
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn what_is_the_scripts_own_is_left_alone() {
    for name in [
        "SR360_CACHE",
        "SR360_SHARED_DATA",
        "SR360_BINARY",
        "SR360_CHROMIUM",
        "SR360_TEST_SEED",
        "SR360_TEST_POSTGRES_URL",
    ] {
        assert!(read(None, &[(name, "x")]).is_ok(), "{name}");
    }
}

#[test]
fn a_short_secret_is_refused_and_not_repeated() {
    let line = refused(None, &[("SR360_IDENTITY_PEPPER", "hunter2")]);
    assert!(line.contains("at least 16 characters"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn a_wrong_file_is_one_clear_line() {
    for (file, says) in [
        ("[server]\nport = 80\n", "there is no key `[server] port`"),
        ("[serve]\naddr = \"x\"\n", "there is no key `[serve] addr`"),
        ("addr = \"x\"\n", "there is no key `addr`"),
        ("[server]\naddr = 1.5\n", "`1.5` is not a text, a number"),
        ("[server\n", "Leptos.toml: line 1:"),
    ] {
        let line = refused(Some(file), &[]);
        assert!(line.contains(says), "{line}");
    }
}

#[test]
fn the_block_of_leptos_is_the_same_in_both_files() {
    let block = |text: &str| {
        let start = text.find("[[workspace.metadata.leptos]]").unwrap();
        let table: toml::Table = text[start..].parse().unwrap();
        table["workspace"]["metadata"]["leptos"].clone()
    };
    let manifest = include_str!("../../../Cargo.toml");
    assert_eq!(block(DEFAULTS), block(manifest));
}
