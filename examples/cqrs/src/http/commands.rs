//! The commands of customers.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{TOKEN, WHO, if_match, text};
use crate::bank::{Bank, Handled};
use crate::domain::{Command, Refusal};
use crate::service::problem::Problem;
use crate::store::{Origin, Receipt};

/// Identifies a command, so that a repeated request has one effect.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The correlation id. It is stored with the events of a command and is common to all effects of one request.
const CORRELATION: HeaderName = HeaderName::from_static("correlation-id");

/// The id of a request. The service adds one to requests without it.
const REQUEST: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    owner: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Movement {
    cents: u64,
    #[serde(default)]
    reference: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The answer to a command.
#[derive(Debug, Serialize)]
struct Receipted {
    account: String,
    version: i64,
    token: i64,
    /// Whether the command was done by an earlier request. Nothing was changed by this one.
    before: bool,
}

pub(super) fn routes() -> Router<Bank> {
    let opening = route(|Opening { owner }| Command::Open { owner });
    let deposit = route(|Movement { cents, reference }| Command::Deposit { cents, reference });
    let withdrawal = route(|Movement { cents, reference }| Command::Withdraw { cents, reference });
    let closing = route(|Nothing {}| Command::Close);
    Router::new()
        .route("/accounts/{account}/opening", opening)
        .route("/accounts/{account}/deposits", deposit)
        .route("/accounts/{account}/withdrawals", withdrawal)
        .route("/accounts/{account}/closing", closing)
}

/// Handles a command. Answers 200 with a receipt, 409 on a conflict, 412 if `If-Match` does not match the version
/// of the account, 422 if the account does not allow the command. A repeated request with the same
/// `Idempotency-Key` has no further effect. With `If-Match`, the command is done only on a version that the caller
/// has seen.
fn route<W: DeserializeOwned + Send + 'static>(
    command: fn(W) -> Command,
) -> axum::routing::MethodRouter<Bank> {
    post(
        async move |State(bank): State<Bank>,
                    Path(account): Path<String>,
                    headers: HeaderMap,
                    Json(wanted): Json<W>|
                    -> Result<Response, Response> {
            let named = is_name(&account).then_some(account).ok_or_else(|| unnamed("an account's name"));
            let asked = named.and_then(|account| {
                Ok((origin(&headers)?, id(&headers)?, account, command(wanted), if_match::seen(&headers)?))
            });
            let (origin, id, account, command, seen) = asked.map_err(IntoResponse::into_response)?;
            let handled = bank.command_from(origin, id, account, command, seen).await;
            handled.map(answer).map_err(IntoResponse::into_response)
        },
    )
}

fn answer(handled: Handled) -> Response {
    let (receipt, before) = match handled {
        Handled::Done(receipt) => (receipt, false),
        Handled::Before(receipt) => (receipt, true),
        Handled::Refused(why) => return refused(&why).into_response(),
        Handled::OtherCommand => {
            let why = "another command was sent with this `Idempotency-Key`";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).into_response();
        }
        Handled::InConflict => {
            let why = "the account has moved on: look at it again, and decide anew";
            return Problem::new(StatusCode::CONFLICT, why).into_response();
        }
        Handled::NotAsSeen => {
            let why = "the account is not at the version of `If-Match`: look at it again, and decide anew";
            return Problem::new(StatusCode::PRECONDITION_FAILED, why).into_response();
        }
        Handled::Damaged(damage) => {
            let why = format!("nothing is done, and sending it again does not help: {damage}");
            return Problem::new(StatusCode::CONFLICT, why).into_response();
        }
    };
    let Receipt { account, version, position: token, .. } = receipt;
    let body = Json(Receipted { account, version, token, before });
    ([(TOKEN, token)], [(header::ETAG, format!("\"{version}\""))], body).into_response()
}

fn refused(why: &Refusal) -> Problem {
    let status = match why {
        Refusal::NotOpened => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, why.to_string())
}

/// The origin of a command. The correlation id defaults to the id of the request.
fn origin(headers: &HeaderMap) -> Result<Origin, Problem> {
    let given = text(headers, &CORRELATION)?;
    let correlation = given.or_else(|| text(headers, &REQUEST).ok().flatten());
    Ok(Origin { correlation, who: text(headers, &WHO)? })
}

/// The command id of the caller, or a new one.
fn id(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(Uuid::new_v4().to_string()) };
    let plain = given.to_str().ok().filter(|id| is_name(id)).map(str::to_owned);
    plain.ok_or_else(|| unnamed("the header `Idempotency-Key`"))
}

/// Whether the text is a valid name. Names become parts of URLs and of ids.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn unnamed(what: &str) -> Problem {
    let why = format!("{what} has to be 1 to 64 letters, digits and hyphens");
    Problem::new(StatusCode::BAD_REQUEST, why)
}
