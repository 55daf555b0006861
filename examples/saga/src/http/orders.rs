//! Placing orders, and asking what became of them.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list::{Which, page};
use crate::orders::{Customer, OrderView, Orders, Placed, Reader, is_plain};
use crate::service::problem::Problem;

/// Names an order, so that one that is sent twice is placed once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Names the customer. Set by what authenticates customers before this service, such as the pattern `api-gateway`.
const SUBJECT: &str = "x-auth-subject";

/// The longest name of a customer, in bytes.
const LONGEST_SUBJECT: usize = 128;

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

pub(super) fn routes() -> Router<Orders> {
    Router::new().route("/orders", get(list).post(place)).route("/orders/{id}", get(show))
}

/// 202 with the order's place. Sent again with the same `Idempotency-Key`, it is the same order; with another body, it
/// is refused.
async fn place(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Response> {
    let customer = customer(&headers).map_err(IntoResponse::into_response)?;
    let key = key(&headers).map_err(IntoResponse::into_response)?;
    let id = orders.name(&customer, &key);
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

/// The key that the caller gave, or a new one. It becomes a part of a URL, and of the keys of steps.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let is_key = |key: &&str| (1..=64).contains(&key.len()) && key.bytes().all(is_plain);
    given.to_str().ok().filter(is_key).map(str::to_owned).ok_or_else(|| {
        let why = "the header `Idempotency-Key` has to be 1 to 64 letters, digits and hyphens";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Who asks. Without the header, a customer without a name.
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

/// Where an order of the customer stands, and what happened.
async fn show(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Response> {
    let reader = customer(&headers).map(Reader::Customer).map_err(IntoResponse::into_response)?;
    orders.show(&id, &reader).await.map(Json).map_err(IntoResponse::into_response)
}

/// The orders of the customer, the newest first; `?status=stuck`, `?limit=20` and the cursor `after` narrow it.
async fn list(
    State(orders): State<Orders>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Response> {
    let reader = customer(&headers).map(Reader::Customer).map_err(IntoResponse::into_response)?;
    page(&orders, &reader, which).await.map_err(IntoResponse::into_response)
}
