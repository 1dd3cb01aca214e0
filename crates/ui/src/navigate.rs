//! Ways through a longer list, a page with parts, a task with steps. All are links.

use crate::{Icon, IconName, text::words};
use i18n::{t_string, use_i18n};
use leptos::{prelude::*, text_prop::TextProp};

/// `summary`: "1–50 of 1,204". A `None` address is a dead end.
#[component]
pub fn Pagination(
    #[prop(into)] summary: TextProp,
    #[prop(into)] previous: Signal<Option<String>>,
    #[prop(into)] next: Signal<Option<String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let step = move |href: Option<String>, icon, label: &'static str, rel: &'static str| {
        match href
    {
        Some(href) => view! {
            <a class="button button-secondary button-small button-icon" href=href rel=rel aria-label=label>
                <Icon name=icon />
            </a>
        }
        .into_any(),
        None => view! {
            <span class="button button-secondary button-small button-icon" aria-hidden="true" data-off="true">
                <Icon name=icon />
            </span>
        }
        .into_any(),
    }
    };
    view! {
        <nav class="pagination" aria-label=move || t_string!(i18n, ui.pagination.label)>
            <p class="figure">{words(&summary)}</p>
            <div class="pagination-steps">
                {move || {
                    let label = t_string!(i18n, ui.pagination.previous);
                    step(previous.get(), IconName::ChevronLeft, label, "prev")
                }}
                {move || {
                    let label = t_string!(i18n, ui.pagination.next);
                    step(next.get(), IconName::ChevronRight, label, "next")
                }}
            </div>
        </nav>
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TabLink {
    pub href: String,
    pub label: String,
    pub current: bool,
    pub count: Option<String>,
}

/// Parts of one page, each with its own address.
#[component]
pub fn Tabs(
    #[prop(into)] label: TextProp,
    #[prop(into)] tabs: Signal<Vec<TabLink>>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=words(&label)>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        view! {
                            <a
                                class="tab"
                                href=tab.href
                                aria-current=tab.current.then_some("page")
                            >
                                {tab.label}
                                {tab
                                    .count
                                    .map(|count| {
                                        view! { <span class="tab-count figure">{count}</span> }
                                    })}
                            </a>
                        }
                    })
                    .collect::<Vec<_>>()
            }}
        </nav>
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    #[default]
    Todo,
    Failed,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub label: String,
    pub state: StepState,
    pub href: Option<String>,
}

/// Where one is in a task.
#[component]
pub fn Stepper(
    #[prop(into)] label: TextProp,
    #[prop(into)] steps: Signal<Vec<Step>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let one = move |(index, step): (usize, Step)| {
        let (class, mark) = match step.state {
            StepState::Done => ("step step-done", Some(IconName::Check)),
            StepState::Current => ("step step-current", None),
            StepState::Todo => ("step", None),
            StepState::Failed => ("step step-failed", Some(IconName::Close)),
        };
        let state = match step.state {
            StepState::Done => t_string!(i18n, ui.step.done),
            StepState::Current => t_string!(i18n, ui.step.current),
            StepState::Todo => t_string!(i18n, ui.step.todo),
            StepState::Failed => t_string!(i18n, ui.step.failed),
        };
        let mark = match mark {
            Some(name) => view! { <Icon name /> }.into_any(),
            None => (index + 1).to_string().into_any(),
        };
        let label = match step.href {
            Some(href) => view! {
                <a class="step-label" href=href>
                    {step.label}
                </a>
            }
            .into_any(),
            None => view! { <span class="step-label">{step.label}</span> }.into_any(),
        };
        view! {
            <li
                class=class
                aria-current=(step.state == StepState::Current).then_some("step")
            >
                <span class="step-mark figure" aria-hidden="true">
                    {mark}
                </span>
                {label}
                <span class="sr-only">{state}</span>
            </li>
        }
    };
    view! {
        <ol class="steps" aria-label=words(&label)>
            {move || steps.get().into_iter().enumerate().map(one).collect::<Vec<_>>()}
        </ol>
    }
}
