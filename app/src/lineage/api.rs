use api::{ApiError, dashboard::Scope, lineage::Origin};
use leptos::{prelude::*, server_fn::codec::Json};
use metrics::Metric;

/// Where the dashboard's figure of this scope comes from; nothing where nothing was imported yet.
#[server(name = ReadOrigin, endpoint = "lineage/figure", input = Json)]
pub async fn origin(metric: Metric, scope: Scope) -> Result<Option<Origin>, ApiError> {
    let on = crate::entry::enter("lineage/figure")?;
    let found = native::origin(&on, metric, &scope).await;
    on.answer(found, |found| found)
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::{
        dashboard::api::request,
        entry::{Entered, moment},
    };
    use api::{
        dashboard::Scope,
        lineage::{File, Origin},
    };
    use backend::{
        lineage::{self, NodeKind},
        uploads::UploadError,
    };
    use jiff::tz::TimeZone;
    use metrics::{Cell, Metric, Query, Table};
    use types::{Micros, UploadId};

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
