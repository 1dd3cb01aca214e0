//! The native half of a server function: who calls, with which context, and how an answer leaves.

use crate::preferences;
use ::api::{ApiError, Code, Moment, session::Theme};
use access::{Ctx, Denied};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use backend::{Backend, identity::Session};
use i18n::{I18nLocaleTrait, LOCALE_COOKIE, Locale, td_string};
use jiff::{Timestamp, tz::TimeZone};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use std::{fmt::Display, sync::Arc};
use types::Day;

/// Makes the backend and who is signed in known to what the server renders or runs for one request.
pub fn provide(backend: Arc<Backend>, session: Option<Session>) {
    provide_context(backend);
    if let Some(session) = session {
        provide_context(session);
    }
}

/// What a server function works with.
pub struct Entered {
    pub backend: Arc<Backend>,
    pub session: Session,
    pub ctx: Ctx,
    answer: Answer,
}

impl Entered {
    /// Converts what the domain returned. Errors are logged here, once, with the id the person sees.
    pub fn answer<T, U, E: IntoApi>(
        &self,
        result: Result<T, E>,
        convert: impl FnOnce(T) -> U,
    ) -> Result<U, ApiError> {
        result
            .map(convert)
            .map_err(|e| self.answer.refuse(&self.backend, e))
    }

    /// As `answer`, for a part of what is answered: its failure is told in its place, and the rest arrives.
    pub fn part<T, U, E: IntoApi>(
        &self,
        result: Result<T, E>,
        convert: impl FnOnce(T) -> U,
    ) -> Result<U, ApiError> {
        result
            .map(convert)
            .map_err(|e| self.answer.explain(&self.backend, e))
    }

    /// A header of the reply, such as a cookie.
    pub fn append(&self, name: HeaderName, value: &str) {
        self.answer.append(name, value);
    }

    /// Asked by a form without a script: a redirect follows, not the answer.
    pub fn is_form(&self) -> bool {
        self.answer.is_form
    }

    /// Asked while a page is rendered.
    pub fn is_page(&self) -> bool {
        !self.answer.is_call
    }
}

/// For what anybody may call.
pub struct Opened {
    pub backend: Arc<Backend>,
    pub session: Option<Session>,
    answer: Answer,
}

impl Opened {
    pub fn answer<T, U, E: IntoApi>(
        &self,
        result: Result<T, E>,
        convert: impl FnOnce(T) -> U,
    ) -> Result<U, ApiError> {
        result
            .map(convert)
            .map_err(|e| self.answer.refuse(&self.backend, e))
    }

    /// A header of the reply, such as a cookie.
    pub fn append(&self, name: HeaderName, value: &str) {
        self.answer.append(name, value);
    }

    /// Sends a plain form on to `path`; in a page with WASM the page goes there itself.
    pub fn go_on(&self, path: &str) {
        if self.answer.is_form {
            leptos_axum::redirect(path);
        }
    }

    /// A request header as text.
    pub fn header(&self, name: HeaderName) -> String {
        use_context::<Parts>()
            .and_then(|p| p.headers.get(name)?.to_str().ok().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Authenticated: the middleware found a session, and the calls below authorise with its context.
pub fn enter(endpoint: &'static str) -> Result<Entered, ApiError> {
    let opened = open(endpoint)?;
    let Some(session) = opened.session else {
        let error = ApiError::of(Code::Unauthenticated);
        opened.answer.set_status(&error);
        return Err(error);
    };
    let ctx = opened.backend.ctx(&session);
    Ok(Entered {
        backend: opened.backend,
        session,
        ctx,
        answer: opened.answer,
    })
}

/// As [`enter`], for what works without a session.
pub fn open(endpoint: &'static str) -> Result<Opened, ApiError> {
    let answer = Answer::of_request(endpoint);
    let Some(backend) = use_context::<Arc<Backend>>() else {
        tracing::error!(endpoint, "no backend in the request's context");
        let error = ApiError::of(Code::Internal);
        answer.set_status(&error);
        return Err(error);
    };
    Ok(Opened {
        backend,
        session: use_context::<Session>(),
        answer,
    })
}

/// How an error leaves: the one place that sets a status.
struct Answer {
    endpoint: &'static str,
    options: Option<ResponseOptions>,
    /// A call to `/api`, not the rendering of a page.
    is_call: bool,
    /// A plain form: it is redirected, with the error in the URL.
    is_form: bool,
}

impl Answer {
    fn of_request(endpoint: &'static str) -> Self {
        let parts = use_context::<Parts>();
        let is_call = parts
            .as_ref()
            .is_some_and(|p| p.uri.path().starts_with("/api/"));
        let accepts_html = parts.as_ref().is_some_and(|p| {
            let accept = p.headers.get(header::ACCEPT).and_then(|a| a.to_str().ok());
            accept.is_some_and(|a| a.contains("text/html"))
        });
        Self {
            endpoint,
            options: use_context(),
            is_call,
            is_form: is_call && accepts_html,
        }
    }

    fn append(&self, name: HeaderName, value: &str) {
        if let (Some(options), Ok(value)) = (&self.options, HeaderValue::from_str(value)) {
            options.append_header(name, value);
        }
    }

    fn refuse<E: IntoApi>(&self, backend: &Backend, error: E) -> ApiError {
        let error = self.explain(backend, error);
        self.set_status(&error);
        error
    }

    fn explain<E: IntoApi>(&self, backend: &Backend, error: E) -> ApiError {
        let cause = error.to_string();
        let mut error = error.into_api();
        if matches!(error.code, Code::Internal | Code::Unavailable) {
            let id: [u8; 6] = backend.randomness.bytes();
            let id = id.iter().map(|b| format!("{b:02x}")).collect::<String>();
            tracing::error!(endpoint = self.endpoint, error.id = %id, error = %cause, "request failed");
            error.id = Some(id);
        } else {
            tracing::debug!(endpoint = self.endpoint, error = %cause, "request refused");
        }
        error
    }

    fn set_status(&self, error: &ApiError) {
        // A page with a part that failed is still a page; one whose subject is missing is not.
        let applies = if self.is_call {
            !self.is_form
        } else {
            error.code == Code::NotFound
        };
        if let (true, Some(options)) = (applies, &self.options)
            && let Ok(status) = StatusCode::from_u16(error.code.status())
        {
            options.set_status(status);
        }
    }
}

/// A domain error as the wire carries it: what a person can act on, and nothing of the inside.
pub trait IntoApi: Display {
    fn into_api(self) -> ApiError;
}

impl IntoApi for ApiError {
    fn into_api(self) -> ApiError {
        self
    }
}

impl IntoApi for Denied {
    fn into_api(self) -> ApiError {
        ApiError::of(Code::Forbidden)
    }
}

impl IntoApi for backend::storage::StorageError {
    fn into_api(self) -> ApiError {
        (&self).into_api()
    }
}

impl IntoApi for &backend::storage::StorageError {
    fn into_api(self) -> ApiError {
        match self {
            error if error.is_transient() => ApiError::of(Code::Unavailable),
            backend::storage::StorageError::NotFound => ApiError::of(Code::NotFound),
            _ => ApiError::of(Code::Internal),
        }
    }
}

/// The page that was asked for does not exist.
pub fn page_not_found() {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(StatusCode::NOT_FOUND);
    }
}

/// The theme the request's cookie names.
pub fn theme() -> Theme {
    cookie(Theme::COOKIE)
        .map(|value| Theme::read(&value))
        .unwrap_or_default()
}

/// Whether the request's cookie wants a navigation of icons alone.
pub fn is_narrow() -> bool {
    cookie(preferences::SIDEBAR).is_some_and(|value| value == preferences::NARROW)
}

/// What the request's cookie of this name says. Of two of one name the first counts.
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let lines = parts.headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

/// The language a request asks for: its cookie's, else the first its browser accepts, else English.
pub fn language(headers: &HeaderMap) -> Locale {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let chosen = text(header::COOKIE)
        .into_iter()
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == LOCALE_COOKIE)
        .and_then(|(_, value)| known_language(value));
    chosen.unwrap_or_else(|| Locale::find_locale(&accepted(text(header::ACCEPT_LANGUAGE))))
}

pub fn known_language(text: &str) -> Option<Locale> {
    Locale::get_all()
        .iter()
        .copied()
        .find(|l| l.as_str() == text)
}

/// `es-MX,es;q=0.9,en;q=0.5`, the best liked first; what is not wanted at all (`q=0`) is left out.
fn accepted(header: Option<&str>) -> Vec<&str> {
    let mut wanted: Vec<(&str, f32)> = header
        .into_iter()
        .flat_map(|text| text.split(','))
        .filter_map(|one| {
            let (tag, liking) = one.split_once(';').unwrap_or((one, "q=1"));
            let liking = liking.trim().strip_prefix("q=")?.parse().ok()?;
            Some((tag.trim(), liking))
        })
        .filter(|(_, liking)| *liking > 0.0)
        .collect();
    wanted.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    wanted.into_iter().map(|(tag, _)| tag).collect()
}

/// For a person whose browser asked for a name the server does not go by.
pub fn not_our_name(headers: &HeaderMap) -> &'static str {
    td_string!(language(headers), errors.not_our_name)
}

/// A moment in the tenant's timezone.
pub fn moment(at: Timestamp, zone: &TimeZone) -> Moment {
    let local = zone.to_datetime(at);
    Moment {
        day: Day::from_date(local.date()),
        time: format!("{:02}:{:02}", local.hour(), local.minute()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_shops_own_time() {
        let at: Timestamp = "2026-03-02T23:30:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(
            moment(at, &zone),
            Moment {
                day: "2026-03-03".parse().unwrap(),
                time: "01:30".to_owned()
            }
        );
    }

    #[test]
    fn a_request_says_its_language() {
        let asked = |cookie: &str, accepts: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accepts.parse().unwrap());
            language(&headers)
        };
        assert_eq!(asked("a=b; lang=ar", "es"), Locale::ar);
        assert_eq!(asked("lang=ar; Path=/", "es"), Locale::ar);
        assert_eq!(asked("lang=xx", "es-MX,es;q=0.9,en;q=0.8"), Locale::es);
        assert_eq!(asked("", "en;q=0.3, de, zh-CN;q=0.7"), Locale::zh);
        assert_eq!(asked("", "es;q=0, de"), Locale::en);
        assert_eq!(language(&HeaderMap::new()), Locale::en);
    }

    #[test]
    fn only_languages_there_are() {
        assert_eq!(known_language("ar"), Some(Locale::ar));
        assert_eq!(known_language("ar; Path=/"), None);
    }

    #[test]
    fn without_a_request_nobody_enters() {
        Owner::new().with(|| {
            let refused = enter("dashboard/figures").map(|_| ()).unwrap_err();
            assert_eq!(refused.code, Code::Internal);
            assert_eq!(theme(), Theme::System);
        });
    }
}
