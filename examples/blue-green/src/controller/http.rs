//! The routes for operators.

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

/// Identifies a release, so that a repeated request begins it once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The maximum length of the id of a release and of a version, in bytes.
const LONGEST: usize = 64;

/// The number of releases in the list.
const LISTED: usize = 50;

/// The body of a new release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    version: String,
    /// Whether the comparison of the new version with the old one is skipped.
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

/// Begins a release. Answers 202 with its location. A repeated request with the same `Idempotency-Key` refers to
/// the same release.
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

/// The id from the caller, or a new one. It becomes part of URLs, files and idempotency keys.
fn name(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let plain = given.to_str().ok().filter(|name| is_plain(name)).map(str::to_owned);
    plain.ok_or_else(|| {
        let why = "the header `Idempotency-Key` has to be 1 to 64 letters, digits and `.+-`, the first a letter or a digit";
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// Whether the name has no character with a meaning in a path or to a shell.
fn is_plain(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
    let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    begins_well && name.len() <= LONGEST && name.bytes().all(is_allowed)
}

/// Lists the latest releases: first those that need an operator, then the running one.
async fn list(State(releases): State<Releases>) -> Result<Json<Vec<View>>, ReleasesError> {
    releases.list(LISTED).await.map(Json)
}

/// Returns the state and history of a release.
async fn show(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.show(&id).await.map(Json)
}

/// Promotes a release: ends its watch, and the new version stays live.
async fn promote(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.promote(&id).await.map(Json)
}

/// Aborts a release: the old version serves again.
async fn abort(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.abort(&id).await.map(Json)
}

/// Retries the failed compensations of a release.
async fn retry(State(releases): State<Releases>, Path(id): Path<String>) -> Shown {
    releases.retry(&id).await.map(Json)
}

/// Records that a step was undone manually.
async fn resolve(
    State(releases): State<Releases>,
    Path((id, step, nth)): Path<(String, String, u32)>,
) -> Shown {
    releases.resolve(&id, &step, nth).await.map(Json)
}
