mod apart;
mod asking;
mod changing;
mod checks;
mod correcting;
mod notes;
mod outcome;
mod preview;
mod reading;
mod sending;

pub use apart::{CameAs, Pieces};
pub use asking::{Asking, ReadyForm};
pub use changing::Changes;
pub use checks::Checks;
pub use correcting::Corrections;
pub use notes::Notes;
pub use outcome::{Failure, NotFinished, OutcomeView, Read, dashboard_link};
pub use preview::{PreviewCard, preview_sentence};
pub use sending::{Importing, Looking, Receiving};

use super::{api::recent, texts as words};
use crate::{
    errors::Failed,
    live::use_live,
    scope::{use_link, use_scoped},
    session::use_session,
    texts,
};
use ::api::uploads::{Piece, Row as UploadRow, State, Totals, Upload};
use i18n::{
    Locale,
    format::{self, Style},
    t, t_string, use_i18n,
};
use leptos::prelude::*;
use leptos_i18n::I18nContext;
use ui::{Card, Cell, Column, DataTable, LinkButton, Row, SkeletonTable, Step, StepState, Stepper};

/// Choosing a file is the one thing that plain HTML cannot do here.
#[component]
pub fn NeedsScript() -> impl IntoView {
    let i18n = use_i18n();
    // As text: what is inside <noscript> is none of hydration's business.
    let text = move || format!("<p>{}</p>", t_string!(i18n, uploads.needs_script));
    view! { <noscript inner_html=text></noscript> }
}

/// Where in the wizard an upload is; absent before a file is chosen.
#[component]
pub fn Steps(#[prop(into)] state: Signal<Option<State>>) -> impl IntoView {
    let i18n = use_i18n();
    let steps = Signal::derive(move || {
        let state = state.get();
        let (at, failed) = place(state);
        let names = [
            t_string!(i18n, uploads.step.file).to_string(),
            t_string!(i18n, uploads.step.check).to_string(),
            t_string!(i18n, uploads.step.import).to_string(),
            t_string!(i18n, uploads.step.result).to_string(),
        ];
        names
            .into_iter()
            .enumerate()
            .map(|(n, label)| Step {
                label,
                state: match n.cmp(&at) {
                    std::cmp::Ordering::Less => StepState::Done,
                    std::cmp::Ordering::Greater => StepState::Todo,
                    std::cmp::Ordering::Equal if failed => StepState::Failed,
                    std::cmp::Ordering::Equal if state == Some(State::Done) => StepState::Done,
                    std::cmp::Ordering::Equal => StepState::Current,
                },
                href: None,
            })
            .collect::<Vec<_>>()
    });
    view! { <Stepper label=move || t_string!(i18n, uploads.steps) steps=steps /> }
}

/// The step a state belongs to, from 0, and whether it ended there badly.
fn place(state: Option<State>) -> (usize, bool) {
    match state {
        None | Some(State::Receiving) => (0, false),
        Some(State::Received | State::Inspecting | State::Question | State::Split) => (1, false),
        Some(State::Failed | State::Cancelled) => (1, true),
        Some(State::Ready | State::Importing | State::Held) => (2, false),
        Some(State::Done) => (3, false),
        Some(State::Undone) => (3, true),
    }
}

/// The upload's id, as forms send it.
fn id_of(upload: Signal<Option<Upload>>) -> impl Fn() -> String + Copy {
    move || upload.with(|u| u.as_ref().map(|u| u.id.to_string()).unwrap_or_default())
}

/// `€48,210.00` of each currency.
pub fn net_sales(totals: &[Totals], locale: Locale) -> String {
    if totals.is_empty() {
        return format::DASH.to_owned();
    }
    let sums: Vec<String> = totals
        .iter()
        .map(|t| format::money(t.net_sales, t.currency, locale, Style::Full))
        .collect();
    sums.join(" · ")
}

/// Columns of a table of uploads. `sortable` on the history's own page.
pub fn upload_columns(i18n: I18nContext<Locale>, sortable: bool) -> Vec<Column> {
    let sorted = |column: Column| if sortable { column.sortable() } else { column };
    vec![
        sorted(Column::new(
            "file",
            t_string!(i18n, uploads.file).to_string(),
        )),
        sorted(Column::new(
            "state",
            t_string!(i18n, uploads.state_label).to_string(),
        )),
        sorted(Column::new(
            "created",
            t_string!(i18n, uploads.when).to_string(),
        )),
        Column::new("who", t_string!(i18n, uploads.who).to_string()),
        sorted(Column::new("size", t_string!(i18n, uploads.size).to_string()).end()),
        sorted(Column::new("rows", t_string!(i18n, uploads.rows).to_string()).end()),
        sorted(Column::new("rejected", t_string!(i18n, uploads.rejected).to_string()).end()),
        Column::new("net_sales", t_string!(i18n, uploads.net_sales).to_string()).end(),
    ]
}

/// `scoped` makes the address of the upload's page.
pub fn upload_row(
    i18n: I18nContext<Locale>,
    row: &UploadRow,
    scoped: impl Fn(&str) -> String,
) -> Row {
    let locale = i18n.get_locale();
    let number = |n: Option<u64>| {
        n.map_or_else(
            || format::DASH.to_owned(),
            |n| format::count(i64::try_from(n).unwrap_or(i64::MAX), locale),
        )
    };
    Row::new(
        row.id.to_string(),
        vec![
            file_cell(i18n, row, scoped),
            Cell::badge(words::tone(row.state), words::state(i18n, row.state)),
            Cell::text(texts::moment(&row.created, locale)),
            Cell::text(
                row.created_by
                    .as_ref()
                    .map_or_else(|| format::DASH.to_owned(), |who| words::who(i18n, who)),
            ),
            Cell::number(format::bytes(row.size, locale)),
            Cell::number(number(row.rows)),
            Cell::number(number(row.rejected)),
            Cell::number(net_sales(&row.totals, locale)),
        ],
    )
}

/// The file, and below it the one that it corrects, or those that it was split into.
fn file_cell(i18n: I18nContext<Locale>, row: &UploadRow, scoped: impl Fn(&str) -> String) -> Cell {
    let (href, name) = (
        scoped(&format!("/uploads/{}", row.id)),
        row.file_name.clone(),
    );
    if !row.pieces.is_empty() {
        let address = |piece: &Piece| {
            (
                scoped(&format!("/uploads/{}", piece.id)),
                piece.file_name.clone(),
            )
        };
        let pieces: Vec<(String, String)> = row.pieces.iter().map(address).collect();
        return split_cell(i18n, href, name, pieces);
    }
    let Some(parent) = row.parent.clone() else {
        return Cell::link(href, name);
    };
    let above = scoped(&format!("/uploads/{}", parent.id));
    Cell::view(move || {
        let above = above.clone();
        let file = parent.file_name.clone();
        view! {
            <a class="link" href=href.clone()>
                <bdi>{name.clone()}</bdi>
            </a>
            <a class="block text-sm text-muted hover:underline" href=above data-testid="parent">
                {t_string!(i18n, history.corrects, file = file).to_string()}
            </a>
        }
    })
}

/// Addresses and names of what an upload was split into, below its own.
fn split_cell(
    i18n: I18nContext<Locale>,
    href: String,
    name: String,
    pieces: Vec<(String, String)>,
) -> Cell {
    let locale = i18n.get_locale();
    let n = format::count(i64::try_from(pieces.len()).unwrap_or(i64::MAX), locale);
    let title = t_string!(i18n, uploads.split.title, n = n).to_string();
    Cell::view(move || {
        let piece = |(href, name): (String, String)| {
            view! {
                <li>
                    <a class="inline-block py-1 text-sm text-muted hover:underline" href=href>
                        <bdi>{name}</bdi>
                    </a>
                </li>
            }
        };
        view! {
            <a class="link" href=href.clone()>
                <bdi>{name.clone()}</bdi>
            </a>
            <span class="block text-sm text-muted">{title.clone()}</span>
            <ul data-testid="pieces">{pieces.iter().cloned().map(piece).collect_view()}</ul>
        }
    })
}

/// The last uploads, on the dashboard. Its failure is its own.
#[component]
pub fn RecentUploads() -> impl IntoView {
    let i18n = use_i18n();
    let live = use_live();
    let session = use_session();
    let answer = Resource::new_blocking(
        move || (live.uploads.get(), session.restored.get()),
        |_| recent(),
    );
    let rows = Memo::new(move |_| {
        answer.with(|a| match a {
            Some(Ok(rows)) => rows.clone(),
            _ => Vec::new(),
        })
    });
    view! {
        <Transition fallback=|| view! { <SkeletonTable rows=3 /> }>
            {move || {
                answer
                    .get()
                    .map(|result| match result {
                        Ok(found) if found.is_empty() => ().into_any(),
                        Ok(_) => {
                            view! { <RecentTable rows=rows /> }.into_any()
                        }
                        Err(error) => {
                            view! {
                                <Card title=move || t_string!(i18n, uploads.recent)>
                                    <Failed error=error.clone() retry=move || answer.refetch() compact=true />
                                </Card>
                            }
                                .into_any()
                        }
                    })
            }}
        </Transition>
    }
}

#[component]
fn RecentTable(#[prop(into)] rows: Signal<Vec<UploadRow>>) -> impl IntoView {
    let i18n = use_i18n();
    let scoped = use_scoped();
    let history = use_link("/uploads");
    let shown = Signal::derive(move || {
        rows.with(|rows| {
            rows.iter()
                .map(|row| upload_row(i18n, row, scoped))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Card
            title=move || t_string!(i18n, uploads.recent)
            flush=true
            actions=move || {
                view! {
                    <LinkButton href=history size=ui::Size::Small kind=ui::ButtonKind::Quiet>
                        {t!(i18n, uploads.to_history)}
                    </LinkButton>
                }
            }
            attr:data-testid="recent-uploads"
        >
            {move || {
                view! {
                    <DataTable
                        caption=move || t_string!(i18n, uploads.recent)
                        columns=upload_columns(i18n, false)
                        rows=shown
                    />
                }
            }}
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_step() {
        for state in State::ALL {
            assert!(place(Some(state)).0 < 4);
        }
        assert_eq!(place(None), (0, false));
        assert_eq!(place(Some(State::Done)), (3, false));
    }
}
