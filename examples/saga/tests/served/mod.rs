//! A service in this process, on sockets and databases of its own.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use saga::orders::Orders;
use saga::settings::{Retries, Settings, Shop};
use saga::{App, AppError};

/// A service that stops when it is dropped, or on request.
pub struct Served {
    pub client: Client,
    pub orders: Orders,
    customers: String,
    operators: String,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), AppError>>,
}

/// Settings for tests: any port, and no long pauses.
pub fn settings(folder: &Path) -> Settings {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    Settings {
        listen: local,
        operators: local,
        folder: folder.to_owned(),
        body_bytes: 1_000,
        shop: Shop { stock: 10, ..Shop::default() },
        retry: Retries { times: 1, first_ms: 1, timeout_ms: 5_000 },
        ..Settings::default()
    }
}

/// Starts a service with nothing ordered.
pub async fn served() -> Served {
    served_in(tempfile::tempdir().unwrap()).await
}

/// Starts a service with nothing ordered and other settings.
pub async fn served_changed(change: impl FnOnce(&mut Settings)) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    change(&mut settings);
    served_with(folder, settings).await
}

/// Starts a service that goes on with what is in a folder.
pub async fn served_in(folder: TempDir) -> Served {
    let settings = settings(folder.path());
    served_with(folder, settings).await
}

/// Starts a service with these settings.
pub async fn served_with(folder: TempDir, settings: Settings) -> Served {
    let app = App::start(settings).await.unwrap();
    let orders = app.orders().clone();
    let (customers, operators) = (format!("http://{}", app.address()), format!("http://{}", app.operators()));
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(app.run(async {
        let _ = stopped.await;
    }));
    Served { client: Client::new(), orders, customers, operators, folder, stop: Some(stop), ended }
}

impl Served {
    /// The file of the services' books.
    pub fn books(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.db")
    }

    pub fn customers(&self, path: &str) -> String {
        format!("{}{path}", self.customers)
    }

    pub fn operators(&self, path: &str) -> String {
        format!("{}{path}", self.operators)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.customers(path)).send().await.unwrap()
    }

    /// Places an order under this name.
    pub async fn place(&self, id: &str, pieces: u32, destination: &str) -> Response {
        let body = json!({ "pieces": pieces, "destination": destination });
        let request = self.client.post(self.customers("/orders")).header("idempotency-key", id).json(&body);
        request.send().await.unwrap()
    }

    /// Places an order of a customer under this key.
    pub async fn place_for(&self, customer: &str, key: &str, pieces: u32) -> Response {
        let body = json!({ "pieces": pieces, "destination": "Lisbon" });
        let request = self.client.post(self.customers("/orders")).json(&body);
        request.header("x-auth-subject", customer).header("idempotency-key", key).send().await.unwrap()
    }

    /// What a customer gets.
    pub async fn get_for(&self, customer: &str, path: &str) -> Response {
        self.client.get(self.customers(path)).header("x-auth-subject", customer).send().await.unwrap()
    }

    /// What an operator gets.
    pub async fn inspect(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.operators)).send().await.unwrap()
    }

    /// What an operator does.
    pub async fn operate(&self, path: &str) -> Response {
        self.client.post(self.operators(path)).send().await.unwrap()
    }

    /// The status of an order.
    pub async fn show(&self, id: &str) -> Value {
        self.get(&format!("/orders/{id}")).await.error_for_status().unwrap().json().await.unwrap()
    }

    /// The status of an order once it is no longer under way.
    pub async fn ended(&self, id: &str) -> Value {
        for _ in 0..1_000 {
            let view = self.show(id).await;
            if view["status"] != "running" && view["status"] != "rolling_back" {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`{id}` does not end: {}", self.show(id).await);
    }

    /// Stops the service and hands over its folder.
    pub async fn stop(mut self) -> TempDir {
        drop(self.stop.take());
        self.ended.await.unwrap().unwrap();
        self.folder
    }
}
