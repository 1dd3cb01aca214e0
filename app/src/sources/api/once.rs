//! A key that was made by a form without a script: its answer is a redirect, so the page that follows shows the key,
//! once. Meanwhile a cookie holds it that no script reads, that no other site's request carries, that only this very
//! host can set, and that ends with the page or after a minute.

use crate::entry::{Entered, cookie};
use axum::http::header::SET_COOKIE;

const SECONDS: u32 = 60;

fn name(on: &Entered) -> &'static str {
    match is_secure(on) {
        true => "__Host-sr360-new-key",
        false => "sr360-new-key",
    }
}

fn is_secure(on: &Entered) -> bool {
    on.backend.config.public_url.starts_with("https://")
}

fn set(on: &Entered, value: &str, seconds: u32) {
    let secure = if is_secure(on) { "; Secure" } else { "" };
    let name = name(on);
    on.append(
        SET_COOKIE,
        &format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"),
    );
}

/// For the page that follows; a page with scripts has the answer itself.
pub fn keep(on: &Entered, key: &str) {
    if on.is_form() {
        set(on, key, SECONDS);
    }
}

/// What the page is to show: gone once it was taken.
pub fn take(on: &Entered) -> Option<String> {
    let kept = cookie(name(on)).filter(|key| on.is_page() && !key.is_empty())?;
    set(on, "", 0);
    Some(kept)
}
