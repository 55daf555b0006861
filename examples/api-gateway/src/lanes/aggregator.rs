//! The lane `Aggregator`: combines the responses of several backends.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use flowgen::{Fault, Result, Visit};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http_body_util::{BodyExt as _, Either, Empty};
use serde_json::value::RawValue;
use tokio::time::timeout;
use tower::retry::budget::Budget as _;

use super::backends::{may_retry, pause};
use crate::Exchange;
use crate::call::{Ask, Caller, Failure, ask};
use crate::drawing::aggregator::{self as drawn, CompleteEnough};
use crate::exchange::{Answer, Gathered};
use crate::routes::{Found, Gather, Part, Route, To};
use crate::settings::RetrySettings;
use crate::transfer::body::{BodyError, BodyLimits, LimitedBody};

/// Requests all parts of a response concurrently and joins them.
#[derive(Debug)]
pub struct Aggregator {
    pub(crate) caller: Caller,
    pub(crate) part: BodyLimits,
    pub(crate) retry: RetrySettings,
}

impl Aggregator {
    /// Requests all required parts, or all optional ones, concurrently. Ends early when a part fails without which
    /// there is no response, in this branch or in the other one.
    async fn ask_for(&self, exchange: &mut Exchange, are_required: bool) -> Result {
        let found = exchange.found.clone().ok_or_else(|| Fault::new("there is no route"))?;
        let gather = gather(&found.route)?;
        let rngs: Vec<_> = gather.parts.iter().map(|_| exchange.rng.fork()).collect();
        let shared = &*exchange;
        let wanted = gather.parts.iter().zip(rngs).filter(|(part, _)| part.is_required == are_required);
        let mut asked: FuturesUnordered<_> = wanted
            .map(|(part, rng)| async {
                let came = self.part(shared, &found, part, rng).await;
                Gathered { name: Arc::clone(&part.name), is_required: part.is_required, came }
            })
            .collect();
        let is_decisive = are_required || !gather.allows_partial;
        let mut hopeless = found.is_hopeless.subscribe();
        let mut parts = Vec::new();
        loop {
            let next = tokio::select! {
                next = asked.next() => next,
                _ = hopeless.wait_for(|is_hopeless| *is_hopeless) => None,
            };
            let Some(part) = next else { break };
            if is_decisive && part.came.is_err() {
                found.is_hopeless.send_replace(true);
            }
            parts.push(part);
        }
        drop(asked);
        exchange.parts.extend(parts);
        Ok(())
    }

    /// Requests a part, with retries, until the deadline of the request.
    async fn part(
        &self,
        exchange: &Exchange,
        found: &Found,
        part: &Part,
        mut rng: fastrand::Rng,
    ) -> Result<Bytes, Failure> {
        let target = &part.backend.target;
        target.budget.deposit();
        let mut attempts = 1;
        loop {
            match self.part_once(exchange, found, part).await {
                Err(failure) if failure.is_passing() && may_retry(target, found, attempts) => {
                    let pause = pause(self.retry, attempts, &mut rng);
                    tokio::time::sleep(pause.min(found.time_left())).await;
                    attempts += 1;
                }
                came => return came,
            }
        }
    }

    async fn part_once(&self, exchange: &Exchange, found: &Found, part: &Part) -> Result<Bytes, Failure> {
        let mut path = part.path.fill(&found.values);
        if let Some(query) = exchange.head.uri.query() {
            path.extend(["?", query]);
        }
        let path = path.try_into().map_err(|_| Failure::Useless("cannot be requested"))?;
        let mut headers = exchange.outgoing.clone();
        // Parts are read completely: the client has cached the joined response, not a part of it.
        for name in NOT_FOR_PARTS {
            headers.remove(name);
        }
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let question = Ask { method: Method::GET, path, headers, body: Either::Left(Empty::new()) };
        let time = found.time_left();
        let answer = ask(&self.caller, &part.backend, question, time).await?;
        if !answer.status().is_success() {
            return Err(Failure::Status(answer.status()));
        }
        let body = LimitedBody::new(answer.into_body(), self.part).collect();
        let time = found.time_left();
        let body = timeout(time, body).await.map_err(|_| Failure::TimedOut(time))?;
        let body = body.map_err(|why| match why {
            BodyError::TooLong(_) => Failure::Useless("is too long"),
            BodyError::Stalled(time) | BodyError::Slow(time) => Failure::TimedOut(time),
            BodyError::Broken(why) => Failure::Broken(why.to_string()),
        })?;
        let body = body.to_bytes();
        match serde_json::from_slice::<&RawValue>(&body) {
            Ok(_) => Ok(body),
            Err(_) => Err(Failure::Useless("is no JSON")),
        }
    }
}

/// Headers of the client that are not forwarded in requests for parts.
const NOT_FOR_PARTS: [header::HeaderName; 7] = [
    header::ACCEPT_ENCODING,
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

fn gather(route: &Route) -> Result<&Gather> {
    match &route.to {
        To::Several(gather) => Ok(gather),
        To::One(_) => Err(Fault::new("the route has one backend")),
    }
}

impl drawn::Aggregator<Exchange> for Aggregator {
    async fn split_request(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        exchange.body = None;
        Ok(())
    }

    async fn ask_for_required_parts(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        self.ask_for(exchange, true).await
    }

    async fn ask_for_optional_parts(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        self.ask_for(exchange, false).await
    }

    /// Joins the parts that arrived, and the reasons why others are missing.
    async fn join_answers(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let allows_partial = gather(exchange.route()?)?.allows_partial;
        let parts = std::mem::take(&mut exchange.parts);
        let is_decisive = |part: &&Gathered| part.is_required || !allows_partial;
        let failed =
            parts.iter().filter(is_decisive).find_map(|part| Some((part, part.came.as_ref().err()?)));
        if let Some((part, failure)) = failed {
            exchange.refuse(failure.problem(&part.name));
            return Ok(());
        }
        let mut joined: BTreeMap<&str, &RawValue> = BTreeMap::new();
        let mut missing: BTreeMap<&str, &'static str> = BTreeMap::new();
        for part in &parts {
            match &part.came {
                Ok(body) => drop(joined.insert(&part.name, serde_json::from_slice(body)?)),
                Err(failure) => drop(missing.insert(&part.name, failure.reason())),
            }
        }
        let body = serde_json::to_vec(&Joined { parts: joined, missing })?;
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = StatusCode::OK;
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        exchange.answer = Some(Answer::Joined(answer));
        Ok(())
    }

    async fn complete_enough(&self, exchange: &Exchange, _: &Visit) -> Result<CompleteEnough> {
        Ok(if exchange.answer.is_some() { CompleteEnough::Yes } else { CompleteEnough::No })
    }
}

/// An aggregated response.
#[derive(serde::Serialize)]
struct Joined<'a> {
    parts: BTreeMap<&'a str, &'a RawValue>,
    /// Why parts are missing, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing: BTreeMap<&'a str, &'static str>,
}
