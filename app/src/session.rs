//! Who is signed in, as the pages see it, and the pages to sign up and in.
//!
//! Guards here are courtesy: authority is in every server function.

pub mod api;
pub mod page;
pub mod parts;
pub mod words;

pub use page::{SignInPage, SignUpPage};

use ::api::{ApiError, Code, session::Viewer};
use leptos::prelude::*;

/// The state every page shares.
#[derive(Clone, Copy)]
pub struct Session {
    /// Nobody where absent.
    pub viewer: Resource<Result<Option<Viewer>, ApiError>>,
    /// The session ended while a page was open: sign-in is shown in place, over what was typed.
    pub ended: RwSignal<bool>,
    /// It ended and nobody signed in since, whether sign-in is shown or was closed.
    pub lost: RwSignal<bool>,
    /// Counts sign-ins in place: what failed for want of a session asks again.
    pub restored: RwSignal<u32>,
}

impl Session {
    /// A call came back without a session.
    pub fn end(self) {
        self.lost.set(true);
        self.ended.set(true);
    }

    /// Someone signed in again on the same page.
    pub fn restore(self) {
        self.ended.set(false);
        self.lost.set(false);
        self.restored.update(|n| *n += 1);
    }

    /// Looks whether an error means that the session ended.
    pub fn notice(self, error: &ApiError) {
        if error.code == Code::Unauthenticated {
            self.end();
        }
    }
}

pub fn provide_session() {
    provide_context(Session {
        viewer: Resource::new_blocking(|| (), |()| api::viewer()),
        ended: RwSignal::new(false),
        lost: RwSignal::new(false),
        restored: RwSignal::new(0),
    });
}

/// The state `App` provides. Outside of it (a part rendered alone in a test) there is nobody.
pub fn use_session() -> Session {
    use_context().unwrap_or_else(|| Session {
        viewer: Resource::new(|| (), async |()| Ok(None)),
        ended: RwSignal::new(false),
        lost: RwSignal::new(false),
        restored: RwSignal::new(0),
    })
}
