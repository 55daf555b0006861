//! The whole service: its parts, startup and shutdown.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use crate::http;
use crate::lanes::Books;
use crate::orders::{Orders, OrdersError};
use crate::service::access::{AccessError, Guard};
use crate::service::health::{self, Readiness};
use crate::service::openapi;
use crate::service::serve::{self, ListenError, listen, serve};
use crate::settings::Settings;

/// The OpenAPI documents of the two addresses, for customers and for operators.
const CUSTOMERS: &str = include_str!("../openapi/customers.json");
const OPERATORS: &str = include_str!("../openapi/operators.json");

/// A running service: it listens on both addresses and has resumed the unfinished orders.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    orders: Orders,
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
    /// The database of the services can't be opened.
    #[error("the services' books can't be opened")]
    Books(#[source] rusqlite::Error),
    /// The store of the orders can't be opened.
    #[error(transparent)]
    Orders(OrdersError),
}

impl App {
    /// Opens the databases, resumes the unfinished orders and listens.
    ///
    /// # Errors
    ///
    /// A folder, database or token can't be read, or the service can't listen on an address.
    pub async fn start(settings: Settings) -> Result<Self, AppError> {
        let guard = settings.access.guard()?;
        let folder = &settings.folder;
        std::fs::create_dir_all(folder)
            .map_err(|why| AppError::Io(format!("the folder {}", folder.display()), why))?;
        let books = Books::open(&folder.join("shop.db")).map_err(AppError::Books)?;
        let orders = Orders::open(&settings, &books).await.map_err(AppError::Orders)?;
        let (customers, address) = listen(settings.listen).await?;
        let (operators, operators_address) = listen(settings.operators).await?;
        let addresses = (address, operators_address);
        Ok(Self { settings, orders, customers, operators, guard, addresses })
    }

    /// The address for customers, where orders are placed.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses.0
    }

    /// The address for operators, where stuck orders are handled.
    #[must_use]
    pub fn operators(&self) -> SocketAddr {
        self.addresses.1
    }

    /// The orders of the service.
    #[must_use]
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Serves until `stop` completes. Requests in flight then have the time `drain_ms` to end. Unfinished orders
    /// continue when the service is started again.
    ///
    /// # Errors
    ///
    /// A listener fails, or the engine that runs the orders can't continue.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let Self { settings, orders, customers, operators, guard, .. } = self;
        let readiness = Readiness::unless({
            let orders = orders.clone();
            move || orders.why_not_now()
        });
        readiness.set(true);
        let stopped_at = Arc::new(OnceLock::new());
        let stop = readiness.until({
            let stopped_at = Arc::clone(&stopped_at);
            async move {
                stop.await;
                let _ = stopped_at.set(Instant::now());
            }
        });
        let drain = Duration::from_millis(settings.drain_ms);
        let routes = |routes: axum::Router| {
            let routes = routes.merge(health::routes(readiness.clone()));
            orders.metrics().count_requests(serve::within(settings.limits(), routes))
        };
        let counted = orders.clone();
        let metrics = orders.metrics().routes(move || {
            let orders = counted.clone();
            async move { orders.update_metrics().await }
        });
        let for_customers = serve(
            customers,
            routes(http::customers(orders.clone()).merge(openapi::routes(CUSTOMERS))),
            stop.clone(),
            drain,
        );
        let for_operators = serve(
            operators,
            routes(
                guard
                    .before(http::operators(orders.clone()))
                    .merge(metrics)
                    .merge(openapi::routes(OPERATORS)),
            ),
            stop,
            drain,
        );
        let served = async { tokio::try_join!(for_customers, for_operators) };
        let ended = tokio::select! {
            served = served => served.map(|_| ()).map_err(|why| AppError::Io("a listener".to_owned(), why)),
            why = orders.broken() => Err(AppError::Orders(why)),
        };
        // Requests and steps share the drain time.
        let since = stopped_at.get().map_or(Duration::ZERO, Instant::elapsed);
        orders.close(drain.saturating_sub(since)).await;
        ended
    }
}
