//! Placing orders, and asking what became of them.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use flowgen::report::Status;

use crate::orders::{Listed, OrderView, Orders, OrdersError, Placed};
use crate::service::problem::Problem;

/// Names an order, so that one that is sent twice is placed once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest list that is answered at once.
const MOST: u32 = 1_000;

/// What a customer sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    pieces: u32,
    destination: String,
}

/// What a customer is told at once.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    id: &'a str,
    href: &'a str,
}

#[derive(Debug, Deserialize)]
struct Which {
    status: Option<Status>,
    #[serde(default = "some")]
    limit: u32,
}

fn some() -> u32 {
    100
}

pub(super) fn routes() -> Router<Orders> {
    Router::new().route("/orders", get(list).post(place)).route("/orders/{id}", get(show))
}

/// 202 with the order's place. Sent again with the same `Idempotency-Key`, it is the same order.
async fn place(
    State(orders): State<Orders>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Response> {
    let Json(wanted) = wanted.map_err(|why| Problem::new(why.status(), why.body_text()).into_response())?;
    let id = name(&headers).map_err(IntoResponse::into_response)?;
    let order = orders.order(wanted.pieces, &wanted.destination).ok_or_else(|| {
        let why = "`pieces` has to be at least 1, and small enough that the price can be told";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).into_response()
    })?;
    let placed = orders.place(&id, order).await.map_err(IntoResponse::into_response)?;
    if placed == Placed::Before {
        tracing::info!(order = %id, "was placed before");
    }
    let href = format!("/orders/{id}");
    let body = Json(Accepted { id: &id, href: &href }).into_response();
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, href)], body).into_response())
}

/// The name that the caller gave, or a new one. It becomes a part of a URL, and of idempotency keys.
fn name(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let is_plain = |name: &&str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let plain = given.to_str().ok().filter(is_plain).map(str::to_owned);
    plain.ok_or_else(|| {
        let why = "the header `Idempotency-Key` has to be 1 to 64 letters, digits and hyphens";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Where an order stands and what happened.
async fn show(State(orders): State<Orders>, Path(id): Path<String>) -> Result<Json<OrderView>, OrdersError> {
    orders.show(&id).await.map(Json)
}

/// All orders, those that are stuck first; `?status=stuck` and `?limit=20` narrow it.
async fn list(
    State(orders): State<Orders>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Listed>>, OrdersError> {
    orders.list(which.status, which.limit.min(MOST)).await.map(Json)
}
