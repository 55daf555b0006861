//! Seeing to the views: where they are, what they can't show, and building one anew.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::bank::{Bank, BankError};
use crate::service::in_full;
use crate::store::{Colour, DeadLetter, Recorded};

/// The longest list that is answered at once.
const MOST: i64 = 1_000;

/// Where the views are.
#[derive(Debug, Serialize)]
struct Shown {
    live: Colour,
    live_position: i64,
    /// Below zero while it is being emptied.
    spare_position: i64,
}

#[derive(Debug, Deserialize)]
struct Limit {
    #[serde(default)]
    after: i64,
    #[serde(default = "some")]
    limit: i64,
}

fn some() -> i64 {
    100
}

pub(super) fn routes() -> Router<Bank> {
    Router::new()
        .route("/views", get(views))
        .route("/views/rebuild", post(rebuild))
        .route("/dead-letters", get(dead_letters))
        .route("/events", get(events))
}

async fn views(State(bank): State<Bank>) -> Result<Json<Shown>, BankError> {
    let views = bank.views().await?;
    let (live, live_position, spare_position) = (views.live, views.live_at, views.spare_at);
    Ok(Json(Shown { live, live_position, spare_position }))
}

/// 202 at once, or 409 while the view is being rebuilt. `GET /views` shows how far it is.
async fn rebuild(State(bank): State<Bank>) -> Response {
    match bank.begin_rebuild() {
        Ok(rebuild) => {
            tokio::spawn(async move {
                match rebuild.await {
                    Ok(()) => tracing::info!("the view was rebuilt"),
                    Err(why) => tracing::error!(why = in_full(&why), "the view could not be rebuilt"),
                }
            });
            StatusCode::ACCEPTED.into_response()
        }
        Err(why) => why.into_response(),
    }
}

/// What the live view can't show, with the reasons.
async fn dead_letters(
    State(bank): State<Bank>,
    Query(Limit { limit, .. }): Query<Limit>,
) -> Result<Json<Vec<DeadLetter>>, BankError> {
    bank.dead_letters(limit.clamp(0, MOST)).await.map(Json)
}

/// What has happened; `?after=7&limit=20` is a page of it.
async fn events(
    State(bank): State<Bank>,
    Query(Limit { after, limit }): Query<Limit>,
) -> Result<Json<Vec<Recorded>>, BankError> {
    bank.events(after, limit.clamp(0, MOST)).await.map(Json)
}
