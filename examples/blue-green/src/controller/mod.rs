//! The controller of releases: it serves operators and resumes unfinished releases.

mod client;
mod http;
mod releases;
mod restart;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;

use crate::balancer::{self, HaProxy, LoadBalancer};
use crate::drawing::Flow as Drawn;
use crate::service::access::{AccessError, Guard};
use crate::service::serve::{self, ListenError, listen, serve};
use crate::service::{health, in_full, openapi};
use crate::settings::{BalancerKind, Settings};
use crate::words::Words;
use crate::{ReleaseFlow, lanes};
pub use client::{Client, ClientError};
pub use releases::{Owed, Releases, ReleasesError, View};

/// The OpenAPI document of the operators' address.
const OPENAPI: &str = include_str!("../../openapi/controller.json");

/// A running controller.
#[derive(Debug)]
pub struct Controller {
    settings: Settings,
    balancer: Arc<dyn LoadBalancer>,
    releases: Releases,
    operators: TcpListener,
    guard: Guard,
    address: SocketAddr,
}

/// Error from starting or running the controller.
#[derive(Debug, thiserror::Error)]
pub enum ControllerError {
    /// The folder can't be created, or the listener fails.
    #[error("{0} can't be used")]
    Io(String, #[source] io::Error),
    /// The controller can't listen on the address.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The client for the balancer and the versions can't be created.
    #[error("no HTTP client can be made")]
    Client(#[from] reqwest::Error),
    /// The token of operators can't be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The store of the releases can't be opened.
    #[error(transparent)]
    Releases(#[from] ReleasesError),
}

/// The flow of a release, whose lanes receive operators' decisions from `words`.
///
/// # Errors
///
/// The HTTP client can't be created, or the token of operators can't be read.
pub fn flow(settings: &Settings, words: &Words) -> Result<ReleaseFlow, ControllerError> {
    flow_behind(balancer(settings)?, settings, words)
}

fn flow_behind(
    balancer: Arc<dyn LoadBalancer>,
    settings: &Settings,
    words: &Words,
) -> Result<ReleaseFlow, ControllerError> {
    let timeout = Duration::from_millis(settings.controller.answer_ms);
    let balancer = lanes::Reach::new(balancer, words.clone());
    let http = reqwest::Client::builder().timeout(timeout).build()?;
    let (gate, watch) = (&settings.gate.smoke_tests, &settings.watch);
    let now: lanes::Now = Arc::new(SystemTime::now);
    Ok(Drawn {
        controller: lanes::Controller::new(settings.folder.join("journal")),
        environments: lanes::Environments::new(settings, balancer.clone(), http.clone(), words.clone()),
        balancer: lanes::Balancer::new(balancer.clone(), http.clone(), settings.drain(), words.clone()),
        monitor: lanes::Monitor::new(balancer, http, gate, watch, words.clone(), now),
        operator: lanes::Operator,
    })
}

/// The load balancer of the settings.
fn balancer(settings: &Settings) -> Result<Arc<dyn LoadBalancer>, ControllerError> {
    let timeout = Duration::from_millis(settings.controller.answer_ms);
    match &settings.balancer.kind {
        BalancerKind::Embedded => {
            let client = balancer::Client::new(settings.balancer.admin, timeout)?;
            Ok(Arc::new(client.with_token(settings.access.token()?)))
        }
        BalancerKind::HaProxy(socket) => Ok(Arc::new(HaProxy::new(socket.clone(), settings, timeout))),
    }
}

impl Controller {
    /// Opens the store of the releases, resumes the unfinished one and listens.
    ///
    /// # Errors
    ///
    /// A folder or file can't be opened, or the controller can't listen on the address.
    pub async fn start(settings: Settings) -> Result<Self, ControllerError> {
        let folder = &settings.folder;
        std::fs::create_dir_all(folder)
            .map_err(|why| ControllerError::Io(format!("the folder {}", folder.display()), why))?;
        let words = Words::default();
        let balancer = balancer(&settings)?;
        let flow = flow_behind(Arc::clone(&balancer), &settings, &words)?;
        let releases = Releases::open(&settings, flow, words).await?;
        let guard = settings.access.guard()?;
        let (operators, address) = listen(settings.controller.listen).await?;
        Ok(Self { settings, balancer, releases, operators, guard, address })
    }

    /// The address for operators.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves operators until `stop` completes. An unfinished release continues when the controller is started
    /// again. Until then, the live version keeps serving.
    ///
    /// # Errors
    ///
    /// The listener fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ControllerError> {
        let Self { settings, balancer, releases, operators, guard, .. } = self;
        let readiness = releases.readiness().clone();
        readiness.set(true);
        let stop = readiness.until(stop);
        let routes = guard.before(http::routes(releases.clone())).merge(health::routes(readiness));
        let counted = releases.clone();
        let metrics = releases.metrics().routes(move || {
            let releases = counted.clone();
            async move {
                if let Err(why) = releases.update_metrics().await {
                    tracing::error!(why = in_full(&why), "releases could not be counted");
                }
            }
        });
        let routes = serve::within(settings.limits(), routes.merge(metrics).merge(openapi::routes(OPENAPI)));
        let routes = releases.metrics().count_requests(routes);
        let timeout = Duration::from_millis(settings.controller.answer_ms);
        let http = reqwest::Client::builder().timeout(timeout).build()?;
        let watching = tokio::spawn(restart::keep_alive(releases.clone(), settings.clone(), balancer, http));
        let served = serve(operators, routes, stop, settings.drain()).await;
        watching.abort();
        releases.close(settings.drain()).await;
        served.map_err(|why| ControllerError::Io("the listener".to_owned(), why))
    }
}
