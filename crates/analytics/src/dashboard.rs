use crate::query::{Analytics, Current, QueryError};
use access::{Action, Ctx, Resource, authorize};
use metrics::{Cell, Dimension, Metric, Query, Table, Unit, WithoutRate, calendar};
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

/// The home page's figures.
#[derive(Clone, Debug)]
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
    /// Why converted amounts are not known: the first day of each currency.
    pub without_rate: Vec<WithoutRate>,
    /// The last day with figures. `None`: nothing was imported yet, and all tables are empty.
    pub data_through: Option<Day>,
    pub gold_version: i64,
    /// What the trends are grouped by: day, week or month.
    pub grain: Dimension,
    pub cards: Vec<Card>,
    /// Grain, net sales, orders; a row for each day, week or month of the period.
    pub trend: Table,
    /// The same of the comparison, row by row beside it.
    pub trend_before: Option<Table>,
    /// Category, net sales, orders: the largest first.
    pub categories: Table,
    /// Product name, net sales, units.
    pub products: Table,
    /// What `by` is, net sales, orders.
    pub breakdown: Table,
    pub by: Dimension,
    /// What the breakdown may be by: what anything is known of, then columns of the files.
    pub dimensions: Vec<Dimension>,
    /// Grain, new and returning customers. `None` where the context may not see customers.
    pub customers: Option<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub metric: Metric,
    pub value: Cell,
    /// In the comparison's period.
    pub before: Option<Cell>,
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
        self.dashboards.insert(key, Arc::clone(&dashboard));
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
        let period = request.period.resolve(days.unwrap_or(Period {
            from: Day(0),
            to: Day(0),
        }));
        let comparison = period.compared(request.comparison);
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
        let now = ask(totals(period)).await?;
        let before = match comparison {
            Some(period) => Some(ask(totals(period)).await?),
            None => None,
        };
        let cards = shown
            .iter()
            .map(|metric| Card {
                metric: *metric,
                value: now.metric(0, *metric).cloned().unwrap_or(Cell::Unknown),
                before: before
                    .as_ref()
                    .map(|b| b.metric(0, *metric).cloned().unwrap_or(Cell::Unknown)),
            })
            .collect();
        let mut without_rate: Vec<WithoutRate> = std::iter::once(&now)
            .chain(&before)
            .flat_map(|table| table.without_rate.iter().cloned())
            .collect();
        without_rate.sort_unstable();
        without_rate.dedup_by(|a, b| a.currency == b.currency);
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
        let mut dimensions = snapshot.known(self.lake(), &BREAKDOWNS).await?;
        if persons {
            let columns = snapshot.extra_columns(self.lake()).await?;
            dimensions.extend(columns.iter().copied().map(Dimension::Extra));
        }
        let by = request
            .by
            .filter(|by| dimensions.contains(by))
            // A column of the files is read from all lines: only where somebody asks for it.
            .or(dimensions.iter().copied().find(|by| !by.is_extra()))
            .unwrap_or(Dimension::Country);
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
            cards,
            trend: filled(&*ask(trend(period)).await?, grain, period),
            trend_before: match comparison {
                Some(before) => Some(filled(&*ask(trend(before)).await?, grain, before)),
                None => None,
            },
            categories: (*ask(ranked(Dimension::Category, Metric::Orders)).await?).clone(),
            products: (*ask(ranked(Dimension::ProductName, Metric::Units)).await?).clone(),
            breakdown: (*ask(ranked(by, Metric::Orders)).await?).clone(),
            by,
            dimensions,
            customers: if persons {
                Some(filled(&*ask(customers).await?, grain, period))
            } else {
                None
            },
        })
    }
}

impl Dashboard {
    /// The query as the page asks it: of its period, and in its currency.
    pub fn narrowed(&self, query: Query) -> Query {
        in_currency(query.during(Some(self.period)), self.choice, self.home)
    }
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

/// With a row of zeros for each day, week or month in which nothing was sold.
fn filled(table: &Table, grain: Dimension, period: Period) -> Table {
    let nothing: Vec<Cell> = table
        .columns
        .iter()
        .skip(1)
        .map(|column| match column.unit() {
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
}
