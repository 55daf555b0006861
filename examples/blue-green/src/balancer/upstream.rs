//! The live instance and the previous ones.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::returned::ReturnedBody;
use super::tally::{Meter, Outcome, Tally};
use crate::instance::Instance;
use crate::slot::replace;
use crate::transfer::body::LimitedBody;
use crate::transfer::stream::Connector;

/// The time after which an idle connection is closed. Many versions close theirs after five seconds, and a request
/// that is sent at that moment would be lost.
const IDLE: Duration = Duration::from_secs(4);

/// The problem before the first release.
pub(super) const NO_VERSION: &str = "no version serves yet: release one";

/// The target of requests. Traffic is switched by one assignment: each request goes to the instance that was live
/// when it arrived.
#[derive(Clone, Debug)]
pub(super) struct Upstreams {
    live: watch::Sender<Live>,
    known: Arc<Mutex<Vec<Arc<Backend>>>>,
    /// The file of the assignment, which outlives a restart.
    file: Arc<PathBuf>,
    connect: Duration,
}

/// The live instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    /// Increases with each switch.
    pub(super) generation: u64,
    pub(super) backend: Option<Arc<Backend>>,
}

/// An instance with its counts.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) instance: Instance,
    pub(super) client: Client<Connector, LimitedBody<ReturnedBody>>,
    in_flight: AtomicUsize,
    meter: Meter,
    /// Why the instance is not ready, according to the latest checks.
    outage: Mutex<Option<String>>,
}

/// A request in flight to an instance. Dropping it ends the request.
#[derive(Debug)]
pub(super) struct InFlight {
    backend: Arc<Backend>,
    began: Instant,
    /// Set to another outcome before the end. If it is dropped earlier, the client has disconnected.
    pub(super) outcome: Outcome,
}

/// An assignment, as it is saved and sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Increases with each switch. An older generation is refused.
    pub generation: u64,
    /// The live instance. `None` before the first release.
    pub instance: Option<Instance>,
}

/// The live and the previous instances, with their counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// The current assignment.
    pub live: Assignment,
    /// All instances that the balancer remembers.
    pub backends: Vec<Figures>,
}

/// The counts of an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// The instance.
    pub instance: Instance,
    /// The number of requests in flight.
    pub in_flight: usize,
    /// The counts of its completed requests.
    pub tally: Tally,
}

/// Why traffic was not switched.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSwitched {
    #[error("generation {wanted} is not newer than {now}, of which {serving} serves")]
    Stale { wanted: u64, now: u64, serving: String },
    #[error("the live version cannot be saved")]
    NotKept(#[source] io::Error),
}

/// The name of the instance that serves, for messages.
pub(super) fn serving(now: &Assignment) -> String {
    now.instance.as_ref().map_or_else(|| "no version".to_owned(), ToString::to_string)
}

impl Upstreams {
    /// Continues with the saved assignment.
    pub(super) fn open(file: PathBuf, connect: Duration) -> io::Result<Self> {
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(why) if why.kind() == io::ErrorKind::NotFound => Assignment::default(),
            Err(why) => return Err(why),
        };
        let backend = kept.instance.map(|instance| Backend::new(instance, connect));
        let known = Arc::new(Mutex::new(backend.iter().cloned().collect()));
        let live = watch::Sender::new(Live { generation: kept.generation, backend });
        Ok(Self { live, known, file: Arc::new(file), connect })
    }

    /// Assigns a request to the live instance, if there is one. The request is in flight from then on. Also
    /// returns the generation.
    pub(super) fn enter(&self) -> (u64, Option<InFlight>) {
        // A switch waits for this borrow. After the switch, all requests to the previous instance are counted.
        let live = self.live.borrow();
        (live.generation, live.backend.as_ref().map(InFlight::new))
    }

    /// Assigns a request that can't reach the live version to the previous one, if the balancer remembers it.
    pub(super) fn enter_other(&self, live: &Instance) -> Option<InFlight> {
        let known = self.known();
        known.iter().rev().find(|backend| backend.instance.id != live.id).map(InFlight::new)
    }

    pub(super) fn live_backend(&self) -> Option<Arc<Backend>> {
        self.live.borrow().backend.clone()
    }

    /// Why users are not served: no version is live, or the live version is not ready.
    pub(super) fn why_not_ready(&self) -> Option<String> {
        let Some(backend) = self.live_backend() else { return Some(NO_VERSION.to_owned()) };
        let why = backend.outage().clone()?;
        Some(format!("the live version {} is not ready: {why}", backend.instance.version))
    }

    /// Directs all further requests to this instance. Idempotent.
    pub(super) fn switch(&self, wanted: &Assignment) -> Result<(), NotSwitched> {
        // Held throughout, so that switches are serialized.
        let mut known = self.known();
        let now = self.live.borrow().assignment();
        if *wanted == now {
            return Ok(());
        }
        if wanted.generation <= now.generation {
            let (wanted, serving) = (wanted.generation, serving(&now));
            return Err(NotSwitched::Stale { wanted, now: now.generation, serving });
        }
        let text = serde_json::to_vec_pretty(wanted).map_err(|why| NotSwitched::NotKept(why.into()))?;
        replace(&self.file, &text).map_err(NotSwitched::NotKept)?;
        let backend = wanted.instance.as_ref().map(|instance| {
            let before = known.iter().find(|backend| backend.instance == *instance).cloned();
            before.unwrap_or_else(|| Backend::new(instance.clone(), self.connect))
        });
        let before = self.live.send_replace(Live { generation: wanted.generation, backend: backend.clone() });
        // All other instances without requests in flight are forgotten, which closes their connections.
        known.retain(|backend| backend.in_flight.load(Ordering::SeqCst) > 0);
        for backend in before.backend.into_iter().chain(backend) {
            if !known.iter().any(|known| Arc::ptr_eq(known, &backend)) {
                known.push(backend);
            }
        }
        tracing::info!(generation = wanted.generation, serving = serving(wanted), "traffic is switched");
        Ok(())
    }

    pub(super) fn standing(&self) -> Standing {
        let known = self.known();
        let backends = known.iter().map(|backend| backend.figures()).collect();
        Standing { live: self.live.borrow().assignment(), backends }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Arc<Backend>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn assignment(&self) -> Assignment {
        let instance = self.backend.as_ref().map(|backend| backend.instance.clone());
        Assignment { generation: self.generation, instance }
    }
}

impl Backend {
    fn new(instance: Instance, connect: Duration) -> Arc<Self> {
        // Each instance has its own connections, which are closed with it.
        let mut client = Client::builder(TokioExecutor::new());
        let client =
            client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(Connector::new(connect));
        Arc::new(Self {
            instance,
            client,
            in_flight: AtomicUsize::new(0),
            meter: Meter::default(),
            outage: Mutex::default(),
        })
    }

    /// Records an outage, or with `None` its end. Returns the previous outage.
    pub(super) fn set_outage(&self, outage: Option<String>) -> Option<String> {
        std::mem::replace(&mut self.outage(), outage)
    }

    fn outage(&self) -> MutexGuard<'_, Option<String>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn figures(&self) -> Figures {
        Figures {
            instance: self.instance.clone(),
            in_flight: self.in_flight.load(Ordering::SeqCst),
            tally: self.meter.read(),
        }
    }
}

impl InFlight {
    fn new(backend: &Arc<Backend>) -> Self {
        backend.in_flight.fetch_add(1, Ordering::SeqCst);
        Self { backend: Arc::clone(backend), began: Instant::now(), outcome: Outcome::ClientClosed }
    }

    pub(super) fn backend(&self) -> &Arc<Backend> {
        &self.backend
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.backend.meter.count(self.began.elapsed(), self.outcome);
        self.backend.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
