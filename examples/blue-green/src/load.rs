//! Simulated users: they send requests concurrently and record every response.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, Request, Uri};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

use crate::app::VERSION;
use crate::balancer::GENERATION;

/// Users that send requests until they are stopped.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    users: JoinSet<()>,
    began: Instant,
}

/// The behavior of users.
#[derive(Clone, Copy, Debug)]
pub struct Users {
    /// The number of users.
    pub at_once: usize,
    /// How long a user waits between a response and the next request.
    pub pause: Duration,
    /// How long a user waits for a response.
    pub patience: Duration,
}

/// The observations of users.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The number of responses, by version and status.
    pub answers: BTreeMap<(String, u16), u64>,
    /// The errors of requests that got no response from a version.
    pub lost: Vec<String>,
    /// Responses of a version that was no longer live when the request was sent.
    pub stale: Vec<String>,
    /// The response times, sorted.
    pub times: Vec<Duration>,
    /// How long users sent requests.
    pub elapsed: Duration,
}

#[derive(Debug)]
struct Shared {
    uri: Uri,
    stop: AtomicBool,
    /// The newest generation of any response.
    newest: AtomicU64,
    seen: Mutex<Seen>,
    /// The version of each generation.
    versions: Mutex<BTreeMap<u64, String>>,
}

impl Default for Users {
    fn default() -> Self {
        Self { at_once: 8, pause: Duration::from_millis(5), patience: Duration::from_secs(30) }
    }
}

impl Load {
    /// Starts users that send requests to this address.
    #[must_use]
    pub fn start(address: SocketAddr, users: Users) -> Self {
        let uri = Uri::builder().scheme("http").authority(address.to_string()).path_and_query("/greeting");
        let shared = Arc::new(Shared {
            uri: uri.build().unwrap_or_default(),
            stop: AtomicBool::new(false),
            newest: AtomicU64::new(0),
            seen: Mutex::default(),
            versions: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        let client = Client::builder(TokioExecutor::new()).build_http();
        for _ in 0..users.at_once {
            tasks.spawn(ask(Arc::clone(&shared), client.clone(), users));
        }
        Self { shared, users: tasks, began: Instant::now() }
    }

    /// The observations so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { elapsed: self.began.elapsed(), ..lock(&self.shared.seen).clone() }
    }

    /// Waits for the pending responses of all users. Returns the observations.
    pub async fn stop(mut self) -> Seen {
        self.shared.stop.store(true, Ordering::SeqCst);
        while self.users.join_next().await.is_some() {}
        let mut seen = self.seen();
        seen.times.sort_unstable();
        seen
    }
}

async fn ask(shared: Arc<Shared>, client: Client<HttpConnector, Body>, users: Users) {
    while !shared.stop.load(Ordering::SeqCst) {
        let mut request = Request::new(Body::empty());
        request.uri_mut().clone_from(&shared.uri);
        let newest = shared.newest.load(Ordering::SeqCst);
        let began = Instant::now();
        let answer = tokio::time::timeout(users.patience, async {
            let answer = client.request(request).await.map_err(|why| why.to_string())?;
            let (head, body) = answer.into_parts();
            body.collect().await.map_err(|why| why.to_string())?;
            Ok::<_, String>(head)
        });
        match answer.await {
            Ok(Ok(head)) => shared.note(newest, head.status.as_u16(), &head.headers, began.elapsed()),
            Ok(Err(why)) => lock(&shared.seen).lost.push(why),
            Err(_) => lock(&shared.seen).lost.push("no answer".to_owned()),
        }
        if !users.pause.is_zero() {
            tokio::time::sleep(users.pause).await;
        }
    }
}

impl Shared {
    fn note(&self, newest: u64, status: u16, headers: &HeaderMap, time: Duration) {
        let generation = header(headers, GENERATION.as_str()).and_then(|text| text.parse().ok());
        let Some(version) = header(headers, VERSION.as_str()) else {
            lock(&self.seen).lost.push(format!("the balancer itself answered with {status}"));
            return;
        };
        if let Some(generation) = generation {
            let serves = lock(&self.versions).entry(generation).or_insert_with(|| version.clone()).clone();
            if generation < newest || serves != version {
                lock(&self.seen).stale.push(format!(
                    "{version} answered as generation {generation}, which is {serves}; {newest} served already"
                ));
            }
            self.newest.fetch_max(generation, Ordering::SeqCst);
        }
        let mut seen = lock(&self.seen);
        *seen.answers.entry((version, status)).or_default() += 1;
        seen.times.push(time);
    }
}

impl Seen {
    /// The number of responses of a version.
    #[must_use]
    pub fn of(&self, version: &str) -> u64 {
        self.sum(|answered, _| answered == version)
    }

    /// The number of all responses.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.sum(|_, _| true)
    }

    /// The number of server errors of a version.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.sum(|_, status| status >= 500)
    }

    /// Whether every request was answered by a version that was live.
    #[must_use]
    pub fn nothing_was_lost(&self) -> bool {
        self.lost.is_empty() && self.stale.is_empty()
    }

    /// The response time that this share of responses did not exceed, available after users have stopped.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let at = (self.times.len() as f64 * share) as usize;
        self.times.get(at.min(self.times.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    fn sum(&self, counts: impl Fn(&str, u16) -> bool) -> u64 {
        let counted = self.answers.iter().filter(|((version, status), _)| counts(version, *status));
        counted.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((version, status), count) in &self.answers {
            writeln!(f, "  {count:>7} answers of {version} with {status}")?;
        }
        write!(
            f,
            "  {:>7} requests lost, {} answered by a version that should be gone",
            self.lost.len(),
            self.stale.len()
        )
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
