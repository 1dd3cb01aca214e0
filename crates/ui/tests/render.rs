//! What the components say in HTML, before any script runs.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use i18n::{I18nLocaleTrait, I18nSubContextProvider, Locale};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use ui::{
    Cell, Column, DataTable, Delta, EmptyKind, EmptyState, ErrorState, FormError, Gallery, KpiCard,
    Pagination, PasswordInput, Progress, Row, Select, SelectOption, Sort, SortHref, Step,
    StepState, Stepper, TextInput, Tone, provide_toasts,
};

/// Rendering starts effects that only matter in a browser: here nobody runs them.
struct Idle;

impl CustomExecutor for Idle {
    fn spawn(&self, _: PinnedFuture<()>) {}
    fn spawn_local(&self, _: PinnedLocalFuture<()>) {}
    fn poll_local(&self) {}
}

/// The HTML without the marks that hydration needs.
fn html<V: IntoView + 'static>(
    locale: Locale,
    view: impl FnOnce() -> V + Send + 'static,
) -> String {
    // Another test of this process may have set it.
    let _ = Executor::init_custom_executor(Idle);
    let html = Owner::new().with(|| {
        provide_toasts();
        view! {
            <I18nSubContextProvider initial_locale=Signal::derive(move || locale)>
                {view()}
            </I18nSubContextProvider>
        }
        .to_html()
    });
    html.replace("<!>", "").replace("><", ">\n<")
}

#[test]
fn a_field_is_tied_to_its_words() {
    insta::assert_snapshot!(html(Locale::en, || view! {
        <TextInput
            name="email"
            type_="email"
            label="E-mail"
            hint="We send no advertising."
            error=Some("Write an address.".to_owned())
            value="ana@"
            required=true
        />
    }));
}

#[test]
fn a_password_can_be_shown() {
    insta::assert_snapshot!(html(Locale::es, || view! {
        <PasswordInput name="password" label="Contraseña" required=true />
    }));
}

#[test]
fn a_select_marks_its_value_in_the_markup() {
    insta::assert_snapshot!(html(Locale::en, || view! {
        <Select
            name="field"
            label="Field"
            options=vec![
                SelectOption::new("a", "A").group("Letters"),
                SelectOption::new("b", "B").group("Letters"),
                SelectOption::new("1", "One"),
            ]
            value="b"
        />
    }));
}

#[test]
fn a_figure_of_the_business() {
    insta::assert_snapshot!(html(Locale::ar, || view! {
        <KpiCard
            id="net"
            label="صافي المبيعات"
            value="1,234.50 €"
            change=Some(Delta {
                text: "+12.3%".into(),
                direction: i18n::format::Direction::Up,
                tone: Tone::Good,
                before: Some("1,099.00 €".into()),
            })
            formula="إجمالي المبيعات ناقص المبالغ المستردة"
            data_through="البيانات حتى 3 مارس 2026"
        />
    }));
}

#[test]
fn a_table_sorts_by_link() {
    let sort_href: SortHref = std::sync::Arc::new(|key, down| format!("?sort={key}&down={down}"));
    insta::assert_snapshot!(html(Locale::en, move || view! {
        <DataTable
            caption="Products"
            columns=vec![
                Column::new("name", "Name").sortable(),
                Column::new("net", "Net sales").end().sortable(),
            ]
            rows=vec![
                Row::new("1", vec![Cell::link("/p/1", "A <b>"), Cell::number("€1.00")]),
            ]
            sort=Some(Sort { key: "net".into(), descending: true })
            sort_href=sort_href
            summary="1 row"
        />
    }));
}

#[test]
fn small_states() {
    insta::assert_snapshot!(html(Locale::zh, || view! {
        <FormError text=None />
        <Progress value=Some(0.425) label="导入中" />
        <Progress value=None label="导入中" />
        <EmptyState kind=EmptyKind::NoMatch />
        <ErrorState error_id="7f3a".to_owned() retry_href="/".to_owned() />
        <Pagination summary="1–50" previous=None next=Some("?page=2".to_owned()) />
        <Stepper
            label="步骤"
            steps=vec![
                Step { label: "上传".into(), state: StepState::Done, href: Some("/a".into()) },
                Step { label: "检查".into(), state: StepState::Current, href: None },
            ]
        />
    }));
}

fn gallery(locale: Locale) -> String {
    html(locale, || view! { <Gallery /> })
}

/// The values of an attribute, in order.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.match_indices(&start)
        .filter_map(|(at, _)| html[at + start.len()..].split('"').next())
        .collect()
}

#[test]
fn nothing_needs_inline_styles() {
    for locale in Locale::get_all() {
        let html = gallery(*locale);
        assert!(
            attributes(&html, "style").is_empty(),
            "the CSP refuses them"
        );
        assert!(attributes(&html, "onclick").is_empty());
    }
}

#[test]
fn every_id_is_there_once_and_every_reference_has_one() {
    let html = gallery(Locale::en);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for id in attributes(&html, "id") {
        *seen.entry(id).or_default() += 1;
    }
    let twice: Vec<_> = seen.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    for name in [
        "for",
        "popovertarget",
        "aria-describedby",
        "aria-labelledby",
        "aria-controls",
    ] {
        let missing: BTreeSet<&str> = attributes(&html, name)
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter(|id| !seen.contains_key(id))
            .collect();
        assert!(missing.is_empty(), "{name} refers to {missing:?}");
    }
}

#[test]
fn each_language_speaks_for_itself() {
    let words = [
        (Locale::en, "Try again"),
        (Locale::zh, "重试"),
        (Locale::es, "Reintentar"),
        (Locale::ar, "إعادة المحاولة"),
    ];
    for (locale, word) in words {
        let html = gallery(locale);
        for (other, theirs) in words {
            assert_eq!(
                html.contains(theirs),
                other == locale,
                "{theirs} in {locale}"
            );
        }
        assert!(html.contains(word));
    }
}
