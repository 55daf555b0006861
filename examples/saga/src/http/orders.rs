//! Places orders and returns their state.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list::{Which, page};
use super::query::Query;
use crate::orders::{Customer, OrderView, Orders, Placed, Reader, is_plain};
use crate::service::problem::Problem;

/// Identifies an order, so that a repeated request places it once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The customer. The header is set by an authenticating proxy in front of this service, such as the pattern
/// `api-gateway`.
const SUBJECT: &str = "x-auth-subject";

/// The maximum length of a customer's name, in bytes.
const LONGEST_SUBJECT: usize = 128;

/// The body of a new order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    pieces: u32,
    destination: String,
}

/// The answer to a new order.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    id: &'a str,
    href: &'a str,
}

pub(super) fn routes() -> Router<Orders> {
    Router::new().route("/orders", get(list).post(place)).route("/orders/{id}", get(show))
}

/// Answers 202 with the location of the order. A repeated request with the same `Idempotency-Key` returns the same
/// order. With another body, it is refused.
async fn place(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Response> {
    let customer = customer(&headers).map_err(IntoResponse::into_response)?;
    let key = key(&headers).map_err(IntoResponse::into_response)?;
    let id = orders.name(&customer, &key);
    let order = orders.order(wanted.pieces, &wanted.destination).ok_or_else(|| {
        let why = "`pieces` has to be at least 1, and small enough for its price to be a number";
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

/// The idempotency key of the request, or a new one. It is part of a URL and of the keys of steps.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let is_key = |key: &&str| (1..=64).contains(&key.len()) && key.bytes().all(is_plain);
    given.to_str().ok().filter(is_key).map(str::to_owned).ok_or_else(|| {
        let why = "the header `Idempotency-Key` has to be 1 to 64 letters, digits and hyphens";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// The customer of the request. Without the header, a customer without a name.
fn customer(headers: &HeaderMap) -> Result<Customer, Problem> {
    let mut given = headers.get_all(SUBJECT).iter();
    let customer = match (given.next(), given.next()) {
        (None, _) => Some(Customer::default()),
        (Some(subject), None) if (1..=LONGEST_SUBJECT).contains(&subject.len()) => {
            Some(Customer::named(subject.as_bytes()))
        }
        _ => None,
    };
    customer.ok_or_else(|| {
        let why = format!("the header `{SUBJECT}` has to be one name of 1 to {LONGEST_SUBJECT} bytes");
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Returns the state and history of an order of the customer.
async fn show(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Response> {
    let reader = customer(&headers).map(Reader::Customer).map_err(IntoResponse::into_response)?;
    orders.show(&id, &reader).await.map(Json).map_err(IntoResponse::into_response)
}

/// Lists the orders of the customer, newest first. Parameters: `?status=stuck`, `?limit=20` and the cursor
/// `after`.
async fn list(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Response> {
    let reader = customer(&headers).map(Reader::Customer).map_err(IntoResponse::into_response)?;
    page(&orders, &reader, which).await.map_err(IntoResponse::into_response)
}
