//! The lane `Backends`: calls one backend, with retries.

use std::time::Duration;

use axum::http::Method;
use flowgen::{Fault, Result, Visit};
use http_body::Body as _;
use http_body_util::{Either, Empty};
use tower::retry::budget::Budget as _;

use crate::Exchange;
use crate::call::{Ask, Caller, Failure, ask, is_passing};
use crate::drawing::backends::{self as drawn, WhatCame};
use crate::exchange::Answer;
use crate::routes::{Found, Target, To};
use crate::settings::RetrySettings;
use crate::transfer::body::{BodyLimits, ClientBody, LimitedBody};

/// Forwards requests.
#[derive(Debug)]
pub struct Backends {
    pub(crate) caller: Caller,
    pub(crate) upload: BodyLimits,
    pub(crate) download: BodyLimits,
    pub(crate) retry: RetrySettings,
}

/// Whether another attempt is allowed after this many. If so, it is withdrawn from the backend's retry budget.
pub(crate) fn may_retry(target: &Target, found: &Found, attempts: u32) -> bool {
    attempts <= found.route.retries && !found.time_left().is_zero() && target.budget.withdraw()
}

/// The delay after this many attempts. Half of it is random, so that requests that failed together are not retried
/// together.
pub(crate) fn pause(retry: RetrySettings, attempts: u32, rng: &mut fastrand::Rng) -> Duration {
    let longest = retry.first_ms.saturating_mul(1 << attempts.saturating_sub(1).min(10));
    Duration::from_millis(longest).mul_f64(0.5 + rng.f64() / 2.0)
}

/// Whether the method is idempotent (RFC 9110, section 9.2.2).
fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS)
}

impl drawn::Backends<Exchange> for Backends {
    async fn forward_request(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let found = exchange.found.clone().ok_or_else(|| Fault::new("there is no route"))?;
        let route = &found.route;
        let To::One(backend) = &route.to else { return Err(Fault::new("the route has several backends")) };
        if exchange.attempts == 0 {
            backend.target.budget.deposit();
        }
        exchange.attempts += 1;
        // A body can be read only once, so a request with a body is sent only once.
        let body = exchange.body.take().filter(|body| !body.is_end_stream());
        let is_repeatable = body.is_none() && is_idempotent(&exchange.head.method);
        let headers =
            if is_repeatable { exchange.outgoing.clone() } else { std::mem::take(&mut exchange.outgoing) };
        let path = exchange.head.uri.path_and_query().ok_or_else(|| Fault::new("there is no path"))?;
        let question = Ask {
            method: exchange.head.method.clone(),
            path: path.clone(),
            headers,
            body: body.map_or(Either::Left(Empty::new()), |body| {
                Either::Right(LimitedBody::new(ClientBody::new(body), self.upload))
            }),
        };
        // A request with a body is sent only once, and its upload does not count as time of the backend.
        let time = if is_repeatable { found.time_left() } else { route.timeout };
        let came = ask(&self.caller, backend, question, time).await;
        let passes = match &came {
            Ok(answer) => is_passing(answer.status()),
            Err(failure) => failure.is_passing(),
        };
        if is_repeatable && passes && may_retry(&backend.target, &found, exchange.attempts) {
            exchange.came = WhatCame::TryAgain;
            return Ok(());
        }
        let download = BodyLimits { idle: route.idle.unwrap_or(self.download.idle), ..self.download };
        let came = came.and_then(|answer| match answer.body().size_hint().lower() {
            length if length > download.bytes => Err(Failure::Useless("is too long")),
            _ => Ok(answer),
        });
        match came {
            Ok(answer) => {
                exchange.came = WhatCame::AnAnswer;
                exchange.answer = Some(Answer::Streamed(answer.map(|body| LimitedBody::new(body, download))));
            }
            Err(failure) => {
                exchange.came = match failure {
                    Failure::Client(_) => WhatCame::BadRequest,
                    _ => WhatCame::Failure,
                };
                exchange.refuse(failure.problem(&backend.name));
            }
        }
        Ok(())
    }

    async fn what_came(&self, exchange: &Exchange, _: &Visit) -> Result<WhatCame> {
        Ok(exchange.came)
    }

    async fn back_off(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let pause = pause(self.retry, exchange.attempts, &mut exchange.rng);
        let left = exchange.found.as_ref().map_or(Duration::ZERO, Found::time_left);
        tokio::time::sleep(pause.min(left)).await;
        Ok(())
    }
}
