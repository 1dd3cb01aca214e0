//! What a form's answer leads to, and what forms have in common.

use crate::{errors, session::use_session};
use ::api::{ApiError, Code};
use i18n::{Locale, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};
use leptos_i18n::I18nContext;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use ui::{Button, ButtonKind, FormError, Size};

/// Goes to an address of ours without loading the document anew: for [`ui::QueryForm`].
pub fn use_go() -> Callback<String> {
    let navigate = use_navigate();
    Callback::new(move |address: String| navigate(&address, NavigateOptions::default()))
}

/// After an answer the page asks for the new state. A conflict means that another tab was faster: the page shows what
/// is now. An ended session shows sign-in in place.
pub fn refresh_after<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + 'static,
    changed: Callback<()>,
) {
    let session = use_session();
    Effect::new(move |_| match answer() {
        Some(Ok(_)) => changed.run(()),
        Some(Err(error)) => {
            session.notice(&error);
            if error.code == Code::Conflict {
                changed.run(());
            }
        }
        None => {}
    });
}

/// Why the last answer was none, in the reader's language.
pub fn failed<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    failed_in(errors::NO_WORDS, answer)
}

/// As [`failed`], with the words of the form's own pages.
pub fn failed_in<T: 'static>(
    words: errors::Words,
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    let i18n: I18nContext<Locale> = use_i18n();
    Signal::derive(move || {
        let error = answer().and_then(Result::err)?;
        Some(errors::message_in(words, i18n, &error))
    })
}

/// What is wrong with a form as a whole, and with each of its fields.
#[derive(Clone, Copy)]
pub struct Faults {
    words: errors::Words,
    error: Signal<Option<ApiError>>,
    i18n: I18nContext<Locale>,
}

pub fn faults<T: 'static>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Faults {
    faults_in(errors::NO_WORDS, answer)
}

/// As [`faults`], with the words of the form's own pages.
pub fn faults_in<T: 'static>(
    words: errors::Words,
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
) -> Faults {
    Faults {
        words,
        error: Signal::derive(move || answer().and_then(Result::err)),
        i18n: use_i18n(),
    }
}

impl Faults {
    /// What stands at no field.
    pub fn whole(self) -> Signal<Option<String>> {
        Signal::derive(move || {
            let error = self.error.get().filter(|e| e.fields.is_empty());
            error.map(|e| errors::message_in(self.words, self.i18n, &e))
        })
    }

    pub fn of(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let error = self.error.get();
            error.and_then(|e| errors::field_in(self.words, self.i18n, &e, field))
        })
    }
}

/// The end of a form: why it failed, and the button that sends it.
#[component]
pub fn Send(
    #[prop(into)] failed: Signal<Option<String>>,
    #[prop(into)] busy: Signal<bool>,
    kind: ButtonKind,
    test_id: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <FormError text=failed />
        <div>
            <Button kind type_="submit" busy attr:data-testid=test_id>
                {children()}
            </Button>
        </div>
    }
}

/// All of the form in a line of a list: which line it is about, and the button that does it.
#[component]
pub fn OnLine(
    #[prop(into)] failed: Signal<Option<String>>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(default = ButtonKind::Quiet)] kind: ButtonKind,
    id: String,
    /// What the button does.
    #[prop(into)]
    label: TextProp,
    /// To what: said to who does not see the line around it.
    #[prop(into)]
    named: String,
    test_id: &'static str,
) -> impl IntoView {
    let words = label.clone();
    view! {
        <FormError text=failed />
        <input type="hidden" name="id" value=id />
        <Button
            type_="submit"
            size=Size::Small
            kind
            busy
            attr:aria-label=move || format!("{}: {named}", label.get())
            attr:data-testid=test_id
        >
            {move || words.get()}
        </Button>
    }
}
