//! What a supervisor asks: is the process alive, and may it be sent requests.

use crate::web::Web;
use axum::{extract::State, http::StatusCode};

pub async fn live() -> &'static str {
    "ok\n"
}

/// Not ready while going down, and while the database does not answer.
pub async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    if web.drain.has_begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "going down\n");
    }
    if web.backend.storage.is_ready().await {
        (StatusCode::OK, "ok\n")
    } else {
        tracing::warn!("the database does not answer");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
    }
}
