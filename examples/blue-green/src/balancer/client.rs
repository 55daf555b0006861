//! How the controller talks to the balancer.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Response, StatusCode};

use super::upstream::{Assignment, Figures, Standing};
use crate::instance::Instance;
use crate::service::access::Token;

/// A balancer's admin address, and a client for it.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<Token>,
}

/// Why the balancer did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It does not answer.
    #[error("the balancer at {0} does not answer")]
    Silent(String, #[source] reqwest::Error),
    /// It refuses.
    #[error("the balancer at {0} refuses ({1}): {2}")]
    Refused(String, StatusCode, String),
}

impl Client {
    /// A client that waits at most this long for each answer.
    ///
    /// # Errors
    ///
    /// The client can't be made.
    pub fn new(admin: SocketAddr, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(timeout).build()?;
        Ok(Self { url: format!("http://{admin}/upstream"), http, token: None })
    }

    /// Sends this token with each request.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// Who serves and who did.
    ///
    /// # Errors
    ///
    /// The balancer does not answer.
    pub async fn standing(&self) -> Result<Standing, ClientError> {
        self.standing_of(self.http.get(&self.url)).await
    }

    /// Switches traffic. Said again, it does nothing more.
    ///
    /// # Errors
    ///
    /// The balancer does not answer, or knows a newer generation.
    pub async fn switch(&self, wanted: &Assignment) -> Result<Standing, ClientError> {
        self.standing_of(self.http.put(&self.url).json(wanted)).await
    }

    async fn standing_of(&self, request: reqwest::RequestBuilder) -> Result<Standing, ClientError> {
        let silent = |why| ClientError::Silent(self.url.clone(), why);
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token.secret()));
        let answer: Response = request.send().await.map_err(silent)?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.map_err(silent);
        }
        let detail = answer.text().await.map_err(silent)?;
        Err(ClientError::Refused(self.url.clone(), status, detail))
    }
}

impl Standing {
    /// What is known of an instance; `None` where it never served, or is forgotten.
    #[must_use]
    pub fn of(&self, instance: &Instance) -> Option<&Figures> {
        self.backends.iter().find(|figures| figures.instance.id == instance.id)
    }

    /// Requests that an instance is serving.
    #[must_use]
    pub fn in_flight(&self, instance: &Instance) -> usize {
        self.of(instance).map_or(0, |figures| figures.in_flight)
    }

    /// Do requests go to this instance?
    #[must_use]
    pub fn is_live(&self, instance: &Instance) -> bool {
        self.live.instance.as_ref().is_some_and(|live| live.id == instance.id)
    }
}
