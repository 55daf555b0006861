//! A service in this process, on sockets and a database of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use cqrs::clock::Clock;
use cqrs::settings::{QuerySide, Settings};
use cqrs::{App, AppError, Bank};

/// A service that stops when it is dropped, or on request.
pub struct Served {
    pub bank: Bank,
    client: Client,
    customers: String,
    operators: String,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), AppError>>,
}

fn settings(folder: &Path) -> Settings {
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    Settings {
        listen: local,
        operators: local,
        database: folder.join("bank.db").to_str().unwrap().to_owned(),
        body_bytes: 1_000,
        request_ms: 60_000,
        queries: QuerySide { wait_ms: 30_000, look_ms: 20, ..QuerySide::default() },
        ..Settings::default()
    }
}

/// Starts a service without accounts.
pub async fn served() -> Served {
    served_in(tempfile::tempdir().unwrap()).await
}

/// Starts a service without accounts, with other settings.
pub async fn served_with(change: impl FnOnce(&mut Settings)) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    change(&mut settings);
    start(settings, folder).await
}

/// Starts a service that goes on with what is in a folder.
pub async fn served_in(folder: TempDir) -> Served {
    start(settings(folder.path()), folder).await
}

async fn start(settings: Settings, folder: TempDir) -> Served {
    let noon = Clock::new(|| 1_735_732_800_000);
    let app = App::start(settings, &noon).await.unwrap();
    let bank = app.bank().clone();
    let (customers, operators) = (format!("http://{}", app.address()), format!("http://{}", app.operators()));
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(app.run(async {
        let _ = stopped.await;
    }));
    Served { bank, client: Client::new(), customers, operators, folder, stop: Some(stop), ended }
}

impl Served {
    pub fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("bank.db")
    }

    pub fn customers(&self) -> String {
        self.customers.clone()
    }

    pub fn operators(&self) -> String {
        self.operators.clone()
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.customers))
    }

    /// Sends a command under this id.
    pub async fn send(&self, path: &str, id: &str, body: Value) -> Response {
        self.post(path).header("idempotency-key", id).json(&body).send().await.unwrap()
    }

    /// Sends a command that has to be done. Gives the token.
    pub async fn done(&self, path: &str, id: &str, body: Value) -> i64 {
        let answer = self.send(path, id, body).await;
        assert_eq!(answer.status(), 200, "{path} {id}");
        let token: i64 = answer.headers()["consistency-token"].to_str().unwrap().parse().unwrap();
        let receipt: Value = answer.json().await.unwrap();
        assert_eq!(receipt["token"], token);
        token
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.customers)).send().await.unwrap()
    }

    /// Asks for what shows at least what the command did that gave this token.
    pub async fn ask(&self, path: &str, token: i64) -> Value {
        self.get_with(path, token).await.error_for_status().unwrap().json().await.unwrap()
    }

    /// The answer to a query with this token, whatever it is.
    pub async fn get_with(&self, path: &str, token: i64) -> Response {
        let get = self.client.get(format!("{}{path}", self.customers)).header("consistency-token", token);
        get.send().await.unwrap()
    }

    /// What an operator sees, or does.
    pub async fn operate(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.operators)).send().await.unwrap()
    }

    /// What an operator decides, who is called `olga`.
    pub async fn decide(&self, path: &str, body: Option<Value>) -> Response {
        let post = self.client.post(format!("{}{path}", self.operators)).header("x-auth-subject", "olga");
        body.iter().fold(post, RequestBuilder::json).send().await.unwrap()
    }

    pub async fn rebuild(&self) -> Response {
        self.decide("/views/rebuild", None).await
    }

    /// A request to the operators' address.
    pub fn operator(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.operators))
    }

    /// Asks an operator's question until the answer is as wanted.
    pub async fn until(&self, path: &str, is_as_wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3_000 {
            let answer: Value = self.operate(path).await.json().await.unwrap();
            if is_as_wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} does not come to what is wanted");
    }

    /// Stops the service and hands over its folder.
    pub async fn stop(mut self) -> TempDir {
        drop(self.stop.take());
        self.ended.await.unwrap().unwrap();
        self.folder
    }
}
