//! Two HTTP endpoints, called one after the other.

use std::time::{Duration, Instant};

use flowgen::Fault;
use ureq::Agent;

use super::{Trial, timed};
use crate::variant::Variant;

/// Two HTTP endpoints. Each GET request is a unit.
///
/// Requests are sent one at a time, in the order of the assignment, so that a drift over more than a few requests
/// affects both variants. The latency is the time from the request to the last byte of the response, over a
/// persistent connection. An unsuccessful response, no response and a timeout count as failures, with the time
/// until then.
#[derive(Clone, Debug)]
pub struct Http {
    urls: [String; 2],
    agent: Agent,
    warm_up: usize,
}

impl Http {
    /// The endpoints. Each is called several times before anything is measured, and every call has a timeout.
    #[must_use]
    pub fn new(a: &str, b: &str, warm_up: usize, timeout: Duration) -> Self {
        let settings = Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false);
        Self { urls: [a.to_owned(), b.to_owned()], agent: settings.build().into(), warm_up }
    }

    fn url(&self, variant: Variant) -> String {
        let [a, b] = &self.urls;
        match variant {
            Variant::A => a.clone(),
            Variant::B => b.clone(),
        }
    }

    /// Sends one request. The client blocks, so it runs in its own thread, which also measures the time.
    async fn ask(&self, variant: Variant) -> flowgen::Result<(Duration, Result<(), String>)> {
        let (agent, url) = (self.agent.clone(), self.url(variant));
        let asked = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let answer = get(&agent, &url);
            (begun.elapsed(), answer)
        });
        Ok(asked.await?)
    }
}

fn get(agent: &Agent, url: &str) -> Result<(), String> {
    let mut answer = agent.get(url).call().map_err(|error| error.to_string())?;
    std::io::copy(&mut answer.body_mut().as_reader(), &mut std::io::sink())
        .map_err(|error| error.to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it says {}", answer.status())) }
}

impl Trial for Http {
    async fn warm_up(&self) -> flowgen::Result {
        for _ in 0..self.warm_up.max(1) {
            for variant in [Variant::A, Variant::B] {
                if let (_, Err(why)) = self.ask(variant).await? {
                    return Err(Fault::new(format!("{} can't be compared: {why}", self.url(variant))));
                }
            }
        }
        Ok(())
    }

    async fn arrivals(&self, before: usize, most: usize) -> flowgen::Result<Vec<String>> {
        Ok(timed::numbered("request", before, most))
    }

    async fn measure(&self, _: &str, variant: Variant) -> flowgen::Result<Option<Vec<f64>>> {
        let (took, answer) = self.ask(variant).await?;
        Ok(Some(timed::values(took, answer.is_err())))
    }
}
