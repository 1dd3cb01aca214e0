//! Tables: a head that stays, figures aligned to the end, sorting by link, the number of rows below.
//!
//! On a phone a table scrolls within itself and keeps its first column.

use crate::{Badge, Icon, IconName, Tone, text::maybe, text::words};
use i18n::{t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// Figures.
    End,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub key: String,
    pub label: TextProp,
    pub align: Align,
    pub sortable: bool,
}

impl Column {
    pub fn new(key: impl Into<String>, label: impl Into<TextProp>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            align: Align::Start,
            sortable: false,
        }
    }

    pub fn end(self) -> Self {
        Self {
            align: Align::End,
            ..self
        }
    }

    pub fn sortable(self) -> Self {
        Self {
            sortable: true,
            ..self
        }
    }
}

#[derive(Clone)]
pub enum Cell {
    Text(String),
    Muted(String),
    /// A figure: tabular, and left to right.
    Number(String),
    Link {
        href: String,
        text: String,
    },
    Badge {
        tone: Tone,
        text: String,
    },
    View(ViewFn),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn muted(text: impl Into<String>) -> Self {
        Self::Muted(text.into())
    }

    pub fn number(text: impl Into<String>) -> Self {
        Self::Number(text.into())
    }

    pub fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Link {
            href: href.into(),
            text: text.into(),
        }
    }

    pub fn badge(tone: Tone, text: impl Into<String>) -> Self {
        Self::Badge {
            tone,
            text: text.into(),
        }
    }

    pub fn view(view: impl Into<ViewFn>) -> Self {
        Self::View(view.into())
    }

    fn render(self) -> AnyView {
        match self {
            Self::Text(text) => view! { <bdi>{text}</bdi> }.into_any(),
            Self::Muted(text) => view! { <bdi class="text-muted">{text}</bdi> }.into_any(),
            Self::Number(text) => view! { <bdi class="figure">{text}</bdi> }.into_any(),
            Self::Link { href, text } => view! {
                <a class="link" href=href>
                    <bdi>{text}</bdi>
                </a>
            }
            .into_any(),
            Self::Badge { tone, text } => view! { <Badge tone>{text}</Badge> }.into_any(),
            Self::View(view) => view.run(),
        }
    }
}

#[derive(Clone)]
pub struct Row {
    /// Unique in the table.
    pub key: String,
    /// One for each column.
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn new(key: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self {
            key: key.into(),
            cells,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    pub key: String,
    pub descending: bool,
}

/// The address of the same page sorted by (column key, descending).
pub type SortHref = Arc<dyn Fn(&str, bool) -> String + Send + Sync>;

#[component]
pub fn DataTable(
    /// What the table shows; read out, and shown with `hide_caption=false`.
    #[prop(into)]
    caption: TextProp,
    #[prop(into)] columns: Vec<Column>,
    #[prop(into)] rows: Signal<Vec<Row>>,
    #[prop(optional, into)] sort: Signal<Option<Sort>>,
    #[prop(optional)] sort_href: Option<SortHref>,
    /// The line below: "1,204 rows".
    #[prop(optional, into)]
    summary: Option<TextProp>,
    /// What stands there when no row does.
    #[prop(optional, into)]
    empty: Option<ViewFn>,
    /// Scrolls within itself, with its head kept in sight.
    #[prop(optional)]
    max_height: bool,
    #[prop(default = true)] hide_caption: bool,
) -> impl IntoView {
    let aligns: Vec<Align> = columns.iter().map(|c| c.align).collect();
    let heads: Vec<_> = columns
        .into_iter()
        .map(|column| head(column, sort, sort_href.clone()))
        .collect();
    let body = move || {
        rows.get()
            .into_iter()
            .map(|row| row_view(row, &aligns))
            .collect::<Vec<_>>()
    };
    let caption_words = words(&caption);
    let region_name = words(&caption);
    let caption_class = if hide_caption {
        "sr-only"
    } else {
        "table-caption"
    };
    let scroll_class = if max_height {
        "table-scroll table-scroll-tall"
    } else {
        "table-scroll"
    };
    let has_summary = summary.is_some();
    let summary = maybe(summary);
    view! {
        <div class="table-frame">
            <div class=scroll_class role="region" tabindex="0" aria-label=region_name>
                <table class="table">
                    <caption class=caption_class>{caption_words}</caption>
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
            {empty
                .map(|empty| {
                    view! {
                        <div class="table-empty" hidden=move || !rows.with(Vec::is_empty)>
                            {empty.run()}
                        </div>
                    }
                })}
            {has_summary
                .then(|| {
                    view! { <p class="table-summary">{move || summary().unwrap_or_default()}</p> }
                })}
        </div>
    }
}

fn align_class(align: Align) -> &'static str {
    match align {
        Align::Start => "cell",
        Align::End => "cell cell-end",
    }
}

fn head(
    column: Column,
    sort: Signal<Option<Sort>>,
    sort_href: Option<SortHref>,
) -> impl IntoView + use<> {
    let i18n = use_i18n();
    let class = align_class(column.align);
    let label = words(&column.label);
    let href = sort_href.filter(|_| column.sortable);
    let key = column.key;
    let current = {
        let key = key.clone();
        Signal::derive(move || {
            sort.get()
                .filter(|sort| sort.key == key)
                .map(|sort| sort.descending)
        })
    };
    let content = match href {
        None => view! { <span>{label}</span> }.into_any(),
        Some(href) => {
            // Figures are wanted largest first, names from A.
            let first = column.align == Align::End;
            let next = move || current.get().map_or(first, |descending| !descending);
            let name = label.clone();
            let title = move || {
                let column = name();
                if next() {
                    t_string!(i18n, ui.table.sort_descending, column = column)
                } else {
                    t_string!(i18n, ui.table.sort_ascending, column = column)
                }
            };
            view! {
                <a class="sort" href=move || href(&key, next()) title=title>
                    {label}
                    {move || {
                        let name = match current.get() {
                            None => IconName::Sort,
                            Some(true) => IconName::ArrowDown,
                            Some(false) => IconName::ArrowUp,
                        };
                        view! { <Icon name /> }
                    }}
                </a>
            }
            .into_any()
        }
    };
    let state = move || {
        current.get().map(|descending| {
            if descending {
                "descending"
            } else {
                "ascending"
            }
        })
    };
    view! {
        <th scope="col" class=class aria-sort=state>
            {content}
        </th>
    }
}

fn row_view(row: Row, aligns: &[Align]) -> impl IntoView + use<> {
    let cells: Vec<_> = row
        .cells
        .into_iter()
        .enumerate()
        .map(|(i, cell)| {
            let class = align_class(aligns.get(i).copied().unwrap_or_default());
            if i == 0 {
                view! {
                    <th scope="row" class=class>
                        {cell.render()}
                    </th>
                }
                .into_any()
            } else {
                view! { <td class=class>{cell.render()}</td> }.into_any()
            }
        })
        .collect();
    view! { <tr data-key=row.key>{cells}</tr> }
}
