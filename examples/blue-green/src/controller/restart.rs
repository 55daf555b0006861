//! Restarting the version that serves, when its process has died while no release is under way.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::releases::Releases;
use crate::balancer::{Assignment, Client};
use crate::instance::Instance;
use crate::service::in_full;
use crate::settings::Settings;
use crate::slot::{Launch, Slot};

/// The pause between two looks, and before a version is started again. It doubles with each failure, up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Why a version does not serve again.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Starts the version that serves again, whenever its process has died. A release that is under way sees to its
/// versions itself.
pub(super) async fn keep_alive(
    releases: Releases,
    settings: Settings,
    balancer: Client,
    http: reqwest::Client,
) {
    let launch = Launch::new(&settings.app);
    let mut pause = PAUSE;
    loop {
        sleep(pause).await;
        if !matches!(releases.under_way().await, Ok(None)) {
            continue;
        }
        // A balancer that does not answer has no version that could be switched to.
        let Ok(standing) = balancer.standing().await else { continue };
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
            // A release that has begun meanwhile goes first, and none begins during the switch.
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
                let error = in_full(&*error);
                tracing::error!(%dead, error, again = ?pause, "the version that serves was not started again");
                end(&slot, &key, &balancer, launch.grace).await;
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

/// Ends what was started in vain, unless requests go to it: the switch may have been made, and its answer lost.
async fn end(slot: &Slot, key: &str, balancer: &Client, grace: Duration) {
    let Ok(standing) = balancer.standing().await else { return };
    if standing.live.instance.is_some_and(|live| live.started_by == key) {
        return;
    }
    if let Err(error) = slot.end(key, grace).await {
        tracing::error!(%error, "a version that was started in vain does not end");
    }
}
