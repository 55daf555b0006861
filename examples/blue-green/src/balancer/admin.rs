//! The admin routes: switching traffic and reading the counts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use super::Admin;
use super::upstream::{Assignment, NotSwitched, Standing};
use crate::service::in_full;
use crate::service::problem::Problem;

pub(super) fn routes(admin: Admin) -> Router {
    Router::new().route("/upstream", get(show).put(switch)).with_state(admin)
}

/// Returns the live and the previous instances with their counts.
async fn show(State(admin): State<Admin>) -> Json<Standing> {
    Json(admin.upstreams.standing())
}

/// Switches traffic. Answers 409 if the generation is not newer than the current one.
async fn switch(
    State(admin): State<Admin>,
    Json(wanted): Json<Assignment>,
) -> Result<Json<Standing>, Problem> {
    admin.upstreams.switch(&wanted).map_err(|why| match why {
        NotSwitched::Stale { .. } => Problem::new(StatusCode::CONFLICT, why.to_string()),
        NotSwitched::NotKept(_) => Problem::internal(&in_full(&why)),
    })?;
    admin.readiness.set(admin.upstreams.is_live());
    Ok(Json(admin.upstreams.standing()))
}
