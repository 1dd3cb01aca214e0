use super::{
    api::{AddWatch, RemoveWatch, RetryJob},
    words,
};
use crate::{
    answered::Lines,
    forms::{self, OnLine},
    texts,
};
use ::api::{
    Moment,
    sources::{GivenUp, Sources, Watch},
    uploads::Failure,
};
use i18n::{Locale, format, t, t_string, use_i18n};
use leptos::{form::ActionForm, prelude::*};
use leptos_i18n::I18nContext;
use ui::{Badge, Button, ButtonKind, Card, FormError, IconName, TextInput, Tone};

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
    let may_change = Memo::new(move |_| sources.with(|s| s.as_ref().is_some_and(|s| s.may_change)));
    let roots = Memo::new(move |_| {
        sources.with(|s| s.as_ref().map(|s| s.roots.clone()).unwrap_or_default())
    });
    view! {
        <Card title=move || t_string!(i18n, sources.watches) attr:data-testid="watches">
            <Lines
                of=lines
                none=move || t_string!(i18n, sources.no_watches)
                line=move |(watch, may_change)| view! { <WatchLine watch may_change changed /> }
            />
            {move || may_change.get().then(|| view! { <AddPlace roots=roots changed /> })}
        </Card>
    }
}

/// A place to be watched, below one that the operator allows.
#[component]
fn AddPlace(roots: Memo<Vec<String>>, changed: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let action = ServerAction::<AddWatch>::new();
    let url = RwSignal::new(String::new());
    forms::refresh_after(move || action.value().get(), changed);
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(()))) {
            url.set(String::new());
        }
    });
    let faults = forms::faults(move || action.value().get());
    let hint = move || {
        let places = roots.get().join(", ");
        t_string!(i18n, sources.below, places = places).to_string()
    };
    move || {
        if roots.with(Vec::is_empty) {
            return view! {
                <p class="mt-4 text-sm text-muted" data-testid="no-roots">
                    {t!(i18n, sources.no_roots)}
                </p>
            }
            .into_any();
        }
        view! {
            <ActionForm action attr:class="mt-4 grid gap-4" attr:data-testid="add-watch">
                <FormError text=faults.whole() />
                <div class="grid gap-4 sm:grid-cols-2">
                    <TextInput
                        name="url"
                        id="watch-url"
                        label=move || t_string!(i18n, sources.place)
                        hint=hint
                        placeholder="s3://bucket/prefix"
                        value=url
                        on_input=Callback::new(move |text| url.set(text))
                        error=faults.of("url")
                        required=true
                    />
                    <TextInput
                        name="pattern"
                        id="watch-pattern"
                        label=move || t_string!(i18n, sources.pattern)
                        hint=move || t_string!(i18n, sources.pattern_hint)
                        placeholder="*"
                    />
                </div>
                <div>
                    <Button
                        type_="submit"
                        kind=ButtonKind::Secondary
                        icon=IconName::Plus
                        busy=action.pending()
                        attr:data-testid="watch-place"
                    >
                        {t!(i18n, sources.watch_place)}
                    </Button>
                </div>
            </ActionForm>
        }
        .into_any()
    }
}

/// `Added by Ana, 3 Jan 2026, 14:05`.
pub fn made(i18n: I18nContext<Locale>, by: Option<&str>, at: &Moment) -> String {
    let at = texts::moment(at, i18n.get_locale());
    match by {
        Some(name) => t_string!(i18n, sources.made_by, name = name.to_owned(), at = at).to_string(),
        None => t_string!(i18n, sources.made, at = at).to_string(),
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
    let problems: Vec<(Option<String>, Failure)> = watch
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
                <p class="text-sm text-muted">
                    {move || watch.with_value(|w| made(i18n, w.created_by.as_deref(), &w.created))}
                </p>
                {problems
                    .into_iter()
                    .map(|(file, problem)| {
                        view! {
                            <p class="text-sm" dir="auto">
                                {file.map(|file| format!("{file}: "))}
                                <Said problem />
                            </p>
                        }
                    })
                    .collect_view()}
            </div>
            {may_change
                .then(|| {
                    view! {
                        <ActionForm action>
                            <OnLine
                                failed
                                busy=action.pending()
                                id
                                label=move || t_string!(i18n, sources.remove)
                                named
                                test_id="remove-watch"
                            />
                        </ActionForm>
                    }
                })}
        </li>
    }
}

/// What went wrong in the reader's language; what there are no words for, as the server says it.
#[component]
fn Said(problem: Failure) -> impl IntoView {
    let i18n = use_i18n();
    let problem = StoredValue::new(problem);
    let text = Memo::new(move |_| problem.with_value(|p| words::problem(i18n, p)));
    let own = move || problem.with_value(|p| text.with(|text| *text == p.message));
    view! {
        <span lang=move || own().then_some("en") dir="auto">
            {move || text.get()}
        </span>
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
        next,
        problem,
    } = job;
    let named = kind.clone();
    let when = move || {
        let locale = i18n.get_locale();
        let at = texts::moment(&at, locale);
        match &next {
            Some(next) => {
                let next = texts::moment(next, locale);
                t_string!(i18n, sources.failing_at, at = at, next = next).to_string()
            }
            None => t_string!(i18n, sources.given_up_at, at = at, attempts = attempts).to_string(),
        }
    };
    view! {
        <li
            class="flex flex-wrap items-start justify-between gap-3 border-b border-line pb-3"
            data-testid="given-up-job"
        >
            <div class="min-w-0">
                <p class="font-medium">{move || kind_of(i18n, &kind)}</p>
                <p class="text-sm text-muted">{when}</p>
                <p class="text-sm">
                    <Said problem=problem.clone() />
                </p>
                <details class="text-sm text-muted">
                    <summary>{t!(i18n, sources.details)}</summary>
                    <span lang="en" dir="auto">
                        {problem.message}
                    </span>
                </details>
            </div>
            {may_retry
                .then(|| {
                    view! {
                        <ActionForm action>
                            <OnLine
                                failed
                                busy=action.pending()
                                kind=ButtonKind::Secondary
                                id
                                label=move || t_string!(i18n, sources.retry)
                                named=kind_of(i18n, &named)
                                test_id="retry-job"
                            />
                        </ActionForm>
                    }
                })}
        </li>
    }
}
