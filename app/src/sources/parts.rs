use super::api::{RemoveWatch, RetryJob};
use crate::{answered::Lines, forms, texts};
use ::api::sources::{GivenUp, Sources, Watch};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{Badge, Button, ButtonKind, Card, FormError, Size, Tone};

#[component]
pub fn Watches(
    #[prop(into)] sources: Signal<Option<Sources>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let lines = Signal::derive(move || {
        let all = sources.get().unwrap_or_default();
        let may_change = all.may_change;
        let watches = all.watches.into_iter();
        watches.map(|watch| (watch, may_change)).collect::<Vec<_>>()
    });
    view! {
        <Card title=move || t_string!(i18n, sources.watches) attr:data-testid="watches">
            <Lines
                of=lines
                none=move || t_string!(i18n, sources.no_watches)
                line=move |(watch, may_change)| view! { <WatchLine watch may_change changed /> }
            />
            <p class="mt-4 text-sm text-muted">{t!(i18n, sources.how)}</p>
        </Card>
    }
}

/// `Looked at 3 Jan 2026, 14:05 · Files taken: 12 · Waiting: 1`.
fn state_of(i18n: I18nContext<Locale>, watch: &Watch) -> String {
    let locale = i18n.get_locale();
    let looked = match &watch.looked {
        Some(at) => {
            let at = texts::moment(at, locale);
            t_string!(i18n, sources.looked, at = at).to_string()
        }
        None => t_string!(i18n, sources.not_yet).to_string(),
    };
    let count = |n: u64| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale);
    let mut parts = vec![
        looked,
        t_string!(i18n, sources.taken, count = count(watch.taken)).to_string(),
    ];
    if watch.waiting > 0 {
        parts.push(t_string!(i18n, sources.waiting, count = count(watch.waiting)).to_string());
    }
    parts.join(" · ")
}

#[component]
fn WatchLine(watch: Watch, may_change: bool, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<RemoveWatch>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = forms::failed(move || action.value().get());
    let (id, url, pattern) = (watch.id.clone(), watch.url.clone(), watch.pattern.clone());
    let named = url.clone();
    let problems: Vec<(Option<String>, String)> = watch
        .problem
        .iter()
        .map(|problem| (None, problem.clone()))
        .chain(
            watch
                .failed
                .iter()
                .map(|file| (Some(file.name.clone()), file.problem.clone())),
        )
        .collect();
    let has_problem = watch.problem.is_some();
    let watch = StoredValue::new(watch);
    view! {
        <li
            class="flex flex-wrap items-start justify-between gap-3 border-b border-line pb-3"
            data-testid="watch"
        >
            <div class="min-w-0">
                <p class="flex flex-wrap items-center gap-2 font-medium break-all">
                    <bdi dir="ltr">{url}</bdi>
                    <Badge>
                        <bdi dir="ltr">{pattern}</bdi>
                    </Badge>
                    {has_problem
                        .then(|| view! { <Badge tone=Tone::Bad>{t!(i18n, sources.problem)}</Badge> })}
                </p>
                <p class="text-sm text-muted">{move || watch.with_value(|w| state_of(i18n, w))}</p>
                {problems
                    .into_iter()
                    .map(|(file, problem)| {
                        view! {
                            <p class="text-sm" lang="en" dir="auto">
                                {file.map(|file| format!("{file}: "))}
                                {problem}
                            </p>
                        }
                    })
                    .collect_view()}
            </div>
            {may_change
                .then(|| {
                    view! {
                        <ActionForm action>
                            <FormError text=failed />
                            <input type="hidden" name="id" value=id />
                            <Button
                                type_="submit"
                                size=Size::Small
                                kind=ButtonKind::Quiet
                                busy=action.pending()
                                attr:aria-label=move || {
                                    format!("{}: {named}", t_string!(i18n, sources.remove))
                                }
                                attr:data-testid="remove-watch"
                            >
                                {t!(i18n, sources.remove)}
                            </Button>
                        </ActionForm>
                    }
                })}
        </li>
    }
}

fn kind_of(i18n: I18nContext<Locale>, kind: &str) -> String {
    match kind {
        "import" => t_string!(i18n, sources.kind.import).to_string(),
        "publish" => t_string!(i18n, sources.kind.publish).to_string(),
        "inspect" => t_string!(i18n, sources.kind.inspect).to_string(),
        "maintenance" => t_string!(i18n, sources.kind.maintenance).to_string(),
        "watch" => t_string!(i18n, sources.kind.watch).to_string(),
        other => other.to_owned(),
    }
}

#[component]
pub fn GivenUpWork(
    #[prop(into)] sources: Signal<Option<Sources>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let lines = Signal::derive(move || {
        let all = sources.get().unwrap_or_default();
        let may_retry = all.may_retry;
        let jobs = all.given_up.into_iter();
        jobs.map(|job| (job, may_retry)).collect::<Vec<_>>()
    });
    view! {
        <Card title=move || t_string!(i18n, sources.given_up) attr:data-testid="given-up">
            <Lines
                of=lines
                none=move || t_string!(i18n, sources.nothing_given_up)
                line=move |(job, may_retry)| view! { <JobLine job may_retry changed /> }
            />
        </Card>
    }
}

#[component]
fn JobLine(job: GivenUp, may_retry: bool, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<RetryJob>::new();
    forms::refresh_after(move || action.value().get(), changed);
    let failed = forms::failed(move || action.value().get());
    let GivenUp {
        id,
        kind,
        attempts,
        at,
        problem,
    } = job;
    let when = move || {
        let at = texts::moment(&at, i18n.get_locale());
        t_string!(i18n, sources.given_up_at, at = at, attempts = attempts).to_string()
    };
    view! {
        <li
            class="flex flex-wrap items-start justify-between gap-3 border-b border-line pb-3"
            data-testid="given-up-job"
        >
            <div class="min-w-0">
                <p class="font-medium">{move || kind_of(i18n, &kind)}</p>
                <p class="text-sm text-muted">{when}</p>
                <p class="text-sm" lang="en" dir="auto">
                    {problem}
                </p>
            </div>
            {may_retry
                .then(|| {
                    view! {
                        <ActionForm action>
                            <FormError text=failed />
                            <input type="hidden" name="id" value=id />
                            <Button
                                type_="submit"
                                size=Size::Small
                                kind=ButtonKind::Secondary
                                busy=action.pending()
                                attr:data-testid="retry-job"
                            >
                                {t!(i18n, sources.retry)}
                            </Button>
                        </ActionForm>
                    }
                })}
        </li>
    }
}
