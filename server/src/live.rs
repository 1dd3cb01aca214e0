//! `GET /live?after=SEQ`: one WebSocket a page, over which only hints go: what to ask for again.
//!
//! Events are numbered per tenant without gaps and kept in the database: a connection first replays what
//! came after `SEQ`, then waits for the doorbell. A doorbell that was missed costs nothing.

use crate::{security::answer, web::Web};
use access::Ctx;
use api::live::Hint;
use axum::{
    body::Body,
    extract::{
        Extension, Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::Response,
};
use backend::{
    identity::Session,
    storage::{Event, StorageError},
};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

/// Hints are small, and nothing of size comes from the browser.
const BUFFER: usize = 4 * 1024;
const PING: Duration = Duration::from_secs(20);
/// Without a sign of life for so long, the other end is gone.
const GONE: Duration = Duration::from_secs(50);
/// For the other end's answer to a close frame.
const FAREWELL: Duration = Duration::from_secs(1);
/// How soon a revoked session notices.
const RECHECK: Duration = Duration::from_secs(2);
/// Events read at a time.
const BATCH: u32 = 200;

/// Close codes: the page signs in again, or comes back by itself.
const SESSION_ENDED: u16 = 4401;
const GOING_AWAY: u16 = 1001;

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct After {
    /// The last event the page knows; absent: only what is new.
    after: Option<i64>,
}

pub async fn connect(
    State(web): State<Web>,
    session: Option<Extension<Session>>,
    after: Result<Query<After>, axum::extract::rejection::QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    let Some(Extension(session)) = session else {
        return answer::unauthenticated();
    };
    let (Ok(Query(After { after })), Ok(upgrade)) = (after, upgrade) else {
        return answer::malformed(StatusCode::BAD_REQUEST);
    };
    // Counted before the upgrade, which the server would not wait for otherwise.
    let connection = web.connections.open();
    upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(16 * BUFFER)
        .max_message_size(BUFFER)
        .max_frame_size(BUFFER)
        .on_upgrade(move |socket| async move {
            let ended = talk(&web, &session, after, socket).await;
            tracing::debug!(?ended, "a live connection ended");
            drop(connection);
        })
}

/// Why a connection ended.
#[derive(Debug)]
enum Ended {
    ByThePage,
    ByTheServer,
    SignedOut,
    Silent,
    /// The database does not answer: the page comes back by itself.
    Failed,
}

async fn talk(web: &Web, session: &Session, after: Option<i64>, mut socket: WebSocket) -> Ended {
    let ended = converse(web, session, after, &mut socket).await;
    let close = match ended {
        Ended::SignedOut => Some((SESSION_ENDED, "the session has ended")),
        Ended::ByTheServer | Ended::Failed => Some((GOING_AWAY, "come back soon")),
        Ended::ByThePage | Ended::Silent => None,
    };
    if let Some((code, reason)) = close {
        // The other end may be gone already.
        let _sent = socket
            .send(Message::Close(Some(CloseFrame {
                code,
                reason: reason.into(),
            })))
            .await;
        // A connection that is dropped with something unread is reset, and the frame is lost with it.
        let answered = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _in_time = tokio::time::timeout(FAREWELL, answered).await;
    }
    ended
}

async fn converse(
    web: &Web,
    session: &Session,
    after: Option<i64>,
    socket: &mut WebSocket,
) -> Ended {
    let ctx = web.backend.ctx(session);
    // Listened to before the past is read: nothing falls between.
    let mut doorbell = web.backend.storage.signals().events();
    let mut drain = web.drain.clone();
    let mut seq = match after {
        Some(seq) => seq,
        None => match last(web, &ctx).await {
            Ok(seq) => seq,
            Err(_) => return Ended::Failed,
        },
    };
    let mut pings = interval_at(Instant::now() + PING, PING);
    let mut rechecks = interval(RECHECK);
    rechecks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut rung = true;
    loop {
        while std::mem::take(&mut rung) {
            let Ok(events) = news(web, &ctx, seq).await else {
                return Ended::Failed;
            };
            // A full batch: there may be more.
            rung = events.len() == BATCH as usize;
            for event in events {
                seq = event.seq;
                let hint = Hint {
                    seq,
                    kind: event.kind,
                    payload: event.payload,
                };
                let Ok(text) = serde_json::to_string(&hint) else {
                    continue;
                };
                if socket.send(Message::text(text)).await.is_err() {
                    return Ended::ByThePage;
                }
            }
        }
        tokio::select! {
            () = drain.begun() => return Ended::ByTheServer,
            heard_of = doorbell.recv() => rung = match heard_of {
                Ok((tenant, _)) => tenant == ctx.tenant,
                // Too many rings to keep: the table knows.
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return Ended::ByTheServer,
            },
            message = socket.recv() => match message {
                // Pongs, and pings that are answered below us. Nothing else is expected.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => heard = Instant::now(),
                Some(Ok(Message::Text(_) | Message::Binary(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ended::ByThePage,
            },
            _ = pings.tick() => {
                if heard.elapsed() > GONE {
                    return Ended::Silent;
                }
                if socket.send(Message::Ping(Default::default())).await.is_err() {
                    return Ended::ByThePage;
                }
            }
            _ = rechecks.tick() => match web.backend.identity.is_live(session).await {
                // What another process committed rings no bell here.
                Ok(true) => rung = true,
                Ok(false) => return Ended::SignedOut,
                Err(_) => return Ended::Failed,
            },
        }
    }
}

async fn last(web: &Web, ctx: &Ctx) -> Result<i64, StorageError> {
    let mut tx = web.backend.storage.tenant_read(ctx).await?;
    let seq = tx.last_event_seq().await?;
    tx.commit().await?;
    Ok(seq)
}

/// Up to [`BATCH`] events after `seq`.
async fn news(web: &Web, ctx: &Ctx, seq: i64) -> Result<Vec<Event>, StorageError> {
    let mut tx = web.backend.storage.tenant_read(ctx).await?;
    let events = tx.events_after(seq, BATCH).await?;
    tx.commit().await?;
    Ok(events)
}
