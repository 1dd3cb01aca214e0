//! The HTML document around the app. Native only: the browser takes over its body.

use crate::{App, entry, preferences};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

/// The document. The theme and the width of the navigation stand in the first byte (from their cookies), so nothing
/// flashes; language and direction are set by `i18n::Provider`.
pub fn shell(options: LeptosOptions) -> impl IntoView + use<> {
    view! {
        <!DOCTYPE html>
        <html data-theme=entry::theme().as_str() data-sidebar=entry::is_narrow().then_some(preferences::NARROW)>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfbfc" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1014" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <HashedStylesheet options=options.clone() id="leptos" />
                <script type="module" src="/js/charts.js" nonce=use_nonce()></script>
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
