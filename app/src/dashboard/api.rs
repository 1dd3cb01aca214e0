use api::{
    ApiError, Json,
    dashboard::{Figures, Scope},
};
use leptos::prelude::*;
use metrics::Language;

/// The home page's figures; nothing where nothing was imported yet.
#[server(name = ReadFigures, endpoint = "dashboard/figures", input = Json, output = Json)]
pub async fn figures(scope: Scope, language: Language) -> Result<Option<Figures>, ApiError> {
    let on = crate::entry::enter("dashboard/figures")?;
    let found = on
        .backend
        .analytics
        .dashboard(&on.ctx, &native::request(&scope))
        .await;
    on.answer(found, |dashboard| {
        native::figures(&on, &dashboard, language)
    })
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::request;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::entry::{Entered, IntoApi};
    use api::{
        ApiError, Code,
        dashboard::{Card, Chart, Figures, Panel, Scope},
    };
    use backend::analytics::{Dashboard, DashboardRequest, Part, QueryError, Trend};
    use charts::{ChartSpec, Kind, Series, Unit as ChartUnit};
    use i18n::{Locale, td_string};
    use metrics::{Cell, ColumnKind, Dimension, Language, Metric, Table, Unit, calendar};
    use types::{Currency, Micros};

    pub fn request(scope: &Scope) -> DashboardRequest {
        DashboardRequest {
            period: scope.period,
            comparison: scope.comparison,
            currency: scope.currency,
            by: scope.by,
        }
    }

    impl IntoApi for QueryError {
        fn into_api(self) -> ApiError {
            (&self).into_api()
        }
    }

    /// Of a part of a page that others hold too.
    impl IntoApi for &QueryError {
        fn into_api(self) -> ApiError {
            match self {
                QueryError::Denied(_) => ApiError::of(Code::Forbidden),
                QueryError::Invalid(_) => ApiError::of(Code::Invalid),
                QueryError::Storage(error) => error.into_api(),
                _ => ApiError::of(Code::Internal),
            }
        }
    }

    fn locale(language: Language) -> Locale {
        match language {
            Language::En => Locale::en,
            Language::Zh => Locale::zh,
            Language::Es => Locale::es,
            Language::Ar => Locale::ar,
        }
    }

    /// Absent where there is no data yet.
    pub fn figures(on: &Entered, found: &Dashboard, language: Language) -> Option<Figures> {
        let data_through = found.data_through?;
        let currency = found.currency?;
        let draw = Drawing {
            locale: locale(language),
            language,
            currency,
            ends_unfinished: found.ends_unfinished,
        };
        let ranking = |table: &Part<Table>, title: &str, beside| -> Panel {
            on.part(table.as_ref(), |table| draw.ranking(table, title, beside))
        };
        Some(Figures {
            period: found.period,
            comparison: found.comparison,
            currency,
            choice: found.choice,
            currencies: found.currencies.clone(),
            home: found.home,
            without_rate: found.without_rate.clone(),
            data_through,
            cards: on.part(found.cards.as_ref(), |cards| {
                let card = |c: &backend::analytics::Card| Card {
                    metric: c.metric,
                    value: c.value.clone(),
                    before: c.before.clone(),
                    is_not_in_source: c.is_not_in_source,
                };
                cards.iter().map(card).collect()
            }),
            unfinished: found.ends_unfinished.then_some(found.grain),
            trend: on.part(found.trend.as_ref(), |trend| draw.trend(trend)),
            categories: ranking(
                &found.categories,
                td_string!(draw.locale, dashboard.categories),
                Metric::Orders,
            ),
            products: ranking(
                &found.products,
                td_string!(draw.locale, dashboard.products),
                Metric::Units,
            ),
            breakdown: ranking(
                &found.breakdown,
                &td_string!(
                    draw.locale,
                    dashboard.breakdown,
                    dimension = crate::texts::inside(found.by, draw.locale)
                ),
                Metric::Orders,
            ),
            by: found.by,
            dimensions: found.dimensions.clone(),
            customers: found
                .customers
                .as_ref()
                .map(|table| on.part(table.as_ref(), |table| draw.stacked(table))),
        })
    }

    /// What every chart of one dashboard shares.
    struct Drawing {
        locale: Locale,
        language: Language,
        currency: Currency,
        /// Of what goes by time, the last is not over.
        ends_unfinished: bool,
    }

    impl Drawing {
        /// Names of the rows: in full, and as an axis has room for.
        fn labels(&self, table: &Table) -> (Vec<String>, Vec<String>) {
            let unknown = td_string!(self.locale, common.unknown);
            let Some(head) = table.columns.first() else {
                return (Vec::new(), Vec::new());
            };
            table
                .rows
                .iter()
                .filter_map(|row| row.first())
                .map(|cell| {
                    let long = match (cell, head.kind) {
                        (Cell::Text(name), ColumnKind::Dimension(Dimension::Country))
                            if !name.is_empty() =>
                        {
                            backend::lake::country_label(name, self.language).to_owned()
                        }
                        (cell, kind) => {
                            crate::texts::cell(cell, kind, self.currency, self.locale, unknown)
                        }
                    };
                    let short = match (cell, head.kind) {
                        (
                            Cell::Key(key),
                            ColumnKind::Dimension(d @ (Dimension::Day | Dimension::Week)),
                        ) => {
                            let first = calendar::span(d, *key).map(|p| p.from);
                            first.map(|day| i18n::format::day_short(day, self.locale))
                        }
                        _ => None,
                    };
                    (long.clone(), short.unwrap_or(long))
                })
                .unzip()
        }

        fn values(table: &Table, metric: Metric) -> Vec<Option<Micros>> {
            let column = table.column(metric.id());
            let cell = |row: &Vec<Cell>| column.and_then(|c| row.get(c)).and_then(Cell::micros);
            table.rows.iter().map(cell).collect()
        }

        fn unit(&self, metric: Metric) -> ChartUnit {
            match metric.unit() {
                Unit::Money => ChartUnit::Money(self.currency),
                Unit::Count => ChartUnit::Count,
                Unit::Quantity => ChartUnit::Quantity,
                Unit::Ratio => ChartUnit::Percent,
            }
        }

        fn series(&self, table: &Table, metric: Metric) -> Series {
            Series {
                name: metric.name(self.language).to_owned(),
                values: Self::values(table, metric),
                dashed: false,
                of: None,
            }
        }

        /// Draws `series`; `beside` are metrics that only the table shows.
        fn draw(
            &self,
            kind: Kind,
            title: &str,
            table: &Table,
            series: Vec<Series>,
            metric: Metric,
            beside: &[Metric],
        ) -> Chart {
            let (long_labels, labels) = self.labels(table);
            let head = table.columns.first();
            let spec = ChartSpec {
                kind,
                title: title.to_owned(),
                description: title.to_owned(),
                x_name: head
                    .map(|head| crate::texts::heading(&head.kind, self.locale))
                    .unwrap_or_default()
                    .to_owned(),
                labels,
                long_labels,
                series,
                unit: self.unit(metric),
                locale: self.locale,
                incomplete_last: self.ends_unfinished && kind != Kind::HorizontalBar,
                is_narrow: kind == Kind::StackedBar,
            };
            let (mut headings, mut rows) = (spec.headings(), spec.table_rows());
            for metric in beside {
                headings.push(metric.name(self.language).to_owned());
                for (n, row) in rows.iter_mut().enumerate() {
                    let cell = table.metric(n, *metric).unwrap_or(&Cell::Unknown);
                    let kind = ColumnKind::Metric(*metric);
                    row.push(crate::texts::cell(
                        cell,
                        kind,
                        self.currency,
                        self.locale,
                        "",
                    ));
                }
            }
            Chart {
                svg: charts::svg(&spec),
                option: charts::option_json(&spec),
                headings,
                rows,
                lacks_column: lacks_column(table),
            }
        }

        /// Net sales over time, with the comparison beside it row by row.
        fn trend(&self, trend: &Trend) -> Chart {
            let table = &trend.now;
            let metric = Metric::NetSales;
            let mut series = vec![self.series(table, metric)];
            if let Some(before) = &trend.before {
                let mut values = Self::values(before, metric);
                values.resize(table.rows.len(), None);
                series.push(Series {
                    name: td_string!(self.locale, dashboard.before).to_owned(),
                    values,
                    dashed: true,
                    of: Some(0),
                });
            }
            let title = td_string!(self.locale, dashboard.trend);
            self.draw(Kind::Line, title, table, series, metric, &[Metric::Orders])
        }

        fn ranking(&self, table: &Table, title: &str, beside: Metric) -> Chart {
            let metric = Metric::NetSales;
            let series = vec![self.series(table, metric)];
            self.draw(Kind::HorizontalBar, title, table, series, metric, &[beside])
        }

        fn stacked(&self, table: &Table) -> Chart {
            let series = vec![
                self.series(table, Metric::NewCustomers),
                self.series(table, Metric::ReturningCustomers),
            ];
            let title = td_string!(self.locale, dashboard.customers);
            self.draw(
                Kind::StackedBar,
                title,
                table,
                series,
                Metric::NewCustomers,
                &[],
            )
        }
    }

    /// Groups by something no row has a value of, or asks for figures that the source says nothing of.
    fn lacks_column(table: &Table) -> bool {
        let by_time = table.columns.first().is_some_and(|c| match c.kind {
            ColumnKind::Dimension(d) => d.is_time(),
            ColumnKind::Metric(_) => false,
        });
        let mut figures = table.rows.iter().flat_map(|row| row.iter().skip(1));
        if by_time && table.without_rate.is_empty() {
            return !table.rows.is_empty() && figures.all(|cell| *cell == Cell::Unknown);
        }
        let empty = |row: &Vec<Cell>| match row.first() {
            Some(Cell::Text(text)) => text.is_empty(),
            Some(Cell::Unknown) | None => true,
            Some(_) => false,
        };
        !by_time && !table.rows.is_empty() && table.rows.iter().all(empty)
    }
}
