use api::{
    ApiError,
    dashboard::Scope,
    lineage::{Lines, LinesAsked, Origin, Record},
};
use leptos::{prelude::*, server_fn::codec::Json};
use metrics::Metric;
use types::UploadId;

/// Where the dashboard's figure of this scope comes from; nothing where nothing was imported yet.
#[server(name = ReadOrigin, endpoint = "lineage/figure", input = Json)]
pub async fn origin(metric: Metric, scope: Scope) -> Result<Option<Origin>, ApiError> {
    let on = crate::entry::enter("lineage/figure")?;
    let found = native::origin(&on, metric, &scope).await;
    on.answer(found, |found| found)
}

/// A page of the lines behind the dashboard's figure of this scope; nothing where nothing was imported yet.
#[server(name = ReadLines, endpoint = "lineage/lines", input = Json)]
pub async fn lines(asked: LinesAsked, scope: Scope) -> Result<Option<Lines>, ApiError> {
    let on = crate::entry::enter("lineage/lines")?;
    let found = native::lines(&on, &asked, &scope).await;
    on.answer(found, |found| found)
}

/// A record as it stands in an upload's file; nothing where there is none of this number.
#[server(name = ReadRecord, endpoint = "lineage/record", input = Json)]
pub async fn record(id: UploadId, record: u64) -> Result<Option<Record>, ApiError> {
    let on = crate::entry::enter("lineage/record")?;
    let found = native::record(&on, id, record).await;
    on.answer(found, |found| found)
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::selection;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::{
        dashboard::api::request,
        entry::{Entered, moment},
    };
    use access::Ctx;
    use api::{
        dashboard::Scope,
        lineage::{
            Amounts, File, LINES, Line, LineSort, LineSums, Lines, LinesAsked, Origin, Record,
            RecordCell,
        },
    };
    use backend::{
        Backend,
        analytics::Dashboard,
        lake::lines::{Behind, LineOrder},
        lineage::{self, NodeKind},
        uploads::{self, UploadError},
    };
    use jiff::tz::TimeZone;
    use metrics::{Cell, Dimension, Metric, Query, Table};
    use std::collections::HashMap;
    use types::{CurrencyChoice, Micros, UploadId};

    pub async fn lines(
        on: &Entered,
        asked: &LinesAsked,
        scope: &Scope,
    ) -> Result<Option<Lines>, UploadError> {
        let analytics = &on.backend.analytics;
        let shown = analytics.dashboard(&on.ctx, &request(scope)).await?;
        let Some(currency) = shown.currency else {
            return Ok(None);
        };
        let metric = asked.metric;
        let value = if asked.file.is_none() || metric.allows(Dimension::Upload) {
            let query = narrowed(&shown, asked, metric);
            let table = analytics.query(&on.ctx, &query).await?;
            table.metric(0, metric).cloned().unwrap_or(Cell::Unknown)
        } else {
            Cell::Unknown
        };
        let offset = asked.page.min(1_000_000) * LINES;
        let (query, order) = chosen(&shown, asked);
        let page = (offset, LINES as u32);
        let found = analytics.lines(&on.ctx, &query, order, page).await?;
        let names = lineage::file_names(
            &on.backend,
            &on.ctx,
            found.page.items.iter().map(|l| l.upload).chain(asked.file),
        )
        .await?;
        Ok(Some(Lines {
            metric,
            period: shown.period,
            currency,
            value,
            converted: shown.choice == Some(CurrencyChoice::All),
            file: asked.file.and_then(|id| names.get(&id).cloned()),
            sums: sums(&found, metric),
            page: page_of(found, metric, &names),
        }))
    }

    /// What is asked of the lake for these lines, and in which order; nothing where nothing was imported yet.
    pub async fn selection(
        backend: &Backend,
        ctx: &Ctx,
        asked: &LinesAsked,
        scope: &Scope,
    ) -> Result<Option<(Query, LineOrder)>, UploadError> {
        let shown = backend.analytics.dashboard(ctx, &request(scope)).await?;
        Ok(shown.currency.is_some().then(|| chosen(&shown, asked)))
    }

    fn chosen(shown: &Dashboard, asked: &LinesAsked) -> (Query, LineOrder) {
        let order = LineOrder {
            by: match asked.sort {
                LineSort::Day => None,
                LineSort::Metric(metric) => Some(metric),
            },
            descending: !asked.ascending,
        };
        // Lines are of any figure alike: what may be asked of one file may be of this.
        (narrowed(shown, asked, Metric::NetSales), order)
    }

    fn narrowed(shown: &Dashboard, asked: &LinesAsked, metric: Metric) -> Query {
        let query = shown.narrowed(Query::new([metric]));
        match asked.file {
            Some(file) => query.only(Dimension::Upload, [file.to_string()]),
            None => query,
        }
    }

    pub async fn record(
        on: &Entered,
        id: UploadId,
        record: u64,
    ) -> Result<Option<Record>, UploadError> {
        let found = uploads::record(&on.backend, &on.ctx, id, record).await?;
        Ok(found.map(|found| Record {
            file_name: found.file_name,
            record: found.record,
            line: found.line_no,
            cells: found
                .cells
                .into_iter()
                .map(|(column, field, cell)| RecordCell {
                    column,
                    read: (cell.read != cell.raw).then_some(cell.read),
                    text: cell.raw,
                    field: field.map(|field| field.id().to_owned()),
                })
                .collect(),
            text: found.text,
        }))
    }

    fn sums(found: &Behind, metric: Metric) -> Vec<LineSums> {
        let sums = found.sums.iter().map(|sums| LineSums {
            currency: sums.currency.parse().ok(),
            lines: sums.lines,
            amounts: amounts(|metric| sums.value(metric), metric),
        });
        sums.collect()
    }

    fn page_of(
        found: Behind,
        metric: Metric,
        names: &HashMap<UploadId, String>,
    ) -> types::Page<Line> {
        found.page.map(|line| Line {
            amounts: amounts(|metric| line.value(metric), metric),
            file: names.get(&line.upload).cloned().unwrap_or_default(),
            order: line.order_id,
            returned: line.returned,
            day: line.day,
            product: line.product_name.or(line.sku),
            currency: line.currency.parse().ok(),
            upload: line.upload,
            record: line.record,
        })
    }

    fn amounts(value: impl Fn(Metric) -> Option<Micros>, asked: Metric) -> Amounts {
        let of = |metric| value(metric).unwrap_or(Micros::ZERO);
        Amounts {
            units: of(Metric::Units),
            gross: of(Metric::GrossSales),
            discounts: of(Metric::Discounts),
            returns: of(Metric::Returns),
            net: of(Metric::NetSales),
            asked: value(asked),
        }
    }

    pub async fn origin(
        on: &Entered,
        metric: Metric,
        scope: &Scope,
    ) -> Result<Option<Origin>, UploadError> {
        let shown = on
            .backend
            .analytics
            .dashboard(&on.ctx, &request(scope))
            .await?;
        let Some(currency) = shown.currency else {
            return Ok(None);
        };
        let query = shown.narrowed(Query::new([metric]));
        let value = on.backend.analytics.query(&on.ctx, &query).await?;
        let value = value.metric(0, metric).cloned().unwrap_or(Cell::Unknown);
        let graph = lineage::of_figure(&on.backend, &on.ctx, &query).await?;
        let mut tx = on.backend.storage.tenant_read(&on.ctx).await?;
        let tenant = tx.own_tenant().await?;
        tx.commit().await?;
        let zone = TimeZone::get(&tenant.timezone).unwrap_or(TimeZone::UTC);
        let mut origin = Origin {
            metric,
            value,
            period: shown.period,
            currency,
            table: String::new(),
            table_version: 0,
            gold_version: graph.gold_version,
            files: Vec::new(),
        };
        let mut files = Vec::new();
        for node in graph.nodes {
            match node.kind {
                NodeKind::Gold => {
                    origin.table = node.name;
                    origin.table_version = node.version.unwrap_or_default();
                }
                NodeKind::File => {
                    let Some((id, at)) = node.id.parse::<UploadId>().ok().zip(node.at) else {
                        continue;
                    };
                    let brought = graph.shares.as_ref().and_then(|table| row_of(table, id));
                    let file = File {
                        id,
                        name: node.name,
                        at: moment(at, &zone),
                        records: node.rows,
                        orders: brought.map_or(0, |b| b.orders),
                        gross_sales: brought.map_or(Micros::ZERO, |b| b.gross_sales),
                        net_sales: brought.map_or(Micros::ZERO, |b| b.net_sales),
                    };
                    files.push((at, file));
                }
                NodeKind::Silver | NodeKind::Figure => {}
            }
        }
        files.sort_by_key(|(at, file)| (std::cmp::Reverse(*at), file.id));
        origin.files = files.into_iter().map(|(_, file)| file).collect();
        Ok(Some(origin))
    }

    #[derive(Clone, Copy)]
    struct Brought {
        orders: i64,
        gross_sales: Micros,
        net_sales: Micros,
    }

    fn row_of(shares: &Table, id: UploadId) -> Option<Brought> {
        let id = id.to_string();
        let row = (0..shares.rows.len()).find(|row| shares.text(*row, 0) == id)?;
        let money = |metric| {
            let cell = shares.metric(row, metric);
            cell.and_then(Cell::micros).unwrap_or(Micros::ZERO)
        };
        Some(Brought {
            orders: match shares.metric(row, Metric::Orders) {
                Some(Cell::Count(n)) => *n,
                _ => 0,
            },
            gross_sales: money(Metric::GrossSales),
            net_sales: money(Metric::NetSales),
        })
    }
}
