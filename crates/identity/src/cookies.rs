//! The two cookies, as header values. Both are HttpOnly and SameSite=Lax, for the whole site.

use crate::SignedIn;
use jiff::SignedDuration;

/// How the cookies are named and guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookies {
    secure: bool,
}

/// What a browser brought.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Presented<'a> {
    /// Absent once it has expired: then `refresh` gets a new one.
    pub access: Option<&'a str>,
    pub refresh: Option<&'a str>,
}

impl Cookies {
    /// Over https the names carry `__Host-`: browsers take such a cookie only over https and only for this very host,
    /// so no neighbouring site can plant one. Over http (a laptop) browsers refuse that prefix.
    pub fn new(public_url: &str) -> Self {
        Self {
            secure: public_url.starts_with("https://"),
        }
    }

    pub fn access_name(self) -> &'static str {
        if self.secure {
            "__Host-sr360-access"
        } else {
            "sr360-access"
        }
    }

    pub fn refresh_name(self) -> &'static str {
        if self.secure {
            "__Host-sr360-refresh"
        } else {
            "sr360-refresh"
        }
    }

    /// Two `Set-Cookie` values.
    pub fn set(self, signed_in: &SignedIn) -> [String; 2] {
        [
            self.cookie(
                self.access_name(),
                &signed_in.access,
                signed_in.access_lifetime,
            ),
            self.cookie(
                self.refresh_name(),
                &signed_in.refresh,
                signed_in.refresh_lifetime,
            ),
        ]
    }

    /// Two `Set-Cookie` values that take both cookies away.
    pub fn clear(self) -> [String; 2] {
        [self.access_name(), self.refresh_name()]
            .map(|name| self.cookie(name, "", SignedDuration::ZERO))
    }

    /// From the values of a request's `Cookie` headers. Of two of one name the first counts.
    pub fn read<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Presented<'a> {
        let mut presented = Presented::default();
        let pairs = headers
            .into_iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        for (name, value) in pairs {
            let place = if name == self.access_name() {
                &mut presented.access
            } else if name == self.refresh_name() {
                &mut presented.refresh
            } else {
                continue;
            };
            if !value.is_empty() {
                place.get_or_insert(value);
            }
        }
        presented
    }

    fn cookie(self, name: &str, value: &str, lifetime: SignedDuration) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!(
            "{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            lifetime.as_secs().max(0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secure_where_the_site_is() {
        let secure = Cookies::new("https://shop.example");
        assert_eq!(
            secure.cookie(secure.access_name(), "t", SignedDuration::from_mins(10)),
            "__Host-sr360-access=t; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            Cookies::new("http://127.0.0.1:3000").clear(),
            [
                "sr360-access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
                "sr360-refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
            ]
        );
    }

    #[test]
    fn reads_what_browsers_send() {
        let cookies = Cookies::new("https://shop.example");
        let presented = cookies.read([
            "theme=dark; __Host-sr360-access=a.b.c",
            "__Host-sr360-refresh=r==; __Host-sr360-access=second; sr360-refresh=planted; odd",
        ]);
        assert_eq!(presented.access, Some("a.b.c"));
        assert_eq!(presented.refresh, Some("r=="));
        let none = cookies.read(["sr360-access=planted; __Host-sr360-refresh="]);
        assert_eq!((none.access, none.refresh), (None, None));
    }
}
