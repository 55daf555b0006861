//! Seeing to orders that are stuck: a compensation faulted, and what it was to undo still stands.

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};

use crate::orders::{OrderView, Orders, OrdersError};

pub(super) fn routes() -> Router<Orders> {
    Router::new()
        .route("/orders/{id}/retry", post(retry))
        .route("/orders/{id}/owed/{step}/{nth}/resolve", post(resolve))
        .route("/orders/{id}/owed/{step}/{nth}/skip", post(skip))
        .route("/orders/{id}/cancel", post(cancel))
}

/// Tries once more to undo what is owed.
async fn retry(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.retry(&id).await?;
    orders.show(&id).await.map(Json)
}

/// Says that a step was undone by hand.
async fn resolve(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.resolve(&id, &step, nth).await?;
    orders.show(&id).await.map(Json)
}

/// Gives up undoing a step: what it did stays.
async fn skip(
    State(orders): State<Orders>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.skip(&id, &step, nth).await?;
    orders.show(&id).await.map(Json)
}

/// Cancels an order that is not through: what was done is undone.
async fn cancel(
    State(orders): State<Orders>,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, OrdersError> {
    orders.cancel(&id).await?;
    orders.show(&id).await.map(Json)
}
