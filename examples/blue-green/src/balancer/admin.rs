//! Switching traffic, and asking who serves.

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

/// Who serves and who did, with what was counted of them.
async fn show(State(admin): State<Admin>) -> Json<Standing> {
    Json(admin.upstreams.standing())
}

/// Switches traffic. 409 where the generation is not newer than that of who serves.
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
