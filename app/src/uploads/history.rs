//! Every upload there was: who, when, what came of it.

use super::{
    api::{list, senders},
    parts::{upload_columns, upload_row},
    texts as words,
};
use crate::{
    errors::Failed,
    forms::use_go,
    live::use_live,
    scope::{use_link, use_scope, use_scoped},
    session::use_session,
    title::PageTitle,
};
use ::api::{
    dashboard::Scope,
    uploads::{DATA_SETS, Listing, PAGE, Person, Sort, State},
};
use i18n::{format, t, t_string, use_i18n};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::sync::Arc;
use types::Day;
use ui::{
    Button, ButtonKind, DataTable, EmptyKind, EmptyState, IconName, LinkButton, PageHeader,
    Pagination, QueryForm, Select, SelectOption, SkeletonTable, SortHref, TabLink, Tabs, TextInput,
};

/// States worth a tab of their own.
const TABS: [State; 7] = [
    State::Done,
    State::Held,
    State::Question,
    State::Ready,
    State::Importing,
    State::Failed,
    State::Undone,
];

/// The page's own address; the date range of the others goes with it.
fn href(listing: &Listing, scope: Memo<Scope>) -> String {
    let path = match listing.query() {
        query if query.is_empty() => "/uploads".to_owned(),
        query => format!("/uploads?{query}"),
    };
    scope.with(|scope| scope.link(&path))
}

#[component]
pub fn HistoryPage() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let query = use_query_map();
    let listing = Memo::new(move |_| query.with(|map| Listing::read(|name| map.get_str(name))));
    let answer = Resource::new_blocking(
        move || (listing.get(), live.uploads.get(), session.restored.get()),
        |(listing, ..)| list(listing),
    );
    let scope = use_scope();
    let scoped = use_scoped();
    let (to_upload, to_sources) = (use_link("/uploads/new"), use_link("/sources"));
    let tabs = Signal::derive(move || {
        let now = listing.get();
        let link = |state: Option<State>, label: String| TabLink {
            href: href(
                &Listing {
                    state,
                    page: 0,
                    ..now.clone()
                },
                scope,
            ),
            label,
            current: now.state == state,
            count: None,
        };
        let mut tabs = vec![link(None, t_string!(i18n, uploads.all).to_string())];
        tabs.extend(
            TABS.into_iter()
                .map(|s| link(Some(s), words::state(i18n, s))),
        );
        tabs
    });
    view! {
        <PageTitle text=move || t_string!(i18n, uploads.history).to_string() />
        <PageHeader
            title=move || t_string!(i18n, uploads.history)
            actions=move || {
                view! {
                    <LinkButton href=to_sources kind=ButtonKind::Secondary icon=IconName::Inbox>
                        {t!(i18n, shell.nav_sources)}
                    </LinkButton>
                    <LinkButton href=to_upload kind=ButtonKind::Primary icon=IconName::Upload>
                        {t!(i18n, common.actions.upload_file)}
                    </LinkButton>
                }
            }
        />
        <div class="grid gap-4" data-testid="history">
            <Find listing />
            <Tabs label=move || t_string!(i18n, uploads.state_label) tabs=tabs />
            <Transition fallback=|| view! { <SkeletonTable rows=8 /> }>
                {
                    let found = Memo::new(move |_| {
                        answer
                            .with(|a| match a {
                                Some(Ok(found)) => Some(found.clone()),
                                _ => None,
                            })
                    });
                    let rows = Signal::derive(move || {
                        found
                            .with(|f| {
                                let items = f.as_ref().map(|f| f.items.as_slice()).unwrap_or_default();
                                items.iter().map(|row| upload_row(i18n, row, scoped)).collect::<Vec<_>>()
                            })
                    });
                    let sort = Signal::derive(move || {
                        listing
                            .with(|l| {
                                Some(ui::Sort {
                                    key: l.sort.as_str().to_owned(),
                                    descending: !l.ascending,
                                })
                            })
                    });
                    let sort_href: SortHref = Arc::new(move |key: &str, descending: bool| {
                        let sort = Sort::ALL.into_iter().find(|s| s.as_str() == key).unwrap_or_default();
                        href(
                            &Listing {
                                sort,
                                ascending: !descending,
                                page: 0,
                                ..listing.get()
                            },
                            scope,
                        )
                    });
                    let total = move || found.with(|f| f.as_ref().map_or(0, |f| f.total));
                    let before = Signal::derive(move || {
                        let now = listing.get();
                        now.page.checked_sub(1).map(|page| href(&Listing { page, ..now.clone() }, scope))
                    });
                    let after = Signal::derive(move || {
                        let now = listing.get();
                        let page = now.page + 1;
                        (page * PAGE < total()).then(|| href(&Listing { page, ..now.clone() }, scope))
                    });
                    move || {
                        let sort_href = Arc::clone(&sort_href);
                        answer
                            .get()
                            .map(|result| match result {
                                Ok(page) if page.items.is_empty() => view! { <NoUploads /> }.into_any(),
                                Ok(_) => {
                                    view! {
                                        <DataTable
                                            caption=move || t_string!(i18n, uploads.history)
                                            columns=upload_columns(i18n, true)
                                            rows=rows
                                            sort=sort
                                            sort_href=sort_href
                                        />
                                        <Pagination
                                            summary=move || {
                                                let total = i64::try_from(total()).unwrap_or(i64::MAX);
                                                t_string!(
                                                    i18n, uploads.count, n = format::count(total, i18n.get_locale())
                                                )
                                                    .to_string()
                                            }
                                            previous=before
                                            next=after
                                        />
                                    }
                                        .into_any()
                                }
                                Err(error) => {
                                    view! { <Failed error retry=move || answer.refetch() /> }.into_any()
                                }
                            })
                    }
                }
            </Transition>
        </div>
    }
}

/// By a part of the file's name, what it holds, who sent it and when; state and order stay.
#[component]
fn Find(listing: Memo<Listing>) -> impl IntoView {
    let i18n = use_i18n();
    let scope = use_scope();
    let live = use_live();
    let session = use_session();
    let known = Resource::new_blocking(
        move || (live.uploads.get(), session.restored.get()),
        |_| senders(),
    );
    let kept = move |value: fn(&Listing) -> Option<&'static str>| listing.with(value);
    let day = |pick: fn(&Listing) -> Option<Day>| {
        Signal::derive(move || {
            listing
                .with(pick)
                .map(|d| d.to_string())
                .unwrap_or_default()
        })
    };
    let (since, until) = (day(|l| l.since), day(|l| l.until));
    let sets = Signal::derive(move || {
        let any = SelectOption::new("", t_string!(i18n, history.any_set).to_string());
        let set = |id: &&str| SelectOption::new(*id, words::data_set(i18n, id));
        std::iter::once(any)
            .chain(DATA_SETS.iter().map(set))
            .collect::<Vec<_>>()
    });
    let people = Signal::derive(move || {
        let any = SelectOption::new("", t_string!(i18n, history.anybody).to_string());
        // Without an answer everybody's uploads are shown all the same.
        let known = known.get().and_then(Result::ok).unwrap_or_default();
        let person = |p: Person| SelectOption::new(p.id, words::who(i18n, &p.who));
        std::iter::once(any)
            .chain(known.into_iter().map(person))
            .collect::<Vec<_>>()
    });
    let narrowed = Memo::new(move |_| {
        listing.with(|l| {
            let by_text = !l.text.is_empty() || l.data_set.is_some() || l.who.is_some();
            by_text || l.since.is_some() || l.until.is_some()
        })
    });
    view! {
        <QueryForm action="/uploads" go=Some(use_go()) attr:role="search" attr:class="flex flex-wrap items-end gap-2">
            <TextInput
                name="q"
                id="find-upload"
                type_="search"
                label=move || t_string!(i18n, uploads.find)
                value=Signal::derive(move || listing.with(|l| l.text.clone()))
            />
            <Select
                name="set"
                id="find-set"
                label=move || t_string!(i18n, history.set)
                options=sets
                value=Signal::derive(move || {
                    listing.with(|l| l.data_set.clone().unwrap_or_default())
                })
            />
            <Transition>
                <Select
                    name="who"
                    id="find-who"
                    label=move || t_string!(i18n, history.who)
                    options=people
                    value=Signal::derive(move || {
                        listing.with(|l| l.who.clone().unwrap_or_default())
                    })
                />
            </Transition>
            <TextInput
                name="since"
                id="find-since"
                type_="date"
                label=move || t_string!(i18n, history.since)
                value=since
                max=until
            />
            <TextInput
                name="until"
                id="find-until"
                type_="date"
                label=move || t_string!(i18n, history.until)
                value=until
                min=since
            />
            {move || {
                let state = kept(|l| l.state.map(State::as_str));
                let sort = kept(|l| (l.sort != Sort::default()).then_some(l.sort.as_str()));
                let direction = kept(|l| l.ascending.then_some("asc"));
                [("state", state), ("sort", sort), ("dir", direction)]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?.to_owned())))
                    .chain(scope.get().pairs())
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                    .collect_view()
            }}
            <Button type_="submit" kind=ButtonKind::Secondary attr:data-testid="find">
                {t!(i18n, uploads.search)}
            </Button>
            {move || {
                narrowed
                    .get()
                    .then(|| {
                        let all = listing
                            .with(|l| Listing {
                                state: l.state,
                                sort: l.sort,
                                ascending: l.ascending,
                                ..Listing::default()
                            });
                        view! {
                            <LinkButton href=href(&all, scope) kind=ButtonKind::Quiet>
                                {t!(i18n, history.clear)}
                            </LinkButton>
                        }
                    })
            }}
        </QueryForm>
    }
}

/// Nothing at all, or nothing in this state.
#[component]
fn NoUploads() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let (all, to_upload) = (use_link("/uploads"), use_link("/uploads/new"));
    let filtered =
        query.with_untracked(|q| Listing::read(|name| q.get_str(name)) != Listing::default());
    let kind = if filtered {
        EmptyKind::NoMatch
    } else {
        EmptyKind::NoData
    };
    view! {
        <div data-testid="no-uploads">
            <EmptyState
                kind=kind
                action=move || {
                    if filtered {
                        view! { <LinkButton href=all>{t!(i18n, uploads.all)}</LinkButton> }.into_any()
                    } else {
                        view! {
                            <LinkButton href=to_upload kind=ButtonKind::Primary>
                                {t!(i18n, common.actions.upload_file)}
                            </LinkButton>
                        }
                            .into_any()
                    }
                }
            />
        </div>
    }
}
