//! How the command line talks to the controller.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::releases::View;
use crate::service::access::Token;
use crate::service::in_full;

/// A controller's address, and a client for it.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<Token>,
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
        Self { url: format!("http://{controller}/releases"), http: reqwest::Client::new(), token: None }
    }

    /// Sends this token with each request.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
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

    /// Looks until a release is through, and what is to end has ended. A controller that does not answer is waited
    /// for: the release goes on when it comes up again. Hands each change of what the release waits for to `waits`.
    ///
    /// # Errors
    ///
    /// The controller does not know the release.
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

    /// The same, and shows nothing on the way.
    ///
    /// # Errors
    ///
    /// The controller does not know the release.
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
