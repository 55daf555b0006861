//! The lane `Monitor`: whether a version is good.

use std::time::Duration;

use flowgen::{Fault, Result, Visit};
use tokio::time::timeout;

use super::{Now, Wait};
use crate::balancer::{Client, Tally};
use crate::drawing::monitor::{self as drawn, AsGoodAsTheOld, EnoughTraffic, SmokeTestsPassed};
use crate::instance::Instance;
use crate::judge::{Verdict, Watched, too_few};
use crate::release::Release;
use crate::settings::{SmokeTest, Watch};
use crate::words::{Word, Words};

/// Tests and watches versions.
#[derive(Clone)]
pub struct Monitor {
    balancer: Client,
    http: reqwest::Client,
    smoke_tests: Vec<SmokeTest>,
    limits: Watch,
    words: Words,
    now: Now,
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Monitor").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Monitor {
    /// A monitor that runs these tests, and judges by the figures of this balancer.
    #[must_use]
    pub fn new(
        balancer: Client,
        http: reqwest::Client,
        smoke_tests: &[SmokeTest],
        limits: &Watch,
        words: Words,
        now: Now,
    ) -> Self {
        let (smoke_tests, limits) = (smoke_tests.to_vec(), limits.clone());
        Self { balancer, http, smoke_tests, limits, words, now }
    }

    /// Why a test is not passed, if it isn't.
    async fn objection(&self, new: &Instance, test: &SmokeTest) -> Option<String> {
        let SmokeTest { path, status, contains } = test;
        let answer = async {
            let answer = self.http.get(format!("http://{}{path}", new.address)).send().await?;
            Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
        };
        match answer.await {
            Err(why) => Some(format!("{path}: {:#}", Fault::from(why))),
            Ok((found, _)) if found.as_u16() != *status => Some(format!("{path}: {found} for {status}")),
            Ok((_, body)) if !body.contains(contains) => {
                Some(format!("{path}: no `{contains}` in the answer"))
            }
            Ok(_) => None,
        }
    }

    /// What was counted of an instance. No figures are an error, and so the end of a release.
    async fn counted(&self, instance: &Instance) -> Result<Tally> {
        let standing = self.balancer.standing().await?;
        let figures = standing.of(instance).map(|figures| figures.tally.clone());
        figures.ok_or_else(|| Fault::new(format!("the balancer has no figures of {instance}")))
    }
}

impl drawn::Monitor<Release> for Monitor {
    async fn run_smoke_tests(&self, release: &mut Release, _: &Visit) -> Result {
        let new = release.started()?;
        for test in &self.smoke_tests {
            if let Some(why) = self.objection(new, test).await {
                release.objection = Some(format!("smoke test {why}"));
                break;
            }
        }
        Ok(())
    }

    async fn smoke_tests_passed(&self, release: &Release, _: &Visit) -> Result<SmokeTestsPassed> {
        Ok(if release.objection.is_none() { SmokeTestsPassed::Yes } else { SmokeTestsPassed::No })
    }

    async fn measure_baseline(&self, release: &mut Release, visit: &Visit) -> Result {
        let Some(old) = &release.old else { return Ok(()) };
        let before = self.counted(old).await?;
        let mut counted = Tally::default();
        let patience = Duration::from_millis(self.limits.patience_ms);
        let wait = Wait::at_most(patience).of_release(&self.words, visit.run());
        while counted.requests < self.limits.sample {
            if !wait.goes_on().await? {
                release.objection = Some(too_few("the old", counted.requests, &self.limits));
                break;
            }
            counted = self.counted(old).await?.since(&before);
        }
        release.baseline = Some(counted);
        Ok(())
    }

    async fn enough_traffic(&self, release: &Release, _: &Visit) -> Result<EnoughTraffic> {
        Ok(if release.objection.is_none() { EnoughTraffic::Yes } else { EnoughTraffic::No })
    }

    /// Takes a look, after a pause that a word from an operator ends.
    async fn watch_new_version(&self, release: &mut Release, visit: &Visit) -> Result {
        let look = Duration::from_millis(self.limits.look_ms);
        let said = timeout(look, self.words.hear(visit.run())).await;
        release.is_promoted = said == Ok(Word::Promote);
        let counted = self.counted(release.started()?).await?;
        let (now, baseline) = ((self.now)(), release.baseline.clone().unwrap_or_default());
        let watched = release.watched.get_or_insert_with(|| Watched::begin(now, Tally::default()));
        watched.look(now, &counted, &baseline, &self.limits);
        if let Verdict::Bad(why) = &watched.verdict {
            release.objection = Some(why.clone());
        }
        Ok(())
    }

    async fn as_good_as_the_old(&self, release: &Release, _: &Visit) -> Result<AsGoodAsTheOld> {
        Ok(match release.watched.as_ref().map(|watched| &watched.verdict) {
            None | Some(Verdict::Open) => AsGoodAsTheOld::NotKnownYet,
            Some(Verdict::Good) => AsGoodAsTheOld::Yes,
            Some(Verdict::Bad(_)) => AsGoodAsTheOld::No,
        })
    }
}
