//! The client of the controller, for the command line.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::releases::View;
use crate::service::access::Token;
use crate::service::in_full;

/// The address of a controller, with an HTTP client.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<Token>,
}

/// Error from a call to the controller.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The controller does not answer.
    #[error("the controller at {0} does not answer; is it running?")]
    Silent(String, #[source] reqwest::Error),
    /// The controller refuses the request.
    #[error("{1} ({0})")]
    Refused(StatusCode, String),
    /// No release is running, so its id must be given.
    #[error("no release is under way: name one")]
    NoRelease,
}

/// The interval at which a running release is polled.
const LOOK: Duration = Duration::from_millis(100);

impl Client {
    /// A client for the controller at this address.
    #[must_use]
    pub fn new(controller: SocketAddr) -> Self {
        Self { url: format!("http://{controller}/releases"), http: reqwest::Client::new(), token: None }
    }

    /// Sends this token with each request.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// Begins a release. An existing id refers to that release.
    ///
    /// # Errors
    ///
    /// The controller does not answer or refuses the request.
    pub async fn release(&self, version: &str, id: Option<&str>) -> Result<View, ClientError> {
        self.begin(&json!({ "version": version }), id).await
    }

    /// Begins a release whose version is not compared with the old one.
    ///
    /// # Errors
    ///
    /// The controller does not answer or refuses the request.
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

    /// The state of a release.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or there is no such release.
    pub async fn show(&self, id: &str) -> Result<View, ClientError> {
        self.answer(self.http.get(format!("{}/{id}", self.url))).await
    }

    /// Sends a command about a release: `promote`, `abort`, `retry`.
    ///
    /// # Errors
    ///
    /// The controller does not answer or refuses the request.
    pub async fn tell(&self, id: &str, what: &str) -> Result<View, ClientError> {
        self.answer(self.http.post(format!("{}/{id}/{what}", self.url))).await
    }

    /// The running or stuck release.
    ///
    /// # Errors
    ///
    /// The controller does not answer, or there is none.
    pub async fn under_way(&self) -> Result<View, ClientError> {
        let first = self.releases().await?.into_iter().next();
        let open = first.filter(|view| !view.status.is_over() || !view.owed.is_empty());
        open.ok_or(ClientError::NoRelease)
    }

    /// Waits until a release has ended, and the old version, too, where it has to. Continues to poll if the
    /// controller does not answer, since the release continues after a restart. Passes each change of the reason
    /// for which the release waits to `waits`.
    ///
    /// # Errors
    ///
    /// There is no such release.
    pub async fn through_showing(&self, id: &str, mut waits: impl FnMut(&str)) -> Result<View, ClientError> {
        let mut shown = String::new();
        loop {
            let view = match self.show(id).await {
                Ok(view) => view,
                Err(error @ ClientError::Refused(status, _)) if !status.is_server_error() => {
                    return Err(error);
                }
                Err(error) => {
                    change(&mut shown, in_full(&error), &mut waits);
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            let waiting = view.waiting.as_ref().map(ToString::to_string);
            change(&mut shown, waiting.unwrap_or_default(), &mut waits);
            if view.status.is_over() && !view.afterwards.iter().any(|outcome| outcome == "running") {
                return Ok(view);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The same, without reporting the reasons for waiting.
    ///
    /// # Errors
    ///
    /// There is no such release.
    pub async fn through(&self, id: &str) -> Result<View, ClientError> {
        self.through_showing(id, |_| {}).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ClientError> {
        let silent = |why| ClientError::Silent(self.url.clone(), why);
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token.secret()));
        let answer = request.send().await.map_err(silent)?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.map_err(silent);
        }
        let problem: Value = answer.json().await.map_err(silent)?;
        Err(ClientError::Refused(status, problem["detail"].as_str().unwrap_or_default().to_owned()))
    }
}

fn change(shown: &mut String, now: String, show: &mut impl FnMut(&str)) {
    if *shown != now {
        if !now.is_empty() {
            show(&now);
        }
        *shown = now;
    }
}
