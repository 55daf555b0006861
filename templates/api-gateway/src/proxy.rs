//! Requests through the flow: each one is a run.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response};
use axum::response::IntoResponse as _;
use flowgen::{Ended, Outcome, Runner};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use tracing::Instrument as _;

use crate::chance::Chance;
use crate::circuit::Registry;
use crate::drawing::{Flow, Node};
use crate::exchange::{Answer, Exchange};
use crate::headers::{REQUEST_ID, Trust};
use crate::identity::{Clock, Keys, Tokens};
use crate::quota::Runtime;
use crate::routes::{Pool, Routes, TableError};
use crate::service::problem::Problem;
use crate::settings::Settings;
use crate::{RequestFlow, call, lanes};

/// Takes requests, and runs the flow for each.
#[derive(Debug)]
pub struct Proxy {
    runner: Runner<RequestFlow>,
    routes: Routes,
    trust: Trust,
    chance: Chance,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// There are no routes.
    #[error(transparent)]
    Routes(#[from] TableError),
    /// The settings were not checked, or wrong.
    #[error("the setting `{0}` is wrong")]
    Setting(&'static str),
}

/// How often quiet clients are forgotten.
const FORGET: Duration = Duration::from_secs(60);

impl Proxy {
    /// A gateway with these settings, which has read its routes.
    ///
    /// # Errors
    ///
    /// Routes that can't be read, or settings that make no sense.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, ProxyError> {
        let caller = call::caller(Duration::from_millis(settings.answer.connect_ms));
        let breakers =
            Registry::new(settings.breaker.settings()).map_err(|_| ProxyError::Setting("breaker"))?;
        let runtime = Runtime::new();
        let routes = Routes::read(&settings.routes, Pool::new(breakers, settings.retry), runtime.clone())?;
        let jwks = settings.auth.jwks().ok_or(ProxyError::Setting("auth.jwks"))?;
        let keys = Keys::new(&settings.auth, jwks, caller.clone());
        let trust = Trust::new(&settings.trusted_proxies);
        let flow = Flow {
            gateway: lanes::Gateway { trust: trust.clone(), body: settings.request.body() },
            limits: lanes::Limits::new(settings.limits, runtime),
            router: lanes::Router,
            identity: lanes::Identity { tokens: Tokens::new(&settings.auth, keys, clock) },
            backends: lanes::Backends {
                caller: caller.clone(),
                upload: settings.request.body(),
                download: settings.answer.body(),
                retry: settings.retry,
            },
            aggregator: lanes::Aggregator { caller, part: settings.answer.part(), retry: settings.retry },
        };
        Ok(Self { runner: flow.into_runner(), routes, trust, chance: Chance::new(settings.seed) })
    }

    /// The routes.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// Answers a request of this peer, whatever happens.
    pub async fn serve(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let mut rng = self.chance.draw();
        let id: Arc<str> = match self.trust.request_id(request.headers(), peer) {
            Some(id) => id.into(),
            None => format!("{:032x}", rng.u128(..)).into(),
        };
        let client = self.trust.client(request.headers(), peer);
        let span = tracing::info_span!("request", %id, %client, method = %request.method(), path = request.uri().path());
        let exchange = Exchange::new(request, peer, (Arc::clone(&id), client), rng, self.routes.now());
        let run = AssertUnwindSafe(self.runner.run_as(Arc::clone(&id), exchange)).catch_unwind();
        let mut response = async {
            let response = match run.await {
                Ok(ended) => answer(ended),
                Err(_) => Problem::internal(&"a lane panicked").into_response(),
            };
            tracing::info!(status = response.status().as_u16(), "answered");
            response
        }
        .instrument(span)
        .await;
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    /// Forgets clients who have not come lately, for as long as it is polled.
    pub(crate) async fn forget_quiet_clients(&self) {
        loop {
            tokio::time::sleep(FORGET).await;
            self.runner.flow().limits.forget_the_quiet();
        }
    }
}

/// What the client gets.
fn answer(ended: Ended<Node, Exchange>) -> Response<Body> {
    let Ended { outcome, cx: exchange, .. } = ended;
    match (outcome, exchange.refusal, exchange.answer) {
        (Outcome::Completed { .. }, Some(problem), _) => problem.into_response(),
        (Outcome::Completed { .. }, None, Some(Answer::Streamed(answer))) => answer.map(Body::new),
        (Outcome::Completed { .. }, None, Some(Answer::Joined(answer))) => answer.map(Body::from),
        (outcome, ..) => Problem::internal(&outcome).into_response(),
    }
}
