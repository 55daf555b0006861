//! Metrics for Prometheus, in its text format 0.0.4.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use flowgen::plan::Plan;
use flowgen::run::Ending;
use flowgen::{Event, Observer};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use super::problem::Problem;

/// The upper bounds of the response time histogram, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The metrics of this process. Clones share the same registry.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<Answered, Counter>,
    times: Family<Asked, Histogram, fn() -> Histogram>,
}

/// The labels of requests. A route is a template such as `/orders/{id}`, so the number of label values is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

/// The labels of requests, with the status of the response.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// Counts how runs end. It is an observer for a runner.
#[derive(Clone, Debug)]
pub struct RunsEnded {
    plan: &'static Plan,
    ended: Family<Ended, Counter>,
}

/// The labels of a number of runs by status.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfStatus {
    /// The status, such as `running`.
    pub status: &'static str,
}

/// The outcome of a run, and the end that it reached if it completed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    status: &'static str,
    end: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let times = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
        let metrics = Self { registry: Arc::default(), requests: Family::default(), times };
        metrics.register("http_requests", "Requests that were answered", metrics.requests.clone());
        let help = "Seconds until an answer began";
        metrics.register("http_request_duration_seconds", help, metrics.times.clone());
        metrics
    }
}

impl Metrics {
    /// Registers a metric. `_total` is appended to the name of a counter.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).register(name, help, metric);
    }

    /// Registers metrics that are read for each scrape.
    pub fn collect(&self, collector: impl Collector) {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner).register_collector(Box::new(collector));
    }

    /// Counts how the runs of a drawing end. The returned observer must be added to the runner.
    pub fn runs_of(&self, plan: &'static Plan) -> RunsEnded {
        let ended = Family::default();
        self.register("runs_ended", "Runs that ended in this process", ended.clone());
        RunsEnded { plan, ended }
    }

    /// Counts the requests to these routes. A request without a route is counted with an empty route.
    pub fn count_requests(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self.clone(), measure))
    }

    /// Counts a request.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, time: Duration) {
        let (method, route) = (known(method), route.to_owned());
        self.times.get_or_create(&Asked { method, route: route.clone() }).observe(time.as_secs_f64());
        self.requests.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
    }

    /// Serves all metrics at `/metrics`. Calls `update` first, for the metrics that are not updated by events.
    pub fn routes<F>(&self, update: impl Fn() -> F + Clone + Send + Sync + 'static) -> Router
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let metrics = self.clone();
        let show = async move || {
            update().await;
            metrics.shown()
        };
        Router::new().route("/metrics", get(show))
    }

    fn shown(&self) -> Response {
        let mut text = String::new();
        match encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner)) {
            Ok(()) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
            Err(why) => Problem::internal(&why).into_response(),
        }
    }
}

impl Observer for RunsEnded {
    fn observe(&self, event: &Event<'_>) {
        let Event::Ended { ending, .. } = event else { return };
        let (status, end) = match ending {
            Ending::Completed(end) => ("completed", self.plan.node(*end).map_or("", |end| end.label)),
            Ending::RolledBack(_) => ("rolled_back", ""),
            Ending::Stuck(_) => ("stuck", ""),
            Ending::Failed(_) => ("failed", ""),
            Ending::Abandoned => ("abandoned", ""),
        };
        self.ended.get_or_create(&Ended { status, end }).inc();
    }
}

async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let (began, method) = (Instant::now(), request.method().clone());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let answer = next.run(request).await;
    metrics.count(&method, &route.unwrap_or_default(), answer.status(), began.elapsed());
    answer
}

/// The name of a well-known method. Others share one label value, since callers can invent methods.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
