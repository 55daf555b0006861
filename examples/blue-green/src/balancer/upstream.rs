//! Who serves, and who did until just now.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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

/// An idle connection is closed after so long: before the version does it, of which many do after five
/// seconds. A request that is sent while it closes would be lost.
const IDLE: Duration = Duration::from_secs(4);

/// Where requests go. A switch is one assignment: each request goes to whoever served when it came.
#[derive(Clone, Debug)]
pub(super) struct Upstreams {
    live: watch::Sender<Live>,
    known: Arc<Mutex<Vec<Arc<Backend>>>>,
    /// Where the assignment is kept, so that it holds after a restart.
    file: Arc<PathBuf>,
    connect: Duration,
}

/// Who serves now.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    /// Rises with each switch.
    pub(super) generation: u64,
    pub(super) backend: Option<Arc<Backend>>,
}

/// An instance, and what is known of its requests.
#[derive(Debug)]
pub(super) struct Backend {
    pub(super) instance: Instance,
    pub(super) client: Client<Connector, LimitedBody<ReturnedBody>>,
    in_flight: AtomicUsize,
    meter: Meter,
}

/// A request that an instance is serving; when this is dropped, it is over.
#[derive(Debug)]
pub(super) struct InFlight {
    backend: Arc<Backend>,
    began: Instant,
    /// A request that is dropped before its end was dropped by the client.
    pub(super) outcome: Outcome,
}

/// Who serves, as it is kept and told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Rises with each switch: what is of an older one is refused.
    pub generation: u64,
    /// Nobody, before the first release.
    pub instance: Option<Instance>,
}

/// Who serves and who did, with what was counted of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// Who serves.
    pub live: Assignment,
    /// All that are remembered.
    pub backends: Vec<Figures>,
}

/// What is known of an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// The instance.
    pub instance: Instance,
    /// Requests that it is serving.
    pub in_flight: usize,
    /// Those that are over.
    pub tally: Tally,
}

/// Why traffic was not switched.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSwitched {
    #[error("generation {wanted} is not newer than {now}, of which {serving} serves")]
    Stale { wanted: u64, now: u64, serving: String },
    #[error("who serves can't be kept")]
    NotKept(#[source] io::Error),
}

fn serving(now: &Assignment) -> String {
    now.instance.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string)
}

impl Upstreams {
    /// Goes on with who served when this was kept last.
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

    /// Takes a request to who serves now, unless nobody does; it is in flight from here on. Says of which
    /// generation that is.
    pub(super) fn enter(&self) -> (u64, Option<InFlight>) {
        // A switch waits for this borrow: afterwards, all that go to who served before are counted.
        let live = self.live.borrow();
        (live.generation, live.backend.as_ref().map(InFlight::new))
    }

    /// Takes a request that can't reach the live version to the one that served before it, if that is remembered.
    pub(super) fn enter_other(&self, live: &Instance) -> Option<InFlight> {
        let known = self.known();
        known.iter().rev().find(|backend| backend.instance.id != live.id).map(InFlight::new)
    }

    pub(super) fn is_live(&self) -> bool {
        self.live.borrow().backend.is_some()
    }

    pub(super) fn live_instance(&self) -> Option<Instance> {
        self.live.borrow().backend.as_ref().map(|backend| backend.instance.clone())
    }

    /// Sends all requests from now on to this instance. Said again, it does nothing more.
    pub(super) fn switch(&self, wanted: &Assignment) -> Result<(), NotSwitched> {
        // Held throughout: switches come one after the other.
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
        // Who is neither of the two, and serves nothing any more, is forgotten, and its connections close.
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

    fn known(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Backend>>> {
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
        // Connections of its own: they close with it.
        let mut client = Client::builder(TokioExecutor::new());
        let client =
            client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(Connector::new(connect));
        Arc::new(Self { instance, client, in_flight: AtomicUsize::new(0), meter: Meter::default() })
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
