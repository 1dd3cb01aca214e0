use crate::query::{Analytics, Current, QueryError};
use access::{Action, Ctx, Resource, authorize};
use metrics::{Cell, Dimension, Formula, Metric, Query, Table, Unit, WithoutRate, calendar};
use std::sync::Arc;
use types::{Comparison, Currency, CurrencyChoice, Day, Micros, Period, PeriodChoice};

/// Longest period shown by day, and by week.
const BY_DAY: i32 = 62;
const BY_WEEK: i32 = 400;
const RANKED: u32 = 8;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DashboardRequest {
    pub period: PeriodChoice,
    pub comparison: Comparison,
    /// The commonest of the store's where absent.
    pub currency: Option<CurrencyChoice>,
    /// The first of every store's that is offered where absent, or where it may not be asked.
    pub by: Option<Dimension>,
}

/// A part of the page, or why it could not be made: the others stand without it.
pub type Part<T> = Result<T, QueryError>;

/// The home page's figures.
#[derive(Debug)]
pub struct Dashboard {
    pub period: Period,
    pub comparison: Option<Period>,
    /// Of every amount: in which they are, or which they were converted into.
    pub currency: Option<Currency>,
    /// Absent where the store has one currency only: nothing is narrowed or converted then.
    pub choice: Option<CurrencyChoice>,
    /// All currencies of the store, the commonest first.
    pub currencies: Vec<Currency>,
    /// The shop's own currency.
    pub home: Currency,
    /// Why converted amounts of the cards are not known: the first day of each currency.
    pub without_rate: Vec<WithoutRate>,
    /// The last day with figures. `None`: nothing was imported yet, and all tables are empty.
    pub data_through: Option<Day>,
    pub gold_version: i64,
    /// What the trends are grouped by: day, week or month.
    pub grain: Dimension,
    /// The last row of a trend is a week or month of which days are still to come, or lie behind the period.
    pub ends_unfinished: bool,
    pub cards: Part<Vec<Card>>,
    pub trend: Part<Trend>,
    /// Category, net sales, orders: the largest first.
    pub categories: Part<Table>,
    /// Product name, net sales, units.
    pub products: Part<Table>,
    /// What `by` is, net sales, orders.
    pub breakdown: Part<Table>,
    pub by: Dimension,
    /// What the breakdown may be by: what anything is known of, then columns of the files.
    pub dimensions: Vec<Dimension>,
    /// Grain, new and returning customers. `None` where the context may not see customers.
    pub customers: Option<Part<Table>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub metric: Metric,
    pub value: Cell,
    /// In the comparison's period.
    pub before: Option<Cell>,
    /// The value is not known because the source does not say it, though there were orders.
    pub is_not_in_source: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Trend {
    /// Grain, net sales, orders; a row for each day, week or month of the period.
    pub now: Table,
    /// The same of the comparison, row by row beside it.
    pub before: Option<Table>,
}

/// What sales are broken down by, beside columns of the files.
const BREAKDOWNS: [Dimension; 5] = [
    Dimension::Country,
    Dimension::Region,
    Dimension::City,
    Dimension::Channel,
    Dimension::PaymentMethod,
];

const CARDS: [Metric; 8] = [
    Metric::NetSales,
    Metric::Orders,
    Metric::Aov,
    Metric::Customers,
    Metric::ReturningCustomerRate,
    Metric::RefundRateValue,
    Metric::GrossSales,
    Metric::Units,
];

impl Analytics {
    pub async fn dashboard(
        &self,
        ctx: &Ctx,
        request: &DashboardRequest,
    ) -> Result<Arc<Dashboard>, QueryError> {
        authorize(ctx, Action::Read, Resource::Figures)?;
        let persons = authorize(ctx, Action::Read, Resource::Customers).is_ok();
        let current = self.current(ctx).await?;
        let key = (
            ctx.tenant,
            current.versions(),
            current.home,
            persons,
            request.clone(),
        );
        if let Some(dashboard) = self.dashboards.get(&key) {
            return Ok(dashboard);
        }
        let dashboard = Arc::new(self.compose(ctx, &current, persons, request).await?);
        // What failed is asked again.
        if dashboard.is_whole() {
            self.dashboards.insert(key, Arc::clone(&dashboard));
        }
        Ok(dashboard)
    }

    async fn compose(
        &self,
        ctx: &Ctx,
        current: &Current,
        persons: bool,
        request: &DashboardRequest,
    ) -> Result<Dashboard, QueryError> {
        let snapshot = &current.snapshot;
        let days = snapshot.days(self.lake()).await?;
        let currencies = snapshot
            .currencies(self.lake())
            .await?
            .iter()
            .filter_map(|c| c.parse().ok())
            .collect::<Vec<Currency>>();
        let choice = match currencies.as_slice() {
            [] | [_] => None,
            [first, ..] => Some(request.currency.unwrap_or(CurrencyChoice::Only(*first))),
        };
        let currency = match choice {
            Some(CurrencyChoice::All) => Some(current.home),
            Some(CurrencyChoice::Only(currency)) => Some(currency),
            None => currencies.first().copied(),
        };
        let data = days.unwrap_or(Period {
            from: Day(0),
            to: Day(0),
        });
        let period = near(request.period.resolve(data), data);
        let comparison = period.compared(request.comparison).map(|p| near(p, data));
        let grain = match period.days() {
            n if n <= BY_DAY => Dimension::Day,
            n if n <= BY_WEEK => Dimension::Week,
            _ => Dimension::Month,
        };
        let ask = |query: Query| {
            let query = in_currency(query, choice, current.home);
            async move { self.answer(ctx.tenant, current, &query).await }
        };
        let shown: Vec<Metric> = CARDS
            .into_iter()
            .filter(|m| persons || !m.needs_customers())
            .collect();
        let totals = |period| Query::new(shown.clone()).during(Some(period));
        let both = |now: Query, before: Option<Query>| {
            let (now, before) = (ask(now), before.map(&ask));
            async move {
                let now = now.await?;
                let before = match before {
                    Some(before) => Some(before.await?),
                    None => None,
                };
                Ok::<_, QueryError>((now, before))
            }
        };
        let cards = both(totals(period), comparison.map(&totals)).await;
        let without_rate = cards.as_ref().map_or_else(|_| Vec::new(), rates_missing);
        let cards = cards.map(|(now, before)| cards_of(&shown, &now, before.as_deref()));
        let sales = [Metric::NetSales, Metric::Orders];
        let trend = |period| Query::new(sales).by([grain]).during(Some(period));
        let ranked = |by, with| {
            Query::new([Metric::NetSales, with])
                .by([by])
                .during(Some(period))
                .top(Metric::NetSales, RANKED)
        };
        let customers = Query::new([Metric::NewCustomers, Metric::ReturningCustomers])
            .by([grain])
            .during(Some(period));
        let known = async {
            let mut dimensions = snapshot.known(self.lake(), &BREAKDOWNS).await?;
            if persons {
                let columns = snapshot.extra_columns(self.lake()).await?;
                dimensions.extend(columns.iter().copied().map(Dimension::Extra));
            }
            Ok::<_, QueryError>(dimensions)
        };
        let (dimensions, unknown) = match known.await {
            Ok(dimensions) => (dimensions, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let by = request
            .by
            .filter(|by| dimensions.contains(by))
            // A column of the files is read from all lines: only where somebody asks for it.
            .or(dimensions.iter().copied().find(|by| !by.is_extra()))
            .unwrap_or(Dimension::Country);
        let alone = |query: Query| {
            let answer = ask(query);
            async move { Ok::<_, QueryError>((*answer.await?).clone()) }
        };
        Ok(Dashboard {
            period,
            comparison,
            currency,
            choice,
            currencies: currencies.clone(),
            home: current.home,
            without_rate,
            data_through: days.map(|d| d.to),
            gold_version: current.version,
            grain,
            ends_unfinished: grain != Dimension::Day
                && ends_within(grain, period.to.min(data.to), period),
            cards,
            trend: both(trend(period), comparison.map(trend))
                .await
                .map(|(now, before)| Trend {
                    now: filled(&now, grain, period),
                    before: before
                        .zip(comparison)
                        .map(|(table, period)| filled(&table, grain, period)),
                }),
            categories: alone(ranked(Dimension::Category, Metric::Orders)).await,
            products: alone(ranked(Dimension::ProductName, Metric::Units)).await,
            breakdown: match unknown {
                Some(error) => Err(error),
                None => alone(ranked(by, Metric::Orders)).await,
            },
            by,
            dimensions,
            customers: if persons {
                let table = alone(customers).await;
                Some(table.map(|table| filled(&table, grain, period)))
            } else {
                None
            },
        })
    }
}

impl Dashboard {
    /// Every part of it could be made.
    fn is_whole(&self) -> bool {
        let tables = [&self.categories, &self.products, &self.breakdown];
        self.cards.is_ok()
            && self.trend.is_ok()
            && tables.into_iter().chain(&self.customers).all(Result::is_ok)
    }

    /// The query as the page asks it: of its period, and in its currency.
    pub fn narrowed(&self, query: Query) -> Query {
        in_currency(query.during(Some(self.period)), self.choice, self.home)
    }
}

/// Days before the first and after the last with figures that a period may reach to: a mistyped year would draw a
/// hundred thousand empty months.
const BEYOND: i32 = 366;

/// The period as far as it lies near the days with figures.
fn near(period: Period, data: Period) -> Period {
    let (first, last) = (data.from.plus(-BEYOND), data.to.plus(BEYOND));
    Period {
        from: period.from.clamp(first, last),
        to: period.to.clamp(first, last),
    }
}

/// Whether the group in which the period ends goes on after `last`.
fn ends_within(grain: Dimension, last: Day, period: Period) -> bool {
    let group = calendar::key(grain, period.to).and_then(|key| calendar::span(grain, key));
    group.is_some_and(|group| group.to > last)
}

fn cards_of(shown: &[Metric], now: &Table, before: Option<&Table>) -> Vec<Card> {
    let value = |table: &Table, metric| table.metric(0, metric).cloned().unwrap_or(Cell::Unknown);
    let sold = matches!(now.metric(0, Metric::Orders), Some(Cell::Count(n)) if *n > 0);
    let card = |metric: &Metric| {
        let now_value = value(now, *metric);
        // A ratio is also unknown where there is nothing to divide by, an amount where a rate is missing.
        let is_sum = matches!(metric.definition().formula, Formula::Sum(_));
        Card {
            metric: *metric,
            is_not_in_source: now_value == Cell::Unknown
                && sold
                && now.without_rate.is_empty()
                && (is_sum || metric.needs_customers()),
            value: now_value,
            before: before.map(|table| value(table, *metric)),
        }
    };
    shown.iter().map(card).collect()
}

/// The first day of each currency.
fn rates_missing((now, before): &(Arc<Table>, Option<Arc<Table>>)) -> Vec<WithoutRate> {
    let mut missing: Vec<WithoutRate> = std::iter::once(now)
        .chain(before)
        .flat_map(|table| table.without_rate.iter().cloned())
        .collect();
    missing.sort_unstable();
    missing.dedup_by(|a, b| a.currency == b.currency);
    missing
}

fn in_currency(query: Query, choice: Option<CurrencyChoice>, home: Currency) -> Query {
    match choice {
        Some(CurrencyChoice::Only(currency)) => {
            query.only(Dimension::Currency, [currency.to_string()])
        }
        Some(CurrencyChoice::All) => query.into_currency(home),
        None => query,
    }
}

/// With a row of zeros for each day, week or month in which nothing was sold; what no row knows is not zero there either.
fn filled(table: &Table, grain: Dimension, period: Period) -> Table {
    let nothing: Vec<Cell> = table
        .columns
        .iter()
        .enumerate()
        .skip(1)
        .map(|(at, column)| match column.unit() {
            _ if nobody_knows(table, at) => Cell::Unknown,
            Some(Unit::Count) => Cell::Count(0),
            Some(Unit::Money | Unit::Quantity) => Cell::Micros(Micros::ZERO),
            Some(Unit::Ratio) | None => Cell::Unknown,
        })
        .collect();
    let mut found = table.rows.iter().peekable();
    let rows: Vec<Vec<Cell>> = calendar::axis(grain, period)
        .into_iter()
        .map(|key| match found.peek() {
            Some(row) if row.first() == Some(&Cell::Key(key)) => {
                found.next().cloned().unwrap_or_default()
            }
            _ => std::iter::once(Cell::Key(key))
                .chain(nothing.iter().cloned())
                .collect(),
        })
        .collect();
    Table {
        total_rows: rows.len() as u64,
        rows,
        ..table.clone()
    }
}

/// No row has a value in this column, though there are rows.
fn nobody_knows(table: &Table, column: usize) -> bool {
    let mut cells = table.rows.iter().map(|row| row.get(column));
    !table.rows.is_empty() && cells.all(|cell| matches!(cell, None | Some(Cell::Unknown)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::{Column, ColumnKind};

    #[test]
    fn days_without_sales_are_zero() {
        let row = |day, orders| vec![Cell::Key(day), Cell::Count(orders)];
        let table = Table {
            columns: [
                ColumnKind::Dimension(Dimension::Day),
                ColumnKind::Metric(Metric::Orders),
            ]
            .map(|kind| Column { kind })
            .to_vec(),
            rows: vec![row(2, 5), row(4, 7)],
            ..Table::default()
        };
        let period = Period {
            from: Day(1),
            to: Day(5),
        };
        let filled = filled(&table, Dimension::Day, period);
        assert_eq!(
            filled.rows,
            [row(1, 0), row(2, 5), row(3, 0), row(4, 7), row(5, 0)]
        );
    }

    #[test]
    fn what_no_order_says_is_not_zero_on_quiet_days() {
        let table = Table {
            columns: [
                ColumnKind::Dimension(Dimension::Day),
                ColumnKind::Metric(Metric::NewCustomers),
            ]
            .map(|kind| Column { kind })
            .to_vec(),
            rows: vec![vec![Cell::Key(1), Cell::Unknown]],
            ..Table::default()
        };
        let period = Period {
            from: Day(1),
            to: Day(2),
        };
        let filled = filled(&table, Dimension::Day, period);
        assert_eq!(filled.rows[1], [Cell::Key(2), Cell::Unknown]);
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn periods_stay_near_the_data() {
        let data = period("2025-01-10", "2025-12-20");
        let near = |from, to| {
            let near = near(period(from, to), data);
            (near.from.to_string(), near.to.to_string())
        };
        let same = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        for (from, to) in [("2025-02-01", "2026-02-01"), ("2024-06-01", "2024-06-30")] {
            assert_eq!(near(from, to), same(from, to));
        }
        let widest = same("2024-01-10", "2026-12-21");
        assert_eq!(near("0001-01-01", "9999-12-31"), widest);
        assert_eq!(
            near("0202-01-01", "0202-12-31"),
            same("2024-01-10", "2024-01-10")
        );
    }

    #[test]
    fn a_week_or_month_may_end_unfinished() {
        let march = period("2026-01-01", "2026-03-14");
        let ends = |grain, last: &str| ends_within(grain, last.parse().unwrap(), march);
        assert!(ends(Dimension::Month, "2026-03-14"));
        assert!(ends(Dimension::Week, "2026-03-14"), "a Saturday");
        let whole = period("2026-01-01", "2026-03-31");
        assert!(!ends_within(Dimension::Month, whole.to, whole));
        // The period reaches beyond the last day with figures.
        assert!(ends_within(
            Dimension::Month,
            "2026-03-30".parse().unwrap(),
            whole
        ));
    }
}
