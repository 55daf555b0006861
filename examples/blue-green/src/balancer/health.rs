//! Checks whether the live version answers.

use std::time::Duration;

use tokio::time::sleep;

use super::upstream::Upstreams;
use crate::instance::Instance;
use crate::service::health::Readiness;
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

/// Updates the readiness of the balancer: it is ready while the live version answers. Logs each change once.
pub(super) async fn watch(upstreams: &Upstreams, readiness: &Readiness, http: &reqwest::Client) {
    let mut failures = 0;
    loop {
        sleep(PAUSE).await;
        let Some(live) = upstreams.live_instance() else { continue };
        let (why, failed) = match ask(http, &live).await {
            Answer::Yes => (String::new(), 0),
            Answer::No(why) => (why, failures + 1),
            Answer::Unreachable(why) => (why, failures.max(TRIES - 1) + 1),
        };
        failures = failed;
        // Traffic may have been switched in the meantime.
        if upstreams.live_instance().as_ref() != Some(&live) {
            failures = 0;
            continue;
        }
        if failures >= TRIES && readiness.is_ready() {
            tracing::error!(%live, why, "no version serves: release one, with --skip-watch if need be");
            readiness.set(false);
        } else if failures == 0 && !readiness.is_ready() {
            tracing::info!(%live, "the version serves again");
            readiness.set(true);
        }
    }
}

async fn ask(http: &reqwest::Client, live: &Instance) -> Answer {
    match http.get(format!("http://{}/ready", live.address)).send().await {
        Ok(answer) if answer.status().is_server_error() => Answer::No(answer.status().to_string()),
        Ok(_) => Answer::Yes,
        Err(error) if error.is_connect() => Answer::Unreachable(in_full(&error)),
        Err(error) => Answer::No(in_full(&error)),
    }
}
