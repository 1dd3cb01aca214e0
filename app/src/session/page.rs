use super::{parts::SignInForm, use_session, words::refusal};
use crate::{
    browser, errors,
    title::PageTitle,
    workspace::{LanguageMenu, ThemeMenu},
};
use ::api::session::safe_next;
use i18n::{t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{components::Redirect, hooks::use_query_map};
use ui::{
    AuthFrame, Button, ButtonKind, FormError, LinkButton, PasswordInput, Select, SelectOption,
    TextInput,
};

/// `?next=/path` of the URL, if it is a path of ours.
fn use_next() -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|q| safe_next(q.get_str("next").unwrap_or("/")).to_owned()))
}

/// Who is signed in already has nothing to do here.
#[component]
fn SkipWhenSignedIn(#[prop(into)] next: Signal<String>) -> impl IntoView {
    let session = use_session();
    view! {
        <Suspense>
            {move || {
                let known = session.viewer.get().and_then(Result::ok).flatten().is_some();
                known.then(|| view! { <Redirect path=next.get_untracked() /> })
            }}
        </Suspense>
    }
}

/// Language and theme, for who is not signed in.
#[component]
fn Preferences() -> impl IntoView {
    view! {
        <LanguageMenu />
        <ThemeMenu />
    }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let i18n = use_i18n();
    let next = use_next();
    view! {
        <PageTitle text=move || t_string!(i18n, session.sign_in).to_string() />
        <SkipWhenSignedIn next=next />
        <AuthFrame footer=move || view! { <Preferences /> }>
            <h1 class="text-xl font-semibold">{t!(i18n, session.sign_in_title)}</h1>
            <SignInForm next=next on_done=Callback::new(move |target: String| browser::load(&target)) />
            <p class="text-sm text-muted">
                {t!(i18n, session.no_account)} " "
                <a class="text-accent underline" href="/sign-up" data-testid="to-sign-up">
                    {t!(i18n, session.sign_up)}
                </a>
            </p>
        </AuthFrame>
    }
}

/// Currencies most shops sell in; the first is chosen where nothing else is.
const CURRENCIES: [&str; 24] = [
    "EUR", "USD", "GBP", "CNY", "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "COP", "CZK",
    "DKK", "EGP", "HKD", "INR", "JPY", "KWD", "MXN", "PLN", "SAR", "SEK", "TRY",
];

/// What the form sends without showing it: what is wrong with it is said above the form.
const HIDDEN: [&str; 2] = ["token", "timezone"];

#[component]
pub fn SignUpPage() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    // The one-time link for the first administrator.
    let token = move || query.with(|q| q.get("token").unwrap_or_default());
    let action = ServerAction::<super::api::SignUp>::new();
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(target)) = value.get() {
            browser::load(&target);
        }
    });
    let failed = move || value.get().and_then(Result::err);
    let on = move |name: &'static str| {
        Signal::derive(move || failed().and_then(|e| errors::field_in(refusal, i18n, &e, name)))
    };
    let whole = Signal::derive(move || {
        let error = failed()?;
        if error.fields.is_empty() {
            return Some(errors::message_in(refusal, i18n, &error));
        }
        let hidden = HIDDEN.iter();
        hidden
            .map(|name| errors::field_in(refusal, i18n, &error, name))
            .find(Option::is_some)?
    });
    let timezone = RwSignal::new("UTC".to_owned());
    Effect::new(move |_| timezone.set(super::parts::timezone_of_device()));
    let currencies = Signal::derive(|| {
        CURRENCIES
            .into_iter()
            .map(|c| SelectOption::new(c, c))
            .collect::<Vec<_>>()
    });
    view! {
        <PageTitle text=move || t_string!(i18n, session.sign_up).to_string() />
        <SkipWhenSignedIn next=Signal::stored("/".to_owned()) />
        <AuthFrame footer=move || view! { <Preferences /> }>
            <h1 class="text-xl font-semibold">{t!(i18n, session.sign_up_title)}</h1>
            <p class="text-muted">{t!(i18n, session.sign_up_intro)}</p>
            <ActionForm action attr:class="grid gap-4" attr:data-testid="sign-up-form">
                <FormError text=whole />
                <TextInput
                    name="shop"
                    label=move || t_string!(i18n, session.shop_name)
                    autocomplete="organization"
                    required=true
                    error=on("shop")
                />
                <TextInput
                    name="name"
                    label=move || t_string!(i18n, session.your_name)
                    autocomplete="name"
                    required=true
                    error=on("name")
                />
                <TextInput
                    name="email"
                    label=move || t_string!(i18n, session.email)
                    type_="email"
                    autocomplete="username"
                    required=true
                    error=on("email")
                />
                <PasswordInput
                    name="password"
                    label=move || t_string!(i18n, session.password)
                    autocomplete="new-password"
                    hint=move || t_string!(i18n, session.password_hint)
                    required=true
                    error=on("password")
                />
                <Select
                    name="currency"
                    label=move || t_string!(i18n, session.currency)
                    hint=move || t_string!(i18n, session.currency_hint)
                    options=currencies
                    value=Signal::stored("EUR".to_owned())
                    error=on("currency")
                />
                <input type="hidden" name="timezone" prop:value=timezone value="UTC" />
                <input type="hidden" name="token" value=token />
                <Button kind=ButtonKind::Primary type_="submit" full=true busy=action.pending() attr:data-testid="sign-up">
                    {t!(i18n, session.create_account)}
                </Button>
            </ActionForm>
            <p class="text-sm text-muted">{t!(i18n, session.have_account)}</p>
            <LinkButton href="/sign-in" full=true>
                {t!(i18n, session.sign_in)}
            </LinkButton>
        </AuthFrame>
    }
}
