use serde::{Deserialize, Serialize};
use types::{Currency, UserId};

/// Who looks at the page. What they may do is decided by the server with each call; this only decides
/// what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub tenant_name: String,
    pub tenant_slug: String,
    /// The tenant is the labelled sample store.
    pub is_sample: bool,
    pub currency: Currency,
    /// IANA name.
    pub timezone: String,
    pub role: RoleView,
    /// Bytes of the largest upload that is taken.
    pub upload_max_bytes: u64,
    /// Last event known when the page was made: where the live connection goes on from.
    pub live_seq: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    TenantAdmin,
    Analyst,
}

/// How the page looks: kept in a cookie, so that the first byte of a page is already right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
    /// As the device is set.
    #[default]
    System,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];
    pub const COOKIE: &'static str = "theme";

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// Anything unknown is `System`.
    pub fn read(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|t| t.as_str() == text)
            .unwrap_or_default()
    }
}

/// Where a page may send someone after sign-in: a path of ours, never another site.
///
/// Browsers read `/\host` and `//host` as another host, and drop tabs and line ends before they read.
pub fn safe_next(next: &str) -> &str {
    let own = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && !next.chars().any(|c| c.is_control() || c == '\\');
    if own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_never_leaves_the_site() {
        for good in ["/", "/uploads", "/uploads/1?period=last7&compare=none"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "uploads",
            "/a\r\nSet-Cookie: x=y",
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn themes_round_trip() {
        for theme in Theme::ALL {
            assert_eq!(Theme::read(theme.as_str()), theme);
        }
        assert_eq!(Theme::read("neon"), Theme::System);
    }
}
