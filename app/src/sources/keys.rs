//! Keys with which programs send files.

use super::{
    api::{IssueKey, RevokeKey},
    parts::made,
};
use crate::{
    answered::Lines,
    forms::{self, OnLine},
    texts,
};
use ::api::sources::{Key, KeyState, Sources};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{
    Badge, Banner, Button, ButtonKind, Card, FormError, IconName, Select, SelectOption, TextInput,
    Tone,
};

/// Days that a key may be good for; the first is what is offered.
const DAYS: [i64; 3] = [365, 90, 30];

#[component]
pub fn Keys(
    #[prop(into)] sources: Signal<Option<Sources>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let lines = Signal::derive(move || {
        let all = sources.get().unwrap_or_default();
        let may_change = all.may_change;
        let keys = all.keys.into_iter();
        keys.map(|key| (key, may_change)).collect::<Vec<_>>()
    });
    let may_change = Memo::new(move |_| sources.with(|s| s.as_ref().is_some_and(|s| s.may_change)));
    view! {
        <Card
            title=move || t_string!(i18n, sources.keys)
            subtitle=move || t_string!(i18n, sources.keys_text)
            attr:data-testid="keys"
        >
            <Lines
                of=lines
                none=move || t_string!(i18n, sources.no_keys)
                line=move |(key, may_change)| view! { <KeyLine key_=key may_change changed /> }
            />
            {move || may_change.get().then(|| view! { <NewKey sources changed /> })}
        </Card>
    }
}

/// `Good until 3 Jan 2027, 14:05 · Used 5 Mar 2026, 09:30`.
fn state_of(i18n: I18nContext<Locale>, key: &Key) -> String {
    let locale = i18n.get_locale();
    let until = match (key.state, &key.expires) {
        (KeyState::Revoked, _) => t_string!(i18n, sources.key_revoked).to_string(),
        (_, Some(at)) => {
            let at = texts::moment(at, locale);
            match key.state {
                KeyState::Expired => t_string!(i18n, sources.key_expired, at = at).to_string(),
                _ => t_string!(i18n, sources.key_until, at = at).to_string(),
            }
        }
        (_, None) => t_string!(i18n, sources.key_forever).to_string(),
    };
    let used = match &key.used {
        Some(at) => {
            let at = texts::moment(at, locale);
            t_string!(i18n, sources.key_used, at = at).to_string()
        }
        None => t_string!(i18n, sources.key_unused).to_string(),
    };
    format!("{until} · {used}")
}

#[component]
fn KeyLine(key_: Key, may_change: bool, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<RevokeKey>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = forms::failed(move || action.value().get());
    let (id, name) = (key_.id.clone(), key_.name.clone());
    let named = name.clone();
    let is_good = key_.state == KeyState::Good;
    let key = StoredValue::new(key_);
    view! {
        <li
            class="flex flex-wrap items-start justify-between gap-3 border-b border-line pb-3"
            data-testid="key"
        >
            <div class="min-w-0">
                <p class="flex flex-wrap items-center gap-2 font-medium break-all">
                    <bdi>{name}</bdi>
                    {(!is_good).then(|| view! { <Badge>{t!(i18n, sources.key_ended)}</Badge> })}
                </p>
                <p class="text-sm text-muted">{move || key.with_value(|k| state_of(i18n, k))}</p>
                <p class="text-sm text-muted">
                    {move || key.with_value(|k| made(i18n, k.created_by.as_deref(), &k.created))}
                </p>
            </div>
            {(may_change && is_good)
                .then(|| {
                    view! {
                        <ActionForm action>
                            <OnLine
                                failed
                                busy=action.pending()
                                id
                                label=move || t_string!(i18n, sources.revoke)
                                named
                                test_id="revoke-key"
                            />
                        </ActionForm>
                    }
                })}
        </li>
    }
}

/// The form, and the key it made: this page is the only one that ever shows it.
#[component]
fn NewKey(sources: Signal<Option<Sources>>, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<IssueKey>::new();
    let name = RwSignal::new(String::new());
    forms::refresh_after(move || action.value().get(), changed);
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(_))) {
            name.set(String::new());
        }
    });
    let faults = forms::faults(move || action.value().get());
    let issued = sources.with_untracked(|s| s.as_ref().and_then(|s| s.issued.clone()));
    let made = move || {
        let answer = action.value().get().and_then(Result::ok);
        answer.or_else(|| issued.clone())
    };
    let lifetimes = Signal::derive(move || {
        let locale = i18n.get_locale();
        let days = |n: i64| {
            let label = t_string!(i18n, sources.days, n = format::count(n, locale)).to_string();
            SelectOption::new(n.to_string(), label)
        };
        let ever = SelectOption::new("", t_string!(i18n, sources.key_forever).to_string());
        DAYS.into_iter().map(days).chain([ever]).collect::<Vec<_>>()
    });
    view! {
        {move || {
            made()
                .map(|key| {
                    view! {
                        <div class="mt-4" data-testid="new-key">
                            <Banner tone=Tone::Good>
                                <p>{t!(i18n, sources.key_once)}</p>
                                <p class="mt-1 break-all font-medium">
                                    <code dir="ltr">{key}</code>
                                </p>
                            </Banner>
                        </div>
                    }
                })
        }}
        <ActionForm action attr:class="mt-4 grid gap-4" attr:data-testid="issue-key">
            <FormError text=faults.whole() />
            <div class="grid gap-4 sm:grid-cols-2">
                <TextInput
                    name="name"
                    id="key-name"
                    label=move || t_string!(i18n, sources.key_name)
                    hint=move || t_string!(i18n, sources.key_name_hint)
                    value=name
                    on_input=Callback::new(move |text| name.set(text))
                    error=faults.of("name")
                    required=true
                />
                <Select
                    name="days"
                    id="key-days"
                    label=move || t_string!(i18n, sources.key_lifetime)
                    options=lifetimes
                    value=Signal::stored(DAYS[0].to_string())
                />
            </div>
            <div>
                <Button
                    type_="submit"
                    kind=ButtonKind::Secondary
                    icon=IconName::Plus
                    busy=action.pending()
                    attr:data-testid="make-key"
                >
                    {t!(i18n, sources.make_key)}
                </Button>
            </div>
        </ActionForm>
    }
}
