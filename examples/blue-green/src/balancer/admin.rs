//! The admin routes: switching traffic and reading the counts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use super::upstream::{Assignment, NotSwitched, Standing, Upstreams};
use crate::service::in_full;
use crate::service::problem::Problem;

pub(super) fn routes(upstreams: Upstreams) -> Router {
    Router::new().route("/upstream", get(show).put(switch)).with_state(upstreams)
}

/// Returns the live and the previous instances with their counts.
async fn show(State(upstreams): State<Upstreams>) -> Json<Standing> {
    Json(upstreams.standing())
}

/// Switches traffic. Answers 409 if the generation is not newer than the current one.
async fn switch(
    State(upstreams): State<Upstreams>,
    Json(wanted): Json<Assignment>,
) -> Result<Json<Standing>, Problem> {
    upstreams.switch(&wanted).map_err(|why| match why {
        NotSwitched::Stale { .. } => Problem::new(StatusCode::CONFLICT, why.to_string()),
        NotSwitched::NotKept(_) => Problem::internal(&in_full(&why)),
    })?;
    Ok(Json(upstreams.standing()))
}
