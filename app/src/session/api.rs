use api::{ApiError, Json, session::Viewer};
use leptos::prelude::*;

/// Who is signed in, for what the pages show. Nobody is no failure.
#[server(name = ReadViewer, endpoint = "session/viewer", output = Json)]
pub async fn viewer() -> Result<Option<Viewer>, ApiError> {
    let on = crate::entry::open("session/viewer")?;
    let found = native::viewer(&on).await;
    on.answer(found, |viewer| viewer)
}

/// Returns the path to go on to.
#[server(endpoint = "session/sign-in", output = Json)]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<String, ApiError> {
    let on = crate::entry::open("session/sign-in")?;
    let signed_in = native::sign_in(&on, &email, &password).await;
    on.answer(signed_in, |person| native::welcome(&on, &person, &next))
}

/// A new shop and its first user. Returns the path to go on to.
#[server(endpoint = "session/sign-up", output = Json)]
pub async fn sign_up(
    shop: String,
    name: String,
    email: String,
    password: String,
    #[server(default)] currency: String,
    #[server(default)] timezone: String,
    #[server(default)] token: String,
) -> Result<String, ApiError> {
    let on = crate::entry::open("session/sign-up")?;
    let form = native::Form {
        shop,
        name,
        email,
        password,
        currency,
        timezone,
        token,
    };
    let signed_up = native::sign_up(&on, form).await;
    on.answer(signed_up, |person| native::welcome(&on, &person, "/"))
}

#[server(endpoint = "session/sign-out", output = Json)]
pub async fn sign_out() -> Result<(), ApiError> {
    let on = crate::entry::open("session/sign-out")?;
    let signed_out = native::sign_out(&on).await;
    on.answer(signed_out, |()| native::farewell(&on))
}

/// Interface language: kept on this device, and with the user where someone is signed in.
#[server(endpoint = "preferences/language", output = Json)]
pub async fn set_language(language: String) -> Result<(), ApiError> {
    let on = crate::entry::open("preferences/language")?;
    let kept = native::keep_language(&on, &language).await;
    on.answer(kept, |()| ())
}

#[server(endpoint = "preferences/theme", output = Json)]
pub async fn set_theme(theme: String) -> Result<(), ApiError> {
    let on = crate::entry::open("preferences/theme")?;
    let kept = native::keep_theme(&on, &theme).await;
    on.answer(kept, |()| ())
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::{
        entry::{IntoApi, Opened, known_language},
        preferences,
    };
    use access::Role;
    use api::{
        ApiError, Code,
        session::{RoleView, Theme, Viewer, safe_next},
    };
    use axum::http::{header, request::Parts};
    use backend::{
        identity::{self, Client, IdentityError, SignUp},
        storage::StorageError,
    };
    use i18n::{I18nLocaleTrait, LOCALE_COOKIE};
    use leptos::prelude::use_context;
    use std::net::{IpAddr, Ipv4Addr};
    use types::Currency;

    impl IntoApi for IdentityError {
        fn into_api(self) -> ApiError {
            let code = match &self {
                Self::Invalid(_) | Self::WrongCredentials => Code::Invalid,
                Self::TooManyAttempts { .. } => Code::TooMany,
                Self::Unauthenticated => Code::Unauthenticated,
                Self::UnknownUser => Code::NotFound,
                Self::Denied(_) => Code::Forbidden,
                Self::Storage(error) if error.is_transient() => Code::Unavailable,
                _ => Code::Internal,
            };
            let mut error = ApiError::new(code, self.key());
            for problem in self.problems() {
                error = error.on_field(problem.field, problem.key);
            }
            match self {
                Self::TooManyAttempts { retry_after } => {
                    error.with("seconds", retry_after.as_secs())
                }
                _ => error,
            }
        }
    }

    /// Someone whose session has just begun, and how they like the pages.
    pub struct Person {
        signed_in: identity::SignedIn,
        locale: Option<String>,
        theme: Option<String>,
    }

    fn client(on: &Opened) -> Client {
        let address = use_context::<Parts>().and_then(|p| p.extensions.get::<IpAddr>().copied());
        Client {
            address: address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            user_agent: on.header(header::USER_AGENT),
        }
    }

    pub async fn viewer(on: &Opened) -> Result<Option<Viewer>, StorageError> {
        let Some(session) = &on.session else {
            return Ok(None);
        };
        let ctx = on.backend.ctx(session);
        let mut tx = on.backend.storage.platform_read(&on.backend.clock).await?;
        let user = tx.user_by_id(session.user).await?;
        tx.commit().await?;
        let Some(user) = user else {
            return Ok(None);
        };
        let mut tx = on.backend.storage.tenant_read(&ctx).await?;
        let tenant = tx.own_tenant().await?;
        let live_seq = tx.last_event_seq().await?;
        tx.commit().await?;
        Ok(Some(Viewer {
            user: user.id,
            name: user.name,
            email: user.email,
            tenant_name: tenant.name,
            tenant_slug: tenant.slug,
            is_sample: tenant.is_sample,
            currency: tenant.currency,
            timezone: tenant.timezone,
            role: match session.role {
                Role::TenantAdmin => RoleView::TenantAdmin,
                Role::Analyst => RoleView::Analyst,
            },
            upload_max_bytes: on.backend.config.upload_max_bytes,
            live_seq,
        }))
    }

    pub async fn sign_in(
        on: &Opened,
        email: &str,
        password: &str,
    ) -> Result<Person, IdentityError> {
        let signed_in = on
            .backend
            .identity
            .sign_in(email, password, &client(on))
            .await?;
        let mut tx = on.backend.storage.platform_read(&on.backend.clock).await?;
        let user = tx.user_by_id(signed_in.session.user).await?;
        tx.commit().await?;
        Ok(Person {
            signed_in,
            locale: user.as_ref().and_then(|u| u.locale.clone()),
            theme: user.and_then(|u| u.theme),
        })
    }

    pub struct Form {
        pub shop: String,
        pub name: String,
        pub email: String,
        pub password: String,
        pub currency: String,
        pub timezone: String,
        pub token: String,
    }

    /// What can go wrong with a sign-up: its currency, which only this form reads as text, or the rest.
    #[derive(Debug)]
    pub enum Refused {
        Currency,
        Identity(IdentityError),
    }

    impl std::fmt::Display for Refused {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self {
                Self::Currency => f.write_str("not a currency"),
                Self::Identity(error) => error.fmt(f),
            }
        }
    }

    impl IntoApi for Refused {
        fn into_api(self) -> ApiError {
            match self {
                Self::Currency => ApiError::new(Code::Invalid, "currency_invalid")
                    .on_field("currency", "currency_invalid"),
                Self::Identity(error) => error.into_api(),
            }
        }
    }

    pub async fn sign_up(on: &Opened, form: Form) -> Result<Person, Refused> {
        let currency = match form.currency.as_str() {
            "" => Currency::EUR,
            text => text.parse().map_err(|_| Refused::Currency)?,
        };
        let new = SignUp {
            shop: form.shop,
            name: form.name,
            email: form.email,
            password: form.password,
            currency,
            timezone: if form.timezone.is_empty() {
                "UTC".to_owned()
            } else {
                form.timezone
            },
            locale: language(),
            first_admin_token: (!form.token.is_empty()).then_some(form.token),
        };
        let signed_in = on.backend.identity.sign_up(&new, &client(on)).await;
        Ok(Person {
            signed_in: signed_in.map_err(Refused::Identity)?,
            locale: None,
            theme: None,
        })
    }

    /// The language the form was read in.
    fn language() -> String {
        let headers = use_context::<Parts>().map(|parts| parts.headers);
        crate::entry::language(&headers.unwrap_or_default())
            .as_str()
            .to_owned()
    }

    /// Gives the browser its cookies; returns the path to go on to, where a plain form is sent at once.
    pub fn welcome(on: &Opened, person: &Person, next: &str) -> String {
        for cookie in on.backend.identity.cookies().set(&person.signed_in) {
            on.append(header::SET_COOKIE, &cookie);
        }
        if let Some(locale) = person.locale.as_deref().and_then(known_language) {
            on.append(
                header::SET_COOKIE,
                &preferences::cookie(LOCALE_COOKIE, locale.as_str()),
            );
        }
        if let Some(theme) = person.theme.as_deref().map(Theme::read) {
            on.append(
                header::SET_COOKIE,
                &preferences::cookie(Theme::COOKIE, theme.as_str()),
            );
        }
        let next = safe_next(next).to_owned();
        on.go_on(&next);
        next
    }

    pub async fn sign_out(on: &Opened) -> Result<(), IdentityError> {
        let cookies = on.header(header::COOKIE);
        let presented = on.backend.identity.presented([cookies.as_str()]);
        on.backend
            .identity
            .sign_out(presented.access, presented.refresh)
            .await
    }

    pub fn farewell(on: &Opened) {
        for cookie in on.backend.identity.cookies().clear() {
            on.append(header::SET_COOKIE, &cookie);
        }
        on.go_on("/sign-in");
    }

    pub async fn keep_language(on: &Opened, language: &str) -> Result<(), NotKept> {
        let Some(locale) = known_language(language) else {
            return Err(NotKept::Invalid);
        };
        on.append(
            header::SET_COOKIE,
            &preferences::cookie(LOCALE_COOKIE, locale.as_str()),
        );
        keep(on, Some(locale.as_str()), None).await
    }

    pub async fn keep_theme(on: &Opened, theme: &str) -> Result<(), NotKept> {
        let theme = Theme::read(theme).as_str();
        on.append(
            header::SET_COOKIE,
            &preferences::cookie(Theme::COOKIE, theme),
        );
        keep(on, None, Some(theme)).await
    }

    async fn keep(on: &Opened, locale: Option<&str>, theme: Option<&str>) -> Result<(), NotKept> {
        let Some(session) = &on.session else {
            return Ok(());
        };
        let mut tx = on.backend.storage.platform(&on.backend.clock).await?;
        tx.set_preferences(session.user, locale, theme).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A preference that does not exist, or a database that does not answer.
    #[derive(Debug)]
    pub enum NotKept {
        Invalid,
        Storage(StorageError),
    }

    impl From<StorageError> for NotKept {
        fn from(error: StorageError) -> Self {
            Self::Storage(error)
        }
    }

    impl std::fmt::Display for NotKept {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self {
                Self::Invalid => f.write_str("no such preference"),
                Self::Storage(error) => error.fmt(f),
            }
        }
    }

    impl IntoApi for NotKept {
        fn into_api(self) -> ApiError {
            match self {
                Self::Invalid => ApiError::of(Code::Invalid),
                Self::Storage(error) => error.into_api(),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn wrong_password_and_unknown_address_read_the_same() {
            let error = IdentityError::WrongCredentials.into_api();
            assert_eq!(error.key, "wrong_email_or_password");
            assert!(error.fields.is_empty());
        }

        #[test]
        fn each_field_says_its_own() {
            let error = IdentityError::Invalid(vec![
                identity::Problem {
                    field: "email",
                    key: "email_invalid",
                },
                identity::Problem {
                    field: "password",
                    key: "password_too_short",
                },
            ])
            .into_api();
            assert_eq!(error.code.status(), 422);
            assert_eq!(error.fields["password"], "password_too_short");
        }
    }
}
