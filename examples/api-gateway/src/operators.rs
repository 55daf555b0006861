//! The routes for operators, on a separate address.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::proxy::Proxy;
use crate::service::in_full;
use crate::service::problem::Problem;

pub(crate) fn routes(proxy: Arc<Proxy>) -> Router {
    Router::new().route("/reload", post(reload)).route("/backends", get(backends)).with_state(proxy)
}

/// Reloads the routes.
async fn reload(State(proxy): State<Arc<Proxy>>) -> Result<Json<Value>, Problem> {
    // Reading a file blocks the thread.
    let reloaded = tokio::task::spawn_blocking(move || proxy.routes().reload()).await;
    match reloaded.map_err(|why| Problem::internal(&why))? {
        Ok(routes) => Ok(Json(json!({ "routes": routes }))),
        Err(why) => {
            let detail = format!("the routes stay as they were: {}", in_full(&why));
            Err(Problem::new(StatusCode::CONFLICT, detail))
        }
    }
}

/// Lists the backends with the state of their circuit breakers.
async fn backends(State(proxy): State<Arc<Proxy>>) -> Json<Value> {
    let backends = proxy.routes().pool().breakers();
    let backends = backends.iter().map(|breaker| {
        let metrics = breaker.metrics();
        json!({
            "backend": breaker.target(),
            "breaker": metrics.state.to_string(),
            "successes": metrics.successes,
            "failures": metrics.failures,
            "rejected": metrics.rejected,
            "opened": metrics.opened,
        })
    });
    Json(backends.collect())
}
