//! Checks whether the live version answers.

use std::time::Duration;

use tokio::time::sleep;

use super::upstream::Upstreams;
use crate::instance::Instance;
use crate::service::in_full;

/// The pause between two checks.
const PAUSE: Duration = Duration::from_millis(500);

/// A version that accepts connections but fails this many checks in a row counts as not answering.
const TRIES: u32 = 3;

/// The result of a check.
enum Answer {
    Yes,
    No(String),
    /// The address does not accept connections.
    Unreachable(String),
}

/// Checks the live version and records its outages, which decide about the readiness of the balancer. Logs the
/// beginning and the end of each outage.
pub(super) async fn watch(upstreams: &Upstreams, http: &reqwest::Client) {
    let mut failures = 0;
    loop {
        sleep(PAUSE).await;
        let Some(backend) = upstreams.live_backend() else { continue };
        let live = &backend.instance;
        let (why, failed) = match ask(http, live).await {
            Answer::Yes => (String::new(), 0),
            Answer::No(why) => (why, failures + 1),
            Answer::Unreachable(why) => (why, failures.max(TRIES - 1) + 1),
        };
        failures = failed;
        // Traffic may have been switched in the meantime.
        if upstreams.live_backend().is_none_or(|now| now.instance != *live) {
            failures = 0;
            continue;
        }
        if failures >= TRIES {
            if backend.set_outage(Some(why.clone())).is_none() {
                tracing::error!(%live, why, "no version serves: release one, with --skip-watch if need be");
            }
        } else if failures == 0 && backend.set_outage(None).is_some() {
            tracing::info!(%live, "the version serves again");
        }
    }
}

async fn ask(http: &reqwest::Client, live: &Instance) -> Answer {
    match http.get(format!("http://{}/ready", live.address)).send().await {
        Ok(answer) if answer.status().is_server_error() => Answer::No(answer.status().to_string()),
        Ok(_) => Answer::Yes,
        Err(error) if error.is_connect() => Answer::Unreachable(in_full(&error.without_url())),
        Err(error) => Answer::No(in_full(&error.without_url())),
    }
}
