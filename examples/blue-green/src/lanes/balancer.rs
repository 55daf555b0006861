//! The lane `Balancer`: directs traffic.

use std::time::Duration;

use flowgen::{Effect, Fault, Result, Visit};

use super::Wait;
use super::reach::{Abort, Reach};
use crate::balancer::Assignment;
use crate::drawing::balancer::{self as drawn, OldVersionToDrain};
use crate::release::Release;
use crate::words::Words;

/// Switches traffic.
#[derive(Clone, Debug)]
pub struct Balancer {
    balancer: Reach,
    http: reqwest::Client,
    drain: Duration,
    words: Words,
}

impl Balancer {
    /// Creates a lane for this balancer. `drain` is the time that requests to the old version have to end.
    #[must_use]
    pub fn new(balancer: Reach, http: reqwest::Client, drain: Duration, words: Words) -> Self {
        Self { balancer, http, drain, words }
    }
}

impl drawn::Balancer<Release> for Balancer {
    async fn find_live_version(&self, release: &mut Release, visit: &Visit) -> Result {
        let Assignment { generation, instance } =
            self.balancer.standing(visit.run(), Abort::Ends).await?.live;
        (release.generation, release.old) = (generation, instance);
        Ok(())
    }

    async fn switch_traffic(&self, release: &mut Release, visit: &Visit) -> Result<Effect> {
        let instance = Some(release.started()?.clone());
        let wanted = Assignment { generation: release.generation + 1, instance };
        self.balancer.switch(&wanted, visit.run(), Abort::Ends).await?;
        Ok(Effect::Done)
    }

    async fn old_version_to_drain(&self, release: &Release, _: &Visit) -> Result<OldVersionToDrain> {
        Ok(if release.old.is_some() { OldVersionToDrain::Yes } else { OldVersionToDrain::FirstRelease })
    }

    /// Requests that take longer are not interrupted: the old version runs while the new one is watched.
    async fn drain_old_version(&self, release: &mut Release, visit: &Visit) -> Result<Effect> {
        let Some(old) = &release.old else { return Ok(Effect::NotDone) };
        let wait = Wait::at_most(self.drain).of_release(&self.words, visit.run());
        while self.balancer.standing(visit.run(), Abort::Ends).await?.in_flight(old) > 0 {
            if !wait.goes_on().await? {
                tracing::warn!(%old, within = ?self.drain, "is not done with its requests yet");
                break;
            }
        }
        Ok(Effect::Done)
    }
}

impl drawn::Compensation<Release> for Balancer {
    /// The generation is newer than that of the switch, so the balancer refuses the switch if it arrives later.
    async fn switch_back(&self, release: &mut Release, visit: &Visit) -> Result {
        if let Some(old) = &release.old {
            let answer = self.http.get(format!("http://{}/ready", old.address)).send().await;
            let answer = answer.and_then(reqwest::Response::error_for_status);
            // If the old version can't serve, the bad version keeps serving.
            answer.map_err(|why| Fault::new(format!("{old} can't serve: {why}")))?;
        }
        let back = Assignment { generation: release.generation + 2, instance: release.old.clone() };
        self.balancer.switch(&back, visit.run(), Abort::Ignored).await?;
        Ok(())
    }
}
