//! How the command line talks to the controller.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::releases::View;

/// A controller's address, and a client for it.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
}

/// Why the controller did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It does not answer.
    #[error("the controller at {0} does not answer; is it running?")]
    Silent(String, #[source] reqwest::Error),
    /// It refuses.
    #[error("{1} ({0})")]
    Refused(StatusCode, String),
    /// There is no release that it could be about.
    #[error("no release is under way: name one")]
    NoRelease,
}

/// How often a release is looked at that is under way.
const LOOK: Duration = Duration::from_millis(100);

impl Client {
    /// A client for the controller at this address.
    #[must_use]
    pub fn new(controller: SocketAddr) -> Self {
        Self { url: format!("http://{controller}/releases"), http: reqwest::Client::new() }
    }

    /// Begins a release. Under a name that is known it is that one.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or refuses.
    pub async fn release(&self, version: &str, id: Option<&str>) -> Result<View, ClientError> {
        self.begin(&json!({ "version": version }), id).await
    }

    /// Begins a release whose version is not compared with the old one.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or refuses.
    pub async fn release_skipping_watch(&self, version: &str, id: Option<&str>) -> Result<View, ClientError> {
        self.begin(&json!({ "version": version, "skip_watch": true }), id).await
    }

    async fn begin(&self, wanted: &Value, id: Option<&str>) -> Result<View, ClientError> {
        let request = self.http.post(&self.url).json(wanted);
        self.answer(id.into_iter().fold(request, |request, id| request.header("idempotency-key", id))).await
    }

    /// The latest releases.
    ///
    /// # Errors
    ///
    /// The controller does not answer.
    pub async fn releases(&self) -> Result<Vec<View>, ClientError> {
        self.answer(self.http.get(&self.url)).await
    }

    /// Where a release stands.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or does not know it.
    pub async fn show(&self, id: &str) -> Result<View, ClientError> {
        self.answer(self.http.get(format!("{}/{id}", self.url))).await
    }

    /// Tells the controller something about a release: `promote`, `abort`, `retry`.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or refuses.
    pub async fn tell(&self, id: &str, what: &str) -> Result<View, ClientError> {
        self.answer(self.http.post(format!("{}/{id}/{what}", self.url))).await
    }

    /// The release that is under way or stuck.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or there is none.
    pub async fn under_way(&self) -> Result<View, ClientError> {
        let first = self.releases().await?.into_iter().next();
        let open = first.filter(|view| !view.status.is_over() || !view.owed.is_empty());
        open.ok_or(ClientError::NoRelease)
    }

    /// Looks until a release is through, and what is to end has ended.
    ///
    /// # Errors
    ///
    /// The controller does not answer.
    pub async fn through(&self, id: &str) -> Result<View, ClientError> {
        loop {
            let view = self.show(id).await?;
            if view.status.is_over() && !view.afterwards.iter().any(|outcome| outcome == "running") {
                return Ok(view);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ClientError> {
        let silent = |why| ClientError::Silent(self.url.clone(), why);
        let answer = request.send().await.map_err(silent)?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.map_err(silent);
        }
        let problem: Value = answer.json().await.map_err(silent)?;
        Err(ClientError::Refused(status, problem["detail"].as_str().unwrap_or_default().to_owned()))
    }
}
