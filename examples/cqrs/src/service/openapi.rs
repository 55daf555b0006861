//! The OpenAPI document of an address.

use axum::Router;
use axum::http::header;
use axum::routing::get;

/// Serves this document at `/openapi.json`.
pub fn routes(document: &'static str) -> Router {
    Router::new()
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], document)))
}
