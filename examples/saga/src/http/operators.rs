//! Lists the orders of all customers and handles stuck ones. An order is stuck if a compensation faulted and the
//! effect of its step remains.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::list::{Which, page};
use super::query::{Parameters, Query};
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

/// Lists the orders of all customers, newest first. Parameters: `?status=stuck`, `?limit=20` and the cursor
/// `after`.
async fn list(State(orders): State<Orders>, Query(which): Query<Which>) -> Result<Response, OrdersError> {
    page(&orders, &Reader::Operator, which).await
}

/// Returns the state and history of an order.
async fn show(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Retries the failed compensations of an order.
async fn retry(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.retry(&id).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// The query parameters that select the orders to retry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stuck {
    after: Option<i64>,
    #[serde(default = "some")]
    limit: u32,
}

impl Parameters for Stuck {
    fn accepted() -> Vec<(&'static str, String)> {
        vec![
            ("after", "`next` of the previous answer".to_owned()),
            ("limit", format!("a whole number from 1 to {MOST}")),
        ]
    }
}

/// The maximum number of orders to retry, chosen so that the call ends within the time limit of a request.
const MOST: u32 = 1_000;

fn some() -> u32 {
    MOST
}

/// Retries the failed compensations of stuck orders, oldest first. `?after=` takes `next` of the previous answer.
async fn retry_stuck(
    State(orders): State<Orders>,
    Query(which): Query<Stuck>,
) -> Result<Json<Retried>, OrdersError> {
    orders.retry_stuck(which.after, which.limit.clamp(1, MOST)).await.map(Json)
}

/// Records that a step is undone manually, and refuses attempts at it that are still in progress.
async fn resolve(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.resolve(&id, &step, nth).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Skips the compensation of a step. Its effect remains.
async fn skip(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.skip(&id, &step, nth).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}

/// Cancels an unfinished order and undoes its steps.
async fn cancel(
    State(orders): State<Orders>,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.cancel(&id).await?;
    orders.show(&id, &Reader::Operator).await.map(Json)
}
