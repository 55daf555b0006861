//! Restarts the live version if its process dies while no release is running.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::releases::Releases;
use crate::balancer::{Assignment, LoadBalancer};
use crate::instance::Instance;
use crate::service::in_full;
use crate::settings::Settings;
use crate::slot::{Launch, Slot};

/// The pause between two checks. The pause before another restart doubles with each failure, up to the maximum.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Why the restart failed.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Restarts the live version whenever its process has died, if `app.restart` is set. A running release handles its
/// versions itself.
///
/// In any case, it looks at the balancer regularly, which sets a restarted balancer that has lost its assignment.
pub(super) async fn keep_alive(
    releases: Releases,
    settings: Settings,
    balancer: Arc<dyn LoadBalancer>,
    http: reqwest::Client,
) {
    let launch = Launch::new(&settings.app);
    let (mut pause, mut not_before, mut failure) = (PAUSE, Instant::now(), None);
    loop {
        sleep(PAUSE).await;
        // If the balancer does not answer, traffic can't be switched.
        let standing = match balancer.standing().await {
            Ok(standing) => standing,
            Err(error) => {
                let error = in_full(&error);
                if failure.as_ref() != Some(&error) {
                    tracing::warn!(error, "the balancer can't be looked at");
                }
                failure = Some(error);
                continue;
            }
        };
        failure = None;
        let is_due = settings.app.restart && Instant::now() >= not_before;
        if !is_due || !matches!(releases.under_way().await, Ok(None)) {
            continue;
        }
        let Assignment { generation, instance: Some(dead) } = standing.live else { continue };
        let slot = Slot::new(&settings.folder, dead.colour);
        if !matches!(slot.occupant(), Ok(None)) {
            pause = PAUSE;
            continue;
        }
        tracing::warn!(%dead, "the version that serves has died, and is started again");
        let key = format!("restart/{}", Uuid::new_v4());
        let revived = async {
            let instance = slot.start(&dead.version, &key, &launch).await?;
            until_ready(&http, &instance, Duration::from_millis(settings.gate.ready_ms)).await?;
            // A release that has begun in the meantime takes precedence, and none can begin during the switch.
            let _held = releases.hold().await;
            if releases.under_way().await?.is_some() {
                return Err("a release is under way".into());
            }
            balancer.switch(&Assignment { generation: generation + 1, instance: Some(instance) }).await?;
            Ok::<_, Failure>(())
        };
        match revived.await {
            Ok(()) => pause = PAUSE,
            Err(error) => {
                pause = (pause * 2).min(LONGEST_PAUSE);
                not_before = Instant::now() + pause;
                let error = in_full(&*error);
                tracing::error!(%dead, error, again = ?pause, "the version that serves was not started again");
                end(&slot, &key, &*balancer, launch.grace).await;
            }
        }
    }
}

async fn until_ready(http: &reqwest::Client, instance: &Instance, within: Duration) -> Result<(), Failure> {
    let ready = async {
        loop {
            let answer = http.get(format!("http://{}/ready", instance.address)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(within, ready)
        .await
        .map_err(|_| format!("{instance} is not ready within {within:?}").into())
}

/// Ends an instance whose restart failed, unless it is live: the switch may have succeeded although its answer was
/// lost.
async fn end(slot: &Slot, key: &str, balancer: &dyn LoadBalancer, grace: Duration) {
    let Ok(standing) = balancer.standing().await else { return };
    if standing.live.instance.is_some_and(|live| live.started_by == key) {
        return;
    }
    if let Err(error) = slot.end(key, grace).await {
        tracing::error!(%error, "a version that was started in vain does not end");
    }
}
