//! Access control for the operators' address.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::problem::Problem;
use super::settings::{Wrong, wants};

/// The minimum length of a token, in bytes.
const SHORTEST: usize = 16;

/// The settings `access.token` and `access.token_file`. At most one of them may be set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// The operators' token: at least 16 visible ASCII characters.
    pub token: Option<Token>,
    /// A file that contains the token.
    pub token_file: Option<PathBuf>,
}

/// A secret that operators send as `Authorization: Bearer …`. Logs do not show it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

/// Error from reading the token.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The file can't be read.
    #[error("the file {} of the setting `access.token_file` can't be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// The token is too short, or it can't be sent in a header.
    #[error("the operators' token has to be at least {SHORTEST} visible ASCII characters")]
    Weak,
}

/// Admits requests with the token. If no token is set, admits all requests except those from web pages.
#[derive(Clone, Debug)]
pub struct Guard(Option<Token>);

impl Access {
    /// Checks the address of the setting `key`: without a token, it must be an address of this machine.
    ///
    /// # Errors
    ///
    /// It is another address, or both `access.token` and `access.token_file` are set.
    pub fn check(&self, key: &'static str, operators: SocketAddr) -> Result<(), Wrong> {
        let is_one = self.token.is_none() || self.token_file.is_none();
        wants(is_one, "access.token", "must not be set beside `access.token_file`")?;
        let is_guarded = self.token.is_some() || self.token_file.is_some();
        let why = "has to be an address of this machine, such as 127.0.0.1, unless `access.token` or \
                   `access.token_file` is set";
        wants(is_guarded || operators.ip().is_loopback(), key, why)
    }

    /// The token, if one is set.
    ///
    /// # Errors
    ///
    /// The file can't be read, or the token is not valid.
    pub fn token(&self) -> Result<Option<Token>, AccessError> {
        let token = match &self.token_file {
            Some(file) => {
                let unreadable = |why| AccessError::Unreadable(file.clone(), why);
                Some(Token(std::fs::read_to_string(file).map_err(unreadable)?.trim_end().to_owned()))
            }
            None => self.token.clone(),
        };
        let is_weak =
            |token: &Token| token.0.len() < SHORTEST || !token.0.bytes().all(|byte| byte.is_ascii_graphic());
        if token.as_ref().is_some_and(is_weak) { Err(AccessError::Weak) } else { Ok(token) }
    }

    /// The guard of the operators' routes.
    ///
    /// # Errors
    ///
    /// The same as for [`Access::token`].
    pub fn guard(&self) -> Result<Guard, AccessError> {
        let token = self.token()?;
        if token.is_none() {
            tracing::warn!("no `access.token` is set: all programs of this machine can act as operators");
        }
        Ok(Guard(token))
    }
}

impl Guard {
    /// Adds the guard to these routes.
    pub fn before(&self, routes: Router) -> Router {
        routes.route_layer(from_fn_with_state(self.clone(), admit))
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(token) = &self.0 else {
            // Browsers send `Origin` if the page of another site caused the request.
            let is_page = headers.contains_key(header::ORIGIN);
            let detail = "requests of web pages need a token, and no `access.token` is set";
            return if is_page { Err(Problem::new(StatusCode::FORBIDDEN, detail)) } else { Ok(()) };
        };
        let credentials = headers.get(header::AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
        let (scheme, sent) = credentials.split_at_checked(7).unwrap_or_default();
        if scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(sent.ct_eq(token.0.as_bytes())) {
            return Ok(());
        }
        let detail = "send the operators' token in the header `Authorization: Bearer …`";
        let problem = Problem::new(StatusCode::UNAUTHORIZED, detail);
        Err(problem.with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
    }
}

async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

impl Token {
    /// The token as text, for a request.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl From<String> for Token {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}
