//! Looking at the orders of all customers, and seeing to those that are stuck: a compensation faulted, and what
//! it was to undo is still there.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::list::{Which, page};
use crate::orders::{OrderView, Orders, OrdersError, Reader, Retried};

pub(super) fn routes() -> Router<Orders> {
    Router::new()
        .route("/orders", get(list))
        .route("/orders/retry", post(retry_stuck))
        .route("/orders/{id}", get(show))
        .route("/orders/{id}/retry", post(retry))
        .route("/orders/{id}/owed/{step}/{nth}/resolve", post(resolve))
        .route("/orders/{id}/owed/{step}/{nth}/skip", post(skip))
        .route("/orders/{id}/cancel", post(cancel))
}

/// The orders of all customers, the newest first; `?status=stuck`, `?limit=20` and the cursor `after` narrow it.
async fn list(State(orders): State<Orders>, Query(which): Query<Which>) -> Result<Response, OrdersError> {
    page(&orders, &Reader::Operator, which).await
}

/// Where an order stands, and what happened.
async fn show(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Tries once more to undo what is owed.
async fn retry(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.retry(&id).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Which orders are retried: so many, after one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stuck {
    after: Option<i64>,
    #[serde(default = "some")]
    limit: u32,
}

/// So many orders can be retried within the time of a request.
const MOST: u32 = 1_000;

fn some() -> u32 {
    MOST
}

/// Tries once more to undo what is owed in orders that are stuck, the oldest first; `?after=` what the answer before had
/// as `next`.
async fn retry_stuck(
    State(orders): State<Orders>,
    Query(which): Query<Stuck>,
) -> Result<Json<Retried>, OrdersError> {
    orders.retry_stuck(which.after, which.limit.clamp(1, MOST)).await.map(Json)
}

/// Says that a step was undone by hand.
async fn resolve(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.resolve(&id, &step, nth).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Gives up undoing a step: what it did stays.
async fn skip(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.skip(&id, &step, nth).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Cancels an order that is not through: what was done is undone.
async fn cancel(
    State(orders): State<Orders>,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.cancel(&id).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}
