//! The queries of customers. With a `Consistency-Token`, the answer shows at least the effect of that command.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::query::{Parameters, Query};
use super::{TOKEN, number};
use crate::bank::{Bank, Told};
use crate::service::problem::Problem;
use crate::store::DeadLetter;
use crate::view::Question;

/// The position of the last event in an answer.
const SHOWS: HeaderName = HeaderName::from_static("view-position");

/// The maximum number of entries in a list.
const MOST: i64 = 1_000;

#[derive(Debug, Deserialize)]
struct Page {
    before: Option<i64>,
    #[serde(default)]
    after: String,
    #[serde(default = "some")]
    limit: i64,
}

impl Parameters for Page {
    fn accepted() -> Vec<(&'static str, String)> {
        vec![
            ("before", "the version of an account, a whole number".to_owned()),
            ("after", "the name of an account".to_owned()),
            ("limit", format!("a whole number from 0 to {MOST}")),
        ]
    }
}

fn some() -> i64 {
    100
}

pub(super) fn routes() -> Router<Bank> {
    Router::new()
        .route("/accounts", get(accounts))
        .route("/accounts/{account}", get(account))
        .route("/accounts/{account}/statement", get(statement))
}

/// Returns an account.
async fn account(State(bank): State<Bank>, Path(account): Path<String>, headers: HeaderMap) -> Response {
    ask(&bank, &headers, Question::Account(account)).await
}

/// Returns the statement of an account, newest first; `?before=7&limit=20` selects a page.
async fn statement(
    State(bank): State<Bank>,
    Path(account): Path<String>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Response {
    let before = page.before.unwrap_or(i64::MAX);
    let limit = page.limit.clamp(0, MOST);
    ask(&bank, &headers, Question::Statement { account, before, limit }).await
}

/// Lists the accounts by name; `?after=bob&limit=20` selects a page.
async fn accounts(State(bank): State<Bank>, Query(page): Query<Page>, headers: HeaderMap) -> Response {
    let limit = page.limit.clamp(0, MOST);
    ask(&bank, &headers, Question::Accounts { after: page.after, limit }).await
}

async fn ask(bank: &Bank, headers: &HeaderMap, question: Question) -> Response {
    let at_least = match number(headers, &TOKEN) {
        Ok(token) => token.unwrap_or(0),
        Err(problem) => return problem.into_response(),
    };
    let (Question::Account(name)
    | Question::Statement { account: name, .. }
    | Question::Accounts { after: name, .. }) = &question;
    if name.contains('\0') {
        let why = "an account's name has no NUL character";
        return Problem::new(StatusCode::BAD_REQUEST, why).into_response();
    }
    match bank.query(question, at_least).await {
        Ok(Told::Answer(answer, shows)) => ([(SHOWS, shows)], Json(answer)).into_response(),
        Ok(Told::Unknown) => Problem::not_found("there is no such account").into_response(),
        Ok(Told::TooEarly) => {
            let why = "the view does not show your change yet; try again";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, why);
            ([(header::RETRY_AFTER, "1")], problem).into_response()
        }
        Ok(Told::HeldUp(letter)) => held_up(&letter).into_response(),
        Err(why) => why.into_response(),
    }
}

/// A problem that names the dead letter. It has no `Retry-After`, since retrying does not help before an operator
/// has settled the event.
fn held_up(letter: &DeadLetter) -> Problem {
    let DeadLetter { position, account, why, .. } = letter;
    let detail = format!(
        "the view can't show what you have done: event {position} of the account `{account}` is a dead letter \
         ({why}), until an operator retries or skips it. Without a `{TOKEN}`, the answer shows the state before"
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}
