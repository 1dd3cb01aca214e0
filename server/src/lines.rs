//! `GET /lineage/lines.csv`: the lines behind a figure, all of them, in the order of their page. What is asked is what
//! the page's address asks. Amounts are plain numbers in each line's own currency; what no file says is empty.

use crate::{
    csv::{self, field},
    security::answer,
    transfer,
    web::Web,
};
use access::{Action, Ctx, Resource, authorize};
use api::{ApiError, Code, dashboard::Scope, lineage::LinesAsked};
use axum::{
    body::Body,
    extract::{Extension, Query, State},
    response::Response,
};
use backend::{
    analytics::Standing,
    identity::Session,
    lake::lines::{BehindLine, LineOrder},
    lineage,
    uploads::UploadError,
};
use bytes::Bytes;
use futures::stream;
use metrics::Metric;
use std::collections::HashMap;
use types::{Micros, UploadId};

/// Lines taken from the lake at a time.
const BATCH: u32 = 20_000;

const HEAD: &str = "order_id,returned,day,sku,product_name,category,units,gross_sales,discounts,returns,net_sales,\
                    taxes,shipping,currency,customer,country,region,city,channel,payment_method,upload,file,record\n";

pub async fn download(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response<Body> {
    let Some(Extension(session)) = session else {
        return answer::unauthenticated();
    };
    let get = |name: &str| query.get(name).map(String::as_str);
    let (asked, scope) = (LinesAsked::read(get), Scope::read(get));
    let ctx = web.backend.ctx(&session);
    // Who may take figures away.
    if authorize(&ctx, Action::Export, Resource::Figures).is_err() {
        return answer::refusal(&ApiError::of(Code::Forbidden));
    }
    let all = match All::of(web, ctx, &asked, &scope).await {
        Ok(all) => all,
        Err(error) => return answer::refusal(&transfer::refused(&error)),
    };
    // The first lines before the answer begins: a failure can still be said.
    let (first, rest) = match all {
        Some(all) => match all.next().await {
            Ok((text, rest)) => (text, rest),
            Err(error) => return answer::refusal(&transfer::refused(&error)),
        },
        None => (String::new(), None),
    };
    let rest = stream::try_unfold(rest, |all| async move {
        match all {
            Some(all) => {
                let (text, rest) = all.next().await?;
                Ok::<_, UploadError>(Some((Bytes::from(text), rest)))
            }
            None => Ok(None),
        }
    });
    csv::download("lines.csv", &format!("{HEAD}{first}"), rest)
}

/// The lines that were not written yet, of the figures as they stood when the download began.
struct All {
    web: Web,
    ctx: Ctx,
    standing: Standing,
    query: metrics::Query,
    order: LineOrder,
    offset: u64,
}

impl All {
    async fn of(
        web: Web,
        ctx: Ctx,
        asked: &LinesAsked,
        scope: &Scope,
    ) -> Result<Option<Self>, UploadError> {
        let standing = web.backend.analytics.standing(&ctx).await?;
        let selection = app::lineage::selection(&web.backend, &ctx, asked, scope).await?;
        Ok(selection.map(|(query, order)| Self {
            web,
            ctx,
            standing,
            query,
            order,
            offset: 0,
        }))
    }

    /// Some of them as text, and what is left.
    async fn next(self) -> Result<(String, Option<Self>), UploadError> {
        let backend = &self.web.backend;
        let found = backend
            .analytics
            .lines_of(
                &self.ctx,
                &self.standing,
                &self.query,
                self.order,
                (self.offset, BATCH),
            )
            .await?
            .page;
        let uploads = found.items.iter().map(|line| line.upload);
        let names = lineage::file_names(backend, &self.ctx, uploads).await?;
        let text = found.items.iter().map(|line| row(line, &names)).collect();
        let offset = self.offset + found.items.len() as u64;
        let more = !found.items.is_empty() && offset < found.total;
        Ok((text, more.then_some(Self { offset, ..self })))
    }
}

fn row(line: &BehindLine, names: &HashMap<UploadId, String>) -> String {
    let text = |text: &Option<String>| field(text.as_deref().unwrap_or_default());
    let number = |value: Option<Micros>| value.map_or_else(String::new, |value| value.to_string());
    let fields = [
        field(&line.order_id),
        u8::from(line.returned).to_string(),
        line.day.to_string(),
        text(&line.sku),
        text(&line.product_name),
        text(&line.category),
        number(Some(line.units)),
        number(Some(line.gross)),
        number(Some(line.discounts)),
        number(Some(line.returns)),
        number(line.value(Metric::NetSales)),
        number(line.taxes),
        number(line.shipping),
        field(&line.currency),
        text(&line.customer),
        text(&line.country),
        text(&line.region),
        text(&line.city),
        text(&line.channel),
        text(&line.payment_method),
        line.upload.to_string(),
        text(&names.get(&line.upload).cloned()),
        line.record.to_string(),
    ];
    fields.join(",") + "\n"
}
