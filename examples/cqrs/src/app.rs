//! The whole service: its parts, startup and shutdown.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use crate::bank::Bank;
use crate::clock::Clock;
use crate::http;
use crate::service::access::{AccessError, Guard};
use crate::service::health::{self, Readiness};
use crate::service::in_full;
use crate::service::openapi;
use crate::service::serve::{self, ListenError, listen, serve};
use crate::settings::Settings;
use crate::store::{Store, StoreError};

/// The OpenAPI documents of the two addresses, for customers and for operators.
const CUSTOMERS: &str = include_str!("../openapi/customers.json");
const OPERATORS: &str = include_str!("../openapi/operators.json");

/// A running service, which listens on both addresses.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    bank: Bank,
    customers: TcpListener,
    operators: TcpListener,
    guard: Guard,
    addresses: (SocketAddr, SocketAddr),
}

/// Error from starting or running the service.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The folder can't be created, or a listener fails.
    #[error("{0} can't be used")]
    Io(String, #[source] io::Error),
    /// The service can't listen on an address.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The token of operators can't be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database can't be opened.
    #[error("the database can't be opened")]
    Store(#[from] StoreError),
    /// The HTTP client for messages can't be created.
    #[error("messages can't be sent")]
    Client(#[from] reqwest::Error),
}

impl App {
    /// Opens the database and listens.
    ///
    /// # Errors
    ///
    /// A database or token can't be read, or the service can't listen on an address.
    pub async fn start(settings: Settings, clock: &Clock) -> Result<Self, AppError> {
        if !settings.database.contains("://")
            && let Some(folder) = Path::new(&settings.database).parent()
        {
            std::fs::create_dir_all(folder)
                .map_err(|why| AppError::Io(format!("the folder {}", folder.display()), why))?;
        }
        let guard = settings.access.guard()?;
        let store = Store::open(&settings.database).await?;
        let policy = settings.policy(u64::from(std::process::id()))?;
        let bank = Bank::open(store, clock, policy).await?;
        let (customers, address) = listen(settings.listen).await?;
        let (operators, operators_address) = listen(settings.operators).await?;
        let addresses = (address, operators_address);
        Ok(Self { settings, bank, customers, operators, guard, addresses })
    }

    /// The address for customers: commands and queries.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses.0
    }

    /// The address for operators, to monitor and repair the views.
    #[must_use]
    pub fn operators(&self) -> SocketAddr {
        self.addresses.1
    }

    /// The bank of the service.
    #[must_use]
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Serves until `stop` completes. Requests in flight then have time to end; subscribers that wait for an event are
    /// answered at once. Events that have not been processed yet are processed when the service is started again.
    ///
    /// # Errors
    ///
    /// A listener fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let Self { settings, bank, customers, operators, guard, .. } = self;
        let readiness = Readiness::default();
        readiness.set(true);
        let stop = readiness.until({
            let bank = bank.clone();
            async move {
                stop.await;
                bank.end_waits();
            }
        });
        let drain = Duration::from_millis(settings.drain_ms);
        let routes = |routes: axum::Router| {
            let routes = routes.merge(health::routes(readiness.clone()));
            bank.metrics().count_requests(serve::within(settings.limits(), routes))
        };
        let counted = bank.clone();
        let metrics = bank.metrics().routes(move || {
            let bank = counted.clone();
            async move {
                if let Err(why) = bank.update_metrics().await {
                    tracing::error!(why = in_full(&why), "the figures are old");
                }
            }
        });
        let for_customers = serve(
            customers,
            routes(http::customers(bank.clone()).merge(openapi::routes(CUSTOMERS))),
            stop.clone(),
            drain,
        );
        let for_operators = serve(
            operators,
            routes(
                guard.before(http::operators(bank.clone())).merge(metrics).merge(openapi::routes(OPERATORS)),
            ),
            stop,
            drain,
        );
        let looking = tokio::spawn(look(bank, Duration::from_millis(settings.queries.look_ms)));
        let served = tokio::try_join!(for_customers, for_operators);
        looking.abort();
        served.map(|_| ()).map_err(|why| AppError::Io("a listener".to_owned(), why))
    }
}

/// Processes pending events and messages, at once and then regularly.
async fn look(bank: Bank, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(why) = bank.look().await {
            tracing::error!(why = in_full(&why), "what has happened could not be followed");
        }
    }
}
