//! What operators call.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::releases::{Releases, ReleasesError, View};
use crate::service::in_full;
use crate::service::problem::Problem;

/// Names a release, so that one that is asked for twice is made once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest name of a release or version.
const LONGEST: usize = 64;

/// So many releases are listed.
const LISTED: usize = 50;

/// What an operator sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    version: String,
    /// The new version is not compared with the old one.
    #[serde(default)]
    skip_watch: bool,
}

type Shown = Result<Json<View>, ReleasesError>;

pub(super) fn routes(releases: Releases) -> Router {
    Router::new()
        .route("/releases", get(list).post(begin))
        .route("/releases/{id}", get(show))
        .route("/releases/{id}/promote", post(promote))
        .route("/releases/{id}/abort", post(abort))
        .route("/releases/{id}/retry", post(retry))
        .route("/releases/{id}/owed/{step}/{nth}/resolve", post(resolve))
        .with_state(releases)
}

impl IntoResponse for ReleasesError {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown(id) => Problem::not_found(format!("there is no release `{id}`")),
            Self::Conflict(why) => Problem::new(StatusCode::CONFLICT, why),
            Self::Failed(why) => Problem::internal(&in_full(&why)),
        }
        .into_response()
    }
}

/// 202 with the release's place. Sent again with the same `Idempotency-Key`, it is the same release.
async fn begin(
    State(releases): State<Releases>,
    headers: HeaderMap,
    Json(Wanted { version, skip_watch }): Json<Wanted>,
) -> Result<Response, Response> {
    if !is_plain(&version) {
        let why = "`version` has to be 1 to 64 letters, digits and `.+-`, the first a letter or a digit";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).into_response());
    }
    let id = name(&headers).map_err(IntoResponse::into_response)?;
    let begun = if skip_watch {
        releases.begin_skipping_watch(&id, &version).await
    } else {
        releases.begin(&id, &version).await
    };
    begun.map_err(IntoResponse::into_response)?;
    let view = releases.show(&id).await.map_err(IntoResponse::into_response)?;
    let place = format!("/releases/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(view)).into_response())
}

/// The name that the caller gave, or a new one. It becomes a part of URLs, files and idempotency keys.
fn name(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let plain = given.to_str().ok().filter(|name| is_plain(name)).map(str::to_owned);
    plain.ok_or_else(|| {
        let why = "the header `Idempotency-Key` has to be 1 to 64 letters, digits and `.+-`, the first a letter or a digit";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Nothing that means something in a path or to a shell.
fn is_plain(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
    let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins_well && name.len() <= LONGEST && name.bytes().all(is_allowed)
}

/// The latest releases: first those that somebody has to see to, then the one under way.
async fn list(State(releases): State<Releases>) -> Result<Json<Vec<View>>, ReleasesError> {
    releases.list(LISTED).await.map(Json)
}

/// Where a release stands and what happened.
async fn show(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.show(&id).await.map(Json)
}

/// Ends the watch: the new version is good.
async fn promote(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.promote(&id).await.map(Json)
}

/// Calls a release off: the old version serves again.
async fn abort(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.abort(&id).await.map(Json)
}

/// Tries once more to undo what is owed.
async fn retry(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.retry(&id).await.map(Json)
}

/// Says that a step was undone by hand.
async fn resolve(
    State(releases): State<Releases>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Shown {
    releases.resolve(&id, &step, nth).await.map(Json)
}
