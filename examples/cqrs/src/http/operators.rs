//! For operators: monitors the views, settles dead letters and rebuilds the view.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::query::{Parameters, Query};
use super::{WHO, text};
use crate::bank::{Bank, BankError};
use crate::service::in_full;
use crate::service::problem::Problem;
use crate::store::{Colour, DeadLetter, Decision, Recorded, Settled, Settlement};

/// The maximum number of entries in a list.
const MOST: i64 = 1_000;

/// The maximum time that an answer waits, in milliseconds. It is shorter than the default time limit of a request.
const MOST_WAIT_MS: u64 = 8_000;

/// The positions of the views.
#[derive(Debug, Serialize)]
struct Shown {
    live: Colour,
    live_position: i64,
    /// Negative while the spare view is being emptied.
    spare_position: i64,
}

#[derive(Debug, Deserialize)]
struct Limit {
    #[serde(default = "some")]
    limit: i64,
}

#[derive(Debug, Deserialize)]
struct Follow {
    #[serde(default)]
    after: i64,
    #[serde(default = "some")]
    limit: i64,
    #[serde(default)]
    wait_ms: u64,
}

impl Parameters for Limit {
    fn accepted() -> Vec<(&'static str, String)> {
        vec![("limit", format!("a whole number from 0 to {MOST}"))]
    }
}

impl Parameters for Follow {
    fn accepted() -> Vec<(&'static str, String)> {
        vec![
            ("after", "the position of an event, a whole number".to_owned()),
            ("limit", format!("a whole number from 0 to {MOST}")),
            ("wait_ms", format!("a whole number from 0 to {MOST_WAIT_MS}")),
        ]
    }
}

/// The reason for an operator's decision.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Reason {
    reason: String,
}

fn some() -> i64 {
    100
}

pub(super) fn routes() -> Router<Bank> {
    Router::new()
        .route("/views", get(views))
        .route("/views/rebuild", post(rebuild))
        .route("/dead-letters", get(dead_letters))
        .route("/dead-letters/settled", get(settlements))
        .route("/dead-letters/{position}/retry", post(retry))
        .route("/dead-letters/{position}/skip", post(skip))
        .route("/events", get(events))
}

async fn views(State(bank): State<Bank>) -> Result<Json<Shown>, BankError> {
    let views = bank.views().await?;
    let (live, live_position, spare_position) = (views.live, views.live_at, views.spare_at);
    Ok(Json(Shown { live, live_position, spare_position }))
}

/// Rebuilds the view. Answers 202 at once, or 409 if a rebuild is running. `GET /views` shows its progress.
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

/// Lists the events that the live view can't apply, with the reasons.
async fn dead_letters(
    State(bank): State<Bank>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<DeadLetter>>, BankError> {
    bank.dead_letters(limit.clamp(0, MOST)).await.map(Json)
}

/// Lists the decisions of operators about dead letters, newest first.
async fn settlements(
    State(bank): State<Bank>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<Settlement>>, BankError> {
    bank.settlements(limit.clamp(0, MOST)).await.map(Json)
}

/// Applies a dead letter that can be applied by now, and the events of its account that wait behind it.
async fn retry(
    State(bank): State<Bank>,
    Path(position): Path<i64>,
    headers: HeaderMap,
    reason: Option<Json<Reason>>,
) -> Response {
    let Reason { reason } = reason.unwrap_or_default().0;
    settle(&bank, position, Decision::Retry, &headers, reason).await
}

/// Skips a dead letter: it has no effect on the views. The reason is recorded.
async fn skip(
    State(bank): State<Bank>,
    Path(position): Path<i64>,
    headers: HeaderMap,
    Json(Reason { reason }): Json<Reason>,
) -> Response {
    settle(&bank, position, Decision::Skip, &headers, reason).await
}

/// Answers 204 on success, 404 if there is no such dead letter, 409 if it can't be settled.
async fn settle(
    bank: &Bank,
    position: i64,
    decision: Decision,
    headers: &HeaderMap,
    reason: String,
) -> Response {
    let is_given = decision == Decision::Retry || !reason.trim().is_empty();
    if !is_given || reason.chars().count() > 500 || reason.contains('\0') {
        let why = "`reason` has to be a text of at most 500 characters, without NUL";
        return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).into_response();
    }
    let who = match text(headers, &WHO) {
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    match bank.settle(position, decision, reason, who).await {
        Ok(Settled::Done) => StatusCode::NO_CONTENT.into_response(),
        Ok(Settled::Unknown) => {
            Problem::not_found(format!("event {position} is no dead letter of the live view")).into_response()
        }
        Ok(Settled::Behind(first)) => {
            let why = format!("event {position} waits behind event {first}: retry or skip that one first");
            Problem::new(StatusCode::CONFLICT, why).into_response()
        }
        Ok(Settled::Unapplied(why)) => {
            let why = format!("event {position} still can't be applied: {why}");
            Problem::new(StatusCode::CONFLICT, why).into_response()
        }
        Err(why) => why.into_response(),
    }
}

/// Lists the events; `?after=7&limit=20` selects a page. A subscriber asks for the events after the last position
/// that it has processed. With `&wait_ms=5000`, the answer waits for the next event if there is none yet.
async fn events(
    State(bank): State<Bank>,
    Query(Follow { after, limit, wait_ms }): Query<Follow>,
) -> Result<Json<Vec<Recorded>>, BankError> {
    let wait = Duration::from_millis(wait_ms.min(MOST_WAIT_MS));
    bank.next_events(after, limit.clamp(0, MOST), wait).await.map(Json)
}
