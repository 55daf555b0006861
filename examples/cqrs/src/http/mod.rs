//! The routes of the service: commands and queries for customers, and the operators' routes on a separate address.

mod commands;
mod if_match;
mod operators;
mod queries;
mod query;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::bank::{Bank, BankError};
use crate::service::in_full;
use crate::service::problem::Problem;

/// The token in the answer to a command. A query with this token shows at least the effect of the command.
const TOKEN: HeaderName = HeaderName::from_static("consistency-token");

/// The caller, as authenticated by a gateway in front of the service. The gateway must remove the header from
/// requests that it has not authenticated.
const WHO: HeaderName = HeaderName::from_static("x-auth-subject");

/// The routes for customers: commands and queries.
pub fn customers(bank: Bank) -> Router {
    commands::routes().merge(queries::routes()).with_state(bank)
}

/// The routes for operators, about the views.
pub fn operators(bank: Bank) -> Router {
    operators::routes().with_state(bank)
}

impl IntoResponse for BankError {
    fn into_response(self) -> Response {
        match self {
            Self::Rebuilding => Problem::new(StatusCode::CONFLICT, self.to_string()),
            Self::Failed(_) | Self::Store(_) => Problem::internal(&in_full(&self)),
        }
        .into_response()
    }
}

/// The value of a header with a short text, if it is set.
fn text(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Problem> {
    let Some(given) = headers.get(name) else { return Ok(None) };
    let plain = given.to_str().ok().filter(|given| (1..=200).contains(&given.len()));
    plain.map(|given| Some(given.to_owned())).ok_or_else(|| {
        let why = format!("the header `{name}` has to be 1 to 200 visible ASCII characters");
        Problem::new(StatusCode::BAD_REQUEST, why)
    })
}

/// The value of a header with an integer, if it is set.
fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<i64>, Problem> {
    let Some(given) = headers.get(name) else { return Ok(None) };
    let plain = given.to_str().ok().map(|given| given.trim_matches('"'));
    let number = plain.and_then(|given| given.parse().ok()).filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, format!("the header `{name}` has to be a whole number"))
    })
}
