//! The service that is released: it returns greetings. Replace it with your own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::service::health::{self, Readiness};
use crate::service::serve::{self, Limits, serve};
use crate::slot::Tenant;

/// The version that has answered.
pub const VERSION: HeaderName = HeaderName::from_static("x-version");

/// The maximum duration of a greeting, whatever the request asks for.
const LONGEST: Duration = Duration::from_secs(10);

/// The number of greetings after which a version that turns bad does so, so that smoke tests do not detect it.
const GOOD_FOR: u32 = 40;

/// The defect of a version, for tests and demos. It is selected by the version's suffix, as in `2.0.0-errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// Returns a wrong greeting: `-wrong`.
    Wrong,
    /// Never becomes ready: `-unready`.
    Unready,
    /// After a while, fails every second request: `-errors`.
    Errors,
    /// After a while, answers 404: `-missing`.
    Missing,
    /// After a while, fails all requests: `-failing`.
    Failing,
    /// From the start, fails one request of a hundred, at random: `-flaky`.
    Flaky,
    /// After a while, takes two seconds per greeting: `-slow`.
    Slow,
    /// Does not end when it is terminated: `-endless`.
    Endless,
}

/// A running version.
#[derive(Clone, Debug)]
struct Greeter {
    version: String,
    trouble: Trouble,
    greeted: Arc<AtomicU32>,
}

#[derive(Debug, Deserialize)]
struct Wish {
    /// How long the greeting takes, in milliseconds.
    #[serde(default)]
    after_ms: u64,
}

impl Trouble {
    fn of(version: &str) -> Self {
        match version.rsplit_once('-').map(|(_, trouble)| trouble) {
            Some("wrong") => Self::Wrong,
            Some("unready") => Self::Unready,
            Some("errors") => Self::Errors,
            Some("failing") => Self::Failing,
            Some("missing") => Self::Missing,
            Some("flaky") => Self::Flaky,
            Some("slow") => Self::Slow,
            Some("endless") => Self::Endless,
            _ => Self::None,
        }
    }
}

/// Serves a version until `stop` completes. A tenant first announces itself in its environment.
///
/// # Errors
///
/// The process can't listen on the address, or its ticket for the environment is no longer valid.
pub async fn run(
    version: &str,
    listen: SocketAddr,
    tenant: Option<Tenant>,
    limits: Limits,
    drain: Duration,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (listener, address) = serve::listen(listen).await?;
    if let Some(tenant) = tenant {
        tenant.announce(address)?;
    }
    println!("version {version} at http://{address}");
    let greeter =
        Greeter { version: version.to_owned(), trouble: Trouble::of(version), greeted: Arc::default() };
    let readiness = Readiness::default();
    readiness.set(greeter.trouble != Trouble::Unready);
    let routes = routes(greeter.clone()).merge(health::routes(readiness.clone()));
    let stop = async move {
        stop.await;
        readiness.set(false);
        if greeter.trouble == Trouble::Endless {
            std::future::pending::<()>().await;
        }
    };
    serve(listener, serve::within(limits, routes), stop.boxed().shared(), drain).await
}

fn routes(greeter: Greeter) -> Router {
    let named = from_fn_with_state(greeter.clone(), name);
    Router::new().route("/greeting", get(greet)).layer(named).with_state(greeter)
}

async fn greet(State(greeter): State<Greeter>, Query(wish): Query<Wish>) -> Response {
    if wish.after_ms > 0 {
        tokio::time::sleep(Duration::from_millis(wish.after_ms).min(LONGEST)).await;
    }
    let greeted = greeter.greeted.fetch_add(1, Ordering::Relaxed);
    let turned = greeted >= GOOD_FOR;
    match greeter.trouble {
        Trouble::Errors if turned && greeted.is_multiple_of(2) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Trouble::Missing if turned => return StatusCode::NOT_FOUND.into_response(),
        Trouble::Failing if turned => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        // The smoke test succeeds.
        Trouble::Flaky if greeted > 0 && Uuid::new_v4().as_u128().is_multiple_of(100) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Trouble::Slow if turned => tokio::time::sleep(Duration::from_secs(2)).await,
        _ => {}
    }
    let greeting = if greeter.trouble == Trouble::Wrong { "good-bye" } else { "hello" };
    Json(json!({ "greeting": greeting, "version": greeter.version })).into_response()
}

/// Adds the version to a response.
async fn name(State(greeter): State<Greeter>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    if let Ok(version) = HeaderValue::from_str(&greeter.version) {
        answer.headers_mut().insert(VERSION, version);
    }
    answer
}
