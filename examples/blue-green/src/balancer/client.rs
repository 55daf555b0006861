//! The embedded balancer as the controller uses it: through its admin interface.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Response;

use super::control::{BalancerError, LoadBalancer};
use super::upstream::{Assignment, Standing};
use crate::service::access::Token;

/// The admin address of a balancer, with an HTTP client.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    token: Option<Token>,
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
    pub async fn standing(&self) -> Result<Standing, BalancerError> {
        self.standing_of(self.http.get(&self.url)).await
    }

    /// Switches traffic. Idempotent.
    ///
    /// # Errors
    ///
    /// The balancer does not answer, or has a newer generation.
    pub async fn switch(&self, wanted: &Assignment) -> Result<Standing, BalancerError> {
        self.standing_of(self.http.put(&self.url).json(wanted)).await
    }

    async fn standing_of(&self, request: reqwest::RequestBuilder) -> Result<Standing, BalancerError> {
        let name = || format!("the balancer at {}", self.url);
        let silent = |why: reqwest::Error| BalancerError::Silent(name(), why.into());
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token.secret()));
        let answer: Response = request.send().await.map_err(silent)?;
        let status = answer.status();
        if status.is_success() {
            return answer.json().await.map_err(silent);
        }
        let detail = answer.text().await.map_err(silent)?;
        Err(BalancerError::Refused(name(), format!("{status}: {detail}")))
    }
}

impl LoadBalancer for Client {
    fn standing(&self) -> BoxFuture<'_, Result<Standing, BalancerError>> {
        self.standing().boxed()
    }

    fn switch<'a>(&'a self, wanted: &'a Assignment) -> BoxFuture<'a, Result<Standing, BalancerError>> {
        self.switch(wanted).boxed()
    }
}
