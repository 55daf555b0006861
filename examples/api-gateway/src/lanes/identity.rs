//! The lane `Identity`: authenticates the client.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use flowgen::{Result, Visit};

use crate::Exchange;
use crate::drawing::identity::{self as drawn, Authenticated};
use crate::headers::SUBJECT;
use crate::identity::{Refused, Tokens};
use crate::service::problem::Problem;

/// Verifies the tokens of clients.
#[derive(Debug)]
pub struct Identity {
    pub(crate) tokens: Tokens,
}

impl drawn::Identity<Exchange> for Identity {
    async fn verify_token(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        if exchange.route()?.is_public {
            exchange.authenticated = Authenticated::Yes;
            return Ok(());
        }
        let subject = match bearer(&exchange.outgoing) {
            Ok(token) => self.tokens.subject(token).await,
            Err(why) => Err(Refused::Bad(why)),
        };
        let named = subject.and_then(|subject| {
            // A subject that is not a valid header value can't be sent to a backend.
            let header = HeaderValue::from_str(&subject);
            header.map(|header| (subject, header)).map_err(|_| Refused::Bad("the token names no subject"))
        });
        match named {
            Ok((subject, header)) => {
                exchange.outgoing.insert(SUBJECT, header);
                exchange.subject = Some(subject);
                exchange.authenticated = Authenticated::Yes;
            }
            Err(why @ Refused::Bad(_)) => {
                exchange.authenticated = Authenticated::No;
                let problem = Problem::new(StatusCode::UNAUTHORIZED, why.to_string());
                exchange.refuse(problem.with(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer error=\"invalid_token\""),
                ));
            }
            Err(why @ Refused::Unknown(_)) => {
                exchange.authenticated = Authenticated::Unknown;
                exchange.refuse(Problem::new(StatusCode::SERVICE_UNAVAILABLE, why.to_string()));
            }
        }
        Ok(())
    }

    async fn authenticated(&self, exchange: &Exchange, _: &Visit) -> Result<Authenticated> {
        Ok(exchange.authenticated)
    }
}

/// The bearer token of a request, which must have exactly one.
fn bearer(headers: &HeaderMap) -> Result<&str, &'static str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next().ok_or("a token is needed: `Authorization: Bearer …`")?;
    if lines.next().is_some() {
        return Err("there is more than one token");
    }
    let text = line.to_str().map_err(|_| "the token can't be read")?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err("a token is needed: `Authorization: Bearer …`"),
    }
}
