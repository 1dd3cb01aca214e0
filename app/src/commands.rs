//! What can be done from every page by keyboard: finding a page or an action, and seeing which keys there are.
//!
//! Here is what the frame of every page holds: the keys and a place. The dialogs are a file of their own, fetched when
//! one of them is first opened.

mod find;
mod known;
mod palette;
mod shortcuts;

use crate::{browser, errors::use_tell};
use ::api::{ApiError, Code, session::Theme};
use leptos::{
    ev,
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};
use palette::Palette;
use shortcuts::Shortcuts;

/// Which dialogs are open, and what both they and the frame change.
#[derive(Clone, Copy)]
pub struct Commands {
    pub palette: RwSignal<bool>,
    pub shortcuts: RwSignal<bool>,
    pub theme: RwSignal<Theme>,
    /// The navigation is of icons alone.
    pub narrow: RwSignal<bool>,
}

/// Once, in the frame of a page.
pub fn provide_commands() -> Commands {
    let commands = Commands {
        palette: RwSignal::new(false),
        shortcuts: RwSignal::new(false),
        theme: RwSignal::new(browser::theme()),
        narrow: RwSignal::new(browser::is_narrow()),
    };
    provide_context(commands);
    // Effects run in the browser only.
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| commands.press(&event));
        on_cleanup(move || keys.remove());
    });
    commands
}

impl Commands {
    pub fn set_theme(self, theme: Theme) {
        self.theme.set(theme);
        browser::set_theme(theme);
    }

    pub fn set_narrow(self, narrow: bool) {
        self.narrow.set(narrow);
        browser::set_narrow(narrow);
    }

    fn press(self, event: &ev::KeyboardEvent) {
        let Some(wanted) = wanted(event) else {
            return;
        };
        let open = match wanted {
            Wanted::Palette => self.palette,
            Wanted::Shortcuts => self.shortcuts,
        };
        if browser::has_dialog() {
            // The palette's key closes it too; another dialog asks something, and is answered first.
            if wanted == Wanted::Palette && open.get_untracked() {
                event.prevent_default();
                open.set(false);
            }
            return;
        }
        event.prevent_default();
        open.set(true);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Palette,
    Shortcuts,
}

fn wanted(event: &ev::KeyboardEvent) -> Option<Wanted> {
    let key = event.key();
    let command = event.ctrl_key() || event.meta_key();
    if event.alt_key() || event.is_composing() {
        return None;
    }
    // Where the letter is no Latin one, the key at its place counts.
    let is_k = key.eq_ignore_ascii_case("k") || (!key.is_ascii() && event.code() == "KeyK");
    if command {
        return (is_k && !event.shift_key()).then_some(Wanted::Palette);
    }
    let asks = matches!(key.as_str(), "?" | "؟" | "？");
    (asks && !browser::is_typing(event)).then_some(Wanted::Shortcuts)
}

/// A place for the dialogs, empty until one is first opened.
#[component]
pub fn CommandDialogs(commands: Commands) -> impl IntoView {
    let tell = use_tell();
    let needed = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = commands.palette.get() || commands.shortcuts.get();
        // Once: said again it would make the dialogs anew, under the hands of who uses them.
        if wanted && !needed.get_untracked() {
            needed.set(true);
        }
    });
    // Without a connection nothing opens; the next time it is tried again.
    let not_there = move || {
        commands.palette.set(false);
        commands.shortcuts.set(false);
        needed.set(false);
        tell(&ApiError::of(Code::Network));
        ().into_any()
    };
    move || {
        needed.get().then(|| {
            let dialogs = async move {
                let fetched = command_dialogs(commands).await;
                fetched.unwrap_or_else(|_| not_there())
            };
            view! { <Suspense>{Suspend::new(dialogs)}</Suspense> }
        })
    }
}

// As `#[lazy]` makes of the pages, but that it says so where the file cannot be fetched.
#[wasm_split(command_dialogs, wasm_split_path = leptos::wasm_split, fallible)]
fn command_dialogs(commands: Commands) -> Result<AnyView, SplitLoaderError> {
    let dialogs = view! {
        <Palette commands />
        <Shortcuts open=commands.shortcuts />
    };
    Ok(dialogs.into_any())
}
