//! The client of the balancer's admin interface, for the controller.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Response, StatusCode};

use super::upstream::{Assignment, Figures, Standing};
use crate::instance::Instance;
use crate::service::access::Token;

/// The admin address of a balancer, with an HTTP client.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<Token>,
}

/// Error from a call to the balancer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The balancer does not answer.
    #[error("the balancer at {0} does not answer")]
    Silent(String, #[source] reqwest::Error),
    /// The balancer refuses the request.
    #[error("the balancer at {0} refuses ({1}): {2}")]
    Refused(String, StatusCode, String),
}

impl Client {
    /// Creates a client that waits at most this long for each response.
    ///
    /// # Errors
    ///
    /// The HTTP client can't be created.
    pub fn new(admin: SocketAddr, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(timeout).build()?;
        Ok(Self { url: format!("http://{admin}/upstream"), http, token: None })
    }

    /// Sends this token with each request.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Self { token, ..self }
    }

    /// The live and the previous instances, with their counts.
    ///
    /// # Errors
    ///
    /// The balancer does not answer.
    pub async fn standing(&self) -> Result<Standing, ClientError> {
        self.standing_of(self.http.get(&self.url)).await
    }

    /// Switches traffic. Idempotent.
    ///
    /// # Errors
    ///
    /// The balancer does not answer, or has a newer generation.
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
    /// The counts of an instance. `None` if it has never been live or was forgotten.
    #[must_use]
    pub fn of(&self, instance: &Instance) -> Option<&Figures> {
        self.backends.iter().find(|figures| figures.instance.id == instance.id)
    }

    /// The number of requests in flight to an instance.
    #[must_use]
    pub fn in_flight(&self, instance: &Instance) -> usize {
        self.of(instance).map_or(0, |figures| figures.in_flight)
    }

    /// Whether this instance is live.
    #[must_use]
    pub fn is_live(&self, instance: &Instance) -> bool {
        self.live.instance.as_ref().is_some_and(|live| live.id == instance.id)
    }
}
