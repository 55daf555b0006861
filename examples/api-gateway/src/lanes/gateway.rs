//! The lane `Gateway`: validates requests and completes responses.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use flowgen::{Fault, Result, Visit};

use crate::Exchange;
use crate::drawing::gateway::{self as drawn, WellFormed};
use crate::exchange::Answer;
use crate::headers::{self, Trust};
use crate::routes::normalize;
use crate::service::problem::Problem;
use crate::transfer::body::BodyLimits;

/// Validates requests and completes responses.
#[derive(Debug)]
pub struct Gateway {
    pub(crate) trust: Trust,
    pub(crate) body: BodyLimits,
}

impl Gateway {
    /// Checks what applies to every request. hyper has already refused most malformed ones.
    fn screen(&self, exchange: &mut Exchange) -> Result<(), Problem> {
        let bad = |why: &str| Err(Problem::new(StatusCode::BAD_REQUEST, why));
        let head = &exchange.head;
        if matches!(head.method, Method::CONNECT | Method::TRACE) {
            let detail = format!("this gateway does not do `{}`", head.method);
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, detail));
        }
        let asks_for = head.headers.get_all(header::UPGRADE).iter();
        if asks_for.filter_map(|to| to.to_str().ok()).any(|to| to.to_ascii_lowercase().contains("websocket"))
        {
            let detail = "this gateway does not forward WebSockets";
            return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, detail));
        }
        // In absolute form, the authority of the target takes precedence over `Host` (RFC 9112, section 3.2.2).
        if let Some(authority) = head.uri.authority() {
            let host = HeaderValue::from_str(authority.as_str());
            let host = host.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the authority is no host"))?;
            exchange.head.headers.insert(header::HOST, host);
        }
        let head = &exchange.head;
        let hosts = head.headers.get_all(header::HOST).iter().count();
        if hosts > 1 || (hosts == 0 && head.version >= Version::HTTP_11) {
            return bad("a request has to name one host");
        }
        let announced = head.headers.get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.body.bytes) {
            let detail = format!("the body is longer than {} bytes", self.body.bytes);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        normalize_path(&mut exchange.head.uri).map_err(|why| Problem::new(StatusCode::BAD_REQUEST, why))
    }
}

/// Replaces the path by its normal form, which is used to find routes and is sent to backends.
fn normalize_path(uri: &mut Uri) -> Result<(), String> {
    let normal = normalize(uri.path()).map_err(|why| why.to_string())?;
    if normal.forwarded == uri.path() {
        return Ok(());
    }
    let path = match uri.query() {
        Some(query) => format!("{}?{query}", normal.forwarded),
        None => normal.forwarded.into_owned(),
    };
    *uri = Uri::try_from(path).map_err(|_| "the path is no path of HTTP".to_owned())?;
    Ok(())
}

impl drawn::Gateway<Exchange> for Gateway {
    async fn screen_request(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        match self.screen(exchange) {
            Err(problem) => exchange.refuse(problem),
            Ok(()) => {
                exchange.outgoing = std::mem::take(&mut exchange.head.headers);
                headers::make_outgoing(&mut exchange.outgoing, &exchange.peer, &self.trust, &exchange.id);
            }
        }
        Ok(())
    }

    async fn well_formed(&self, exchange: &Exchange, _: &Visit) -> Result<WellFormed> {
        Ok(if exchange.refusal.is_some() { WellFormed::No } else { WellFormed::Yes })
    }

    async fn answer(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let finish = |headers: &mut HeaderMap| {
            headers::strip_hop_by_hop(headers);
            headers::add_via(headers);
        };
        match exchange.answer.as_mut() {
            Some(Answer::Streamed(answer)) => finish(answer.headers_mut()),
            Some(Answer::Joined(answer)) => finish(answer.headers_mut()),
            None => return Err(Fault::new("there is nothing to answer with")),
        }
        Ok(())
    }
}
