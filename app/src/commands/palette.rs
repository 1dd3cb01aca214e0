use super::{
    Commands,
    known::{Command, found},
};
use crate::{errors::use_tell, preferences, scope::use_scoped, session::parts::leave};
use i18n::{I18nLocaleTrait, t_string, use_i18n};
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use ui::{Dialog, Icon, IconName};

/// A line to type in, and below it what that may mean: arrows move, Enter chooses, Esc leaves all as it was.
#[component]
pub fn Palette(commands: Commands) -> impl IntoView {
    let i18n = use_i18n();
    let open = commands.palette;
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let all = Memo::new(move |_| text.with(|text| found(text, i18n.get_locale())));
    // Opened again it begins anew.
    Effect::new(move |_| {
        if open.get() {
            text.set(String::new());
            at.set(0);
        }
    });
    let run = use_run(commands);
    let choose = Callback::new(move |n: usize| {
        if let Some(command) = all.with_untracked(|all| all.get(n).copied()) {
            open.set(false);
            run.run(command);
        }
    });
    let list = NodeRef::<html::Ul>::new();
    let press = move |event: ev::KeyboardEvent| {
        // Enter also ends what an input method is composing.
        if event.is_composing() {
            return;
        }
        let (now, count) = (at.get_untracked(), all.with_untracked(Vec::len));
        let next = match event.key().as_str() {
            "ArrowDown" if count > 0 => (now + 1) % count,
            "ArrowUp" if count > 0 => (now + count - 1) % count,
            "Enter" => {
                event.prevent_default();
                choose.run(now);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        at.set(next);
    };
    // What is chosen stays in sight.
    Effect::new(move |_| {
        let at = at.get();
        if let Some(list) = list.get() {
            show(&list, at);
        }
    });
    let active = move || all.with(|all| (!all.is_empty()).then(|| option_id(at.get())));
    let options = move || {
        let locale = i18n.get_locale();
        let option = move |(n, command): (usize, Command)| {
            let lang = match command {
                Command::Language(locale) => Some(locale.as_str()),
                _ => None,
            };
            view! {
                <li
                    class="palette-option"
                    role="option"
                    id=option_id(n)
                    lang=lang
                    aria-selected=move || (at.get() == n).to_string()
                    on:click=move |_| choose.run(n)
                >
                    <Icon name=command.icon() />
                    <span>{command.label(locale)}</span>
                </li>
            }
        };
        all.get().into_iter().enumerate().map(option).collect_view()
    };
    let none = move || all.with(Vec::is_empty);
    view! {
        <Dialog id="palette" title=move || t_string!(i18n, commands.title) open>
            <div class="palette" data-testid="palette">
                <div class="palette-field">
                    <Icon name=IconName::Search />
                    <input
                        class="input"
                        type="text"
                        role="combobox"
                        autofocus
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        aria-label=move || t_string!(i18n, commands.title)
                        aria-expanded="true"
                        aria-controls="palette-options"
                        aria-autocomplete="list"
                        aria-activedescendant=active
                        placeholder=move || t_string!(i18n, commands.placeholder)
                        prop:value=move || text.get()
                        on:input=move |event| {
                            text.set(event_target_value(&event));
                            at.set(0);
                        }
                        on:keydown=press
                    />
                </div>
                <ul
                    class="palette-options"
                    role="listbox"
                    id="palette-options"
                    node_ref=list
                    aria-label=move || t_string!(i18n, commands.title)
                    hidden=none
                >
                    {options}
                </ul>
                <p class="palette-none" role="status">
                    {move || none().then(|| t_string!(i18n, commands.none).to_string())}
                </p>
            </div>
        </Dialog>
    }
}

fn option_id(n: usize) -> String {
    format!("palette-option-{n}")
}

/// Scrolls the list as far as it takes to see this one of its options.
fn show(list: &web_sys::HtmlUListElement, at: usize) {
    let option = document().get_element_by_id(&option_id(at));
    let option =
        option.and_then(|o| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(o).ok());
    if let Some(option) = option {
        let (top, bottom) = (
            option.offset_top(),
            option.offset_top() + option.offset_height(),
        );
        if top < list.scroll_top() {
            list.set_scroll_top(top);
        } else if bottom > list.scroll_top() + list.client_height() {
            list.set_scroll_top(bottom - list.client_height());
        }
    }
}

/// What does a command.
fn use_run(commands: Commands) -> Callback<Command> {
    let i18n = use_i18n();
    let scoped = use_scoped();
    let navigate = use_navigate();
    let tell = use_tell();
    Callback::new(move |command: Command| {
        if let Some(path) = command.path() {
            navigate(&scoped(path), NavigateOptions::default());
            return;
        }
        match command {
            Command::Theme(theme) => {
                commands.set_theme(theme);
                preferences::keep_theme(theme, tell);
            }
            Command::Language(locale) => {
                i18n.set_locale(locale);
                preferences::keep_language(locale, tell);
            }
            Command::Sidebar => commands.set_narrow(!commands.narrow.get_untracked()),
            Command::Shortcuts => commands.shortcuts.set(true),
            Command::SignOut => leave(tell),
            // Pages: opened above.
            Command::Dashboard
            | Command::Upload
            | Command::History
            | Command::Tables
            | Command::Quality
            | Command::Sources => {}
        }
    })
}
