//! Parts of pages with fixed data, as the server renders them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use api::{
    ApiError, Code, Moment,
    dashboard::{Card, Chart, Figures, Scope},
    sources::{FailedFile, GivenUp, Sources, Watch},
    uploads::{Failure, ImportEffect, Outcome, Parent, Preview, Row, State, Totals, Upload, Who},
};
use app::{
    dashboard::page::AllFigures,
    sources,
    uploads::{page::Stage, parts},
};
use i18n::Locale;
use leptos::prelude::*;
use leptos_router::{components::Router, location::RequestUrl};
use metrics::{Cell, Dimension, Metric};
use types::{Currency, Micros, Period};

/// Rendering starts effects that only matter in a browser: here nobody runs them.
struct Idle;

impl CustomExecutor for Idle {
    fn spawn(&self, _: PinnedFuture<()>) {}
    fn spawn_local(&self, _: PinnedLocalFuture<()>) {}
    fn poll_local(&self) {}
}

/// What the server renders for `view` at `url`, in the language of the `lang` cookie.
fn render<V: IntoView + 'static>(
    url: &str,
    language: &str,
    view: impl FnOnce() -> V + Send + 'static,
) -> String {
    // Set by whichever test is first: the others find it set.
    let _ = Executor::init_custom_executor(Idle);
    let request = axum::http::Request::builder()
        .uri(url)
        .header("cookie", format!("lang={language}"))
        .body(())
        .unwrap();
    let (parts, ()) = request.into_parts();
    Owner::new().with(|| {
        provide_context(RequestUrl::new(url));
        provide_context(parts);
        provide_context(leptos_axum::ResponseOptions::default());
        leptos_meta::provide_meta_context();
        let html = view! {
            <i18n::Provider>
                <Router>{view()}</Router>
            </i18n::Provider>
        };
        html.to_html()
    })
}

fn money(units: i64) -> Cell {
    Cell::Micros(Micros(units * 1_000_000))
}

fn chart(name: &str) -> Chart {
    Chart {
        svg: format!("<svg role=\"img\"><title>{name}</title></svg>"),
        option: "{}".to_owned(),
        headings: vec!["Day".to_owned(), "Net sales".to_owned()],
        rows: vec![vec!["3 Mar 2026".to_owned(), "€1,234.50".to_owned()]],
        lacks_column: false,
    }
}

fn figures() -> Figures {
    Figures {
        period: Period::new("2026-02-02".parse().unwrap(), "2026-03-03".parse().unwrap()).unwrap(),
        comparison: None,
        currency: Currency::EUR,
        choice: None,
        currencies: vec![Currency::EUR],
        home: Currency::EUR,
        without_rate: Vec::new(),
        data_through: "2026-03-03".parse().unwrap(),
        cards: Ok(vec![
            Card {
                metric: Metric::NetSales,
                value: money(48_210),
                before: Some(money(40_000)),
                is_not_in_source: false,
            },
            Card {
                metric: Metric::Orders,
                value: Cell::Count(1204),
                before: None,
                is_not_in_source: false,
            },
            Card {
                metric: Metric::Customers,
                value: Cell::Unknown,
                before: None,
                is_not_in_source: true,
            },
        ]),
        unfinished: Some(Dimension::Week),
        trend: Ok(chart("trend")),
        categories: Ok(Chart {
            lacks_column: true,
            ..chart("categories")
        }),
        products: Err(ApiError {
            id: Some("a1b2c3".to_owned()),
            ..ApiError::of(Code::Internal)
        }),
        breakdown: Ok(Chart {
            rows: Vec::new(),
            ..chart("breakdown")
        }),
        by: Dimension::Country,
        dimensions: vec![Dimension::Country, Dimension::City],
        customers: None,
    }
}

fn dashboard(language: &'static str) -> String {
    render("/", language, || {
        let figures = RwSignal::new(Some(figures()));
        view! { <AllFigures figures=figures busy=false retry=|()| () /> }
    })
}

/// The text between tags.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn the_first_html_holds_numbers_charts_and_their_tables() {
    let html = dashboard("en");
    let text = text(&html);
    for expected in ["Net sales", "€48,210", "1,204", "3 Mar 2026", "€1,234.50"] {
        assert!(text.contains(expected), "{expected} is missing: {text}");
    }
    assert!(html.contains("<title>trend</title>"));
    assert!(html.contains("data-value=\"48210\""));
    // Refused by the content security policy.
    assert!(!html.contains(" style="), "{html}");
}

#[test]
fn a_failing_panel_leaves_the_others_alone() {
    let html = dashboard("en");
    assert!(html.contains("a1b2c3"), "the error's id is shown");
    assert!(html.contains("<title>trend</title>"));
    assert!(!html.contains("<title>products</title>"));
    let said = text(&html);
    assert!(said.contains("Try again"), "{said}");
    assert!(said.contains("Not available from this source"), "{said}");
    assert!(said.contains("The last week is not complete"), "{said}");
    // The files lack the column; no row in the period; not permitted: each its own text, none a chart.
    for absent in ["categories", "breakdown", "customers"] {
        assert!(
            !html.contains(&format!("<title>{absent}</title>")),
            "{absent}"
        );
    }
}

#[test]
fn figures_read_in_every_language() {
    for (language, net_sales) in [
        ("zh", "净销售额"),
        ("es", "Ventas netas"),
        ("ar", "صافي المبيعات"),
    ] {
        let text = text(&dashboard(language));
        assert!(text.contains(net_sales), "{language}: {text}");
        assert!(!text.contains("Net sales over time"), "{language}: {text}");
    }
}

fn totals() -> Vec<Totals> {
    vec![Totals {
        currency: Currency::EUR,
        gross_sales: Micros(50_000_000_000),
        net_sales: Micros(48_210_000_000),
        orders: 1204,
        customers: None,
    }]
}

#[test]
fn a_row_of_the_history_says_who_when_and_what_came_of_it() {
    let html = render("/uploads", "en", || {
        let i18n = i18n::use_i18n();
        let row = Row {
            id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            file_name: "orders.csv".to_owned(),
            size: 48_000_000,
            state: State::Done,
            created_by: Some(Who::Person("Ana".to_owned())),
            created: Moment {
                day: "2026-03-03".parse().unwrap(),
                time: "14:05".to_owned(),
            },
            rows: Some(541_909),
            rejected: Some(0),
            totals: totals(),
            parent: Some(Parent {
                id: "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap(),
                file_name: "first.csv".to_owned(),
            }),
            pieces: Vec::new(),
        };
        let row = parts::upload_row(i18n, &row, str::to_owned);
        view! { <ui::DataTable caption="Uploads" columns=parts::upload_columns(i18n, true) rows=vec![row] /> }
    });
    let text = text(&html);
    for expected in [
        "orders.csv",
        "Imported",
        "Ana",
        "3 Mar 2026",
        "14:05",
        "541,909",
        "€48,210",
        "Corrects first.csv",
    ] {
        assert!(text.contains(expected), "{expected} is missing: {text}");
    }
    assert!(html.contains("/uploads/01890a5d-ac96-774b-bcce-b302099a8057"));
    assert!(html.contains("/uploads/01890a5d-ac96-774b-bcce-b302099a8058"));
}

fn noon() -> Moment {
    Moment {
        day: "2026-03-03".parse().unwrap(),
        time: "12:00".to_owned(),
    }
}

#[test]
fn sources_say_what_is_wrong_and_offer_another_try() {
    let problem = |code: &str, message: &str, params: &[(&str, &str)]| Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        params: params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    let shown = Sources {
        watches: vec![Watch {
            id: "w".to_owned(),
            url: "file:///srv/exports".to_owned(),
            pattern: "*.csv".to_owned(),
            created_by: Some("Ana".to_owned()),
            created: noon(),
            looked: Some(noon()),
            problem: None,
            taken: 1_204,
            waiting: 1,
            failed: vec![FailedFile {
                name: "broken.csv".to_owned(),
                problem: problem("place_changing", "changed", &[("file", "broken.csv")]),
            }],
        }],
        given_up: vec![GivenUp {
            id: "j".to_owned(),
            kind: "import".to_owned(),
            attempts: 5,
            at: noon(),
            next: None,
            problem: problem("work_disk_full", "os error 28", &[]),
        }],
        keys: Vec::new(),
        roots: vec!["file:///srv".to_owned()],
        issued: None,
        may_change: true,
        may_retry: true,
    };
    let page = |language, shown: Sources| {
        render("/sources", language, move || {
            let sources = RwSignal::new(Some(shown));
            view! {
                <sources::parts::Watches sources=sources changed=|()| () />
                <sources::parts::GivenUpWork sources=sources changed=|()| () />
            }
        })
    };
    let html = page("en", shown.clone());
    let said = text(&html);
    for expected in [
        "file:///srv/exports",
        "*.csv",
        "Looked at 3 Mar 2026, 12:00 · Files taken: 1,204 · Waiting: 1",
        "broken.csv changed while it was read",
        "Import of a file",
        "3 Mar 2026, 12:00, after 5 attempts",
        "The server's disk is full.",
        "os error 28",
    ] {
        assert!(said.contains(expected), "{expected} is missing: {said}");
    }
    assert!(html.contains("remove-watch") && html.contains("retry-job"));
    let arabic = text(&page("ar", shown.clone()));
    assert!(arabic.contains("إعادة المحاولة"), "{arabic}");
    let chinese = text(&page("zh", shown.clone()));
    assert!(chinese.contains("服务器磁盘已满"), "{chinese}");
    // Who may only look has no buttons.
    let looking = Sources {
        may_change: false,
        may_retry: false,
        ..shown
    };
    let html = page("en", looking);
    assert!(!html.contains("remove-watch") && !html.contains("retry-job"));
    let none = text(&page("en", Sources::default()));
    assert!(none.contains("Nothing has failed for good"), "{none}");
}

#[test]
fn the_preview_is_one_sentence() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = seen.clone();
    render("/", "en", move || {
        let i18n = i18n::use_i18n();
        let preview = Preview {
            records: 3000,
            rejected: 0,
            repeated: 0,
            days: 31,
            effect_complete: true,
            orders: 1204,
            lines: 3000,
            first_day: "2026-01-31".parse().ok(),
            last_day: "2026-03-02".parse().ok(),
            gross: vec![(Currency::EUR, Micros(48_210_000_000))],
            rows: Vec::new(),
            rejects: Vec::new(),
            effect: ImportEffect::default(),
            data: None,
            complete: true,
        };
        sink.lock()
            .unwrap()
            .push(parts::preview_sentence(i18n, &preview));
    });
    let sentence = seen.lock().unwrap().first().cloned().unwrap();
    for expected in ["1,204", "31 Jan", "2 Mar 2026", "€48,210"] {
        assert!(sentence.contains(expected), "{sentence}");
    }
}

#[test]
fn the_result_leads_to_the_imported_days() {
    let outcome = Outcome {
        rows: 10,
        accepted: 9,
        warnings: 0,
        rejected: 1,
        blank: 0,
        duplicates: 0,
        first_day: "2010-12-01".parse().ok(),
        last_day: "2011-12-09".parse().ok(),
        totals: totals(),
        notes: Vec::new(),
        files: Vec::new(),
        seconds: 1.5,
    };
    assert_eq!(
        parts::dashboard_link(&outcome, Scope::default()),
        "/?period=2010-12-01..2011-12-09"
    );
    assert_eq!(parts::net_sales(&outcome.totals, Locale::en), "€48,210.00");
    assert_eq!(parts::net_sales(&[], Locale::en), i18n::format::DASH);
}

fn stage(state: State, failure: Option<&'static str>) -> String {
    render(
        "/uploads/01890a5d-ac96-774b-bcce-b302099a8057",
        "en",
        move || {
            let upload = Upload {
                id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
                file_name: "orders.csv".to_owned(),
                size: 100,
                received: 100,
                state,
                rows_done: 0,
                bytes_done: 0,
                facts: None,
                columns: Vec::new(),
                questions: Vec::new(),
                assumptions: Vec::new(),
                decisions: Default::default(),
                answers: Vec::new(),
                reading: None,
                live: true,
                preview: None,
                outcome: None,
                rejects: None,
                checks: Vec::new(),
                problems: Vec::new(),
                failure: failure.map(|code| Failure {
                    code: code.to_owned(),
                    message: String::new(),
                    params: Default::default(),
                }),
                duplicate_of: None,
                parts: Vec::new(),
                pieces: Vec::new(),
                taken_from: None,
                parent: None,
                undoing: false,
                created_by: None,
                created: Moment {
                    day: "2026-03-03".parse().unwrap(),
                    time: "14:05".to_owned(),
                },
                finished: None,
            };
            let upload = RwSignal::new(Some(upload));
            view! { <Stage state upload changed=|()| () /> }
        },
    )
}

#[test]
fn what_is_under_way_can_be_cancelled() {
    for state in State::ALL {
        let open = !state.is_final() && state != State::Held;
        let html = stage(state, None);
        assert_eq!(html.contains("data-testid=\"cancel\""), open, "{state}");
    }
}

#[test]
fn another_try_is_offered_where_it_can_succeed() {
    for (code, offered) in [("gave_up", true), ("not_a_table", false)] {
        let html = stage(State::Failed, Some(code));
        assert_eq!(html.contains("change-retry"), offered, "{code}");
        assert!(html.contains("change-rerun"), "{code}");
    }
}

#[test]
fn what_is_held_back_says_what_counts_meanwhile() {
    let html = stage(State::Held, None);
    assert!(html.contains("change-abandon"));
    assert!(text(&html).contains("Your figures still hold what was imported of it before."));
}
