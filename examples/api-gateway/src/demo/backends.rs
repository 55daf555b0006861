//! Two small backends: a catalog and reviews.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

/// The catalog: `/products/{id}`, `/orders`.
pub fn catalog() -> Router {
    Router::new().route("/products/{id}", get(product)).route("/orders", post(order))
}

async fn product(Path(id): Path<u32>, headers: HeaderMap) -> Response {
    if id > 100 {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": "no such product" }))).into_response();
    }
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (by, request) = (said("x-auth-subject"), said("x-request-id"));
    Json(json!({ "id": id, "name": format!("Lamp {id}"), "asked_by": by, "request": request }))
        .into_response()
}

/// Counts the bytes of the body as they arrive, without storing them.
async fn order(mut body: Body) -> Result<Json<Value>, StatusCode> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        bytes += frame.data_ref().map_or(0, bytes::Bytes::len);
    }
    Ok(Json(json!({ "received": bytes })))
}

/// The state of the second backend.
#[derive(Clone, Debug, Default)]
pub struct Mood(Arc<AtomicBool>);

impl Mood {
    /// Makes the backend fail, or not.
    pub fn set_ill(&self, is_ill: bool) {
        self.0.store(is_ill, Ordering::Relaxed);
    }
}

/// The reviews: `/reviews/{id}`, and `/reviews/slow`, which is slow.
pub fn reviews(mood: Mood) -> Router {
    Router::new().route("/reviews/slow", get(slow)).route("/reviews/{id}", get(review)).with_state(mood)
}

async fn review(Path(id): Path<u32>, State(Mood(is_ill)): State<Mood>) -> Response {
    if is_ill.load(Ordering::Relaxed) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    Json(json!([{ "product": id, "stars": 5, "text": "Bright." }])).into_response()
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(5)).await;
    "at last"
}
