//! The lane `Monitor`: tests and watches versions.

use std::time::Duration;

use flowgen::{Fault, Result, Visit};
use tokio::time::{sleep, timeout};

use super::reach::{Abort, Reach};
use super::{Now, Wait};
use crate::balancer::Tally;
use crate::drawing::monitor::{self as drawn, AsGoodAsTheOld, SmokeTestsPassed};
use crate::instance::Instance;
use crate::judge::{Verdict, Watched, too_few};
use crate::release::Release;
use crate::settings::{SmokeTest, Watch};
use crate::words::{self, Word, Words};

/// The number of failed readiness checks after which a version counts as not ready.
const TRIES: u32 = 5;

/// The pause between two readiness checks.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// A version with at least this many requests, all of which failed, counts as failing.
const FAILURES: u64 = 5;

/// Tests and watches versions.
#[derive(Clone)]
pub struct Monitor {
    balancer: Reach,
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
    /// Creates a monitor with these tests that compares versions by the counts of this balancer.
    #[must_use]
    pub fn new(
        balancer: Reach,
        http: reqwest::Client,
        smoke_tests: &[SmokeTest],
        limits: &Watch,
        words: Words,
        now: Now,
    ) -> Self {
        let (smoke_tests, limits) = (smoke_tests.to_vec(), limits.clone());
        Self { balancer, http, smoke_tests, limits, words, now }
    }

    /// Why a smoke test fails. `None` if it passes.
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

    /// Whether a version is ready. It is not if several checks in a row fail.
    async fn is_ready(&self, instance: &Instance) -> bool {
        for _ in 0..TRIES {
            let answer = self.http.get(format!("http://{}/ready", instance.address)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
            sleep(BETWEEN_TRIES).await;
        }
        false
    }

    /// Waits until an operator decides about a release that has too few requests, as long as the old version is
    /// ready. Returns why the new version is not compared.
    async fn await_operator(&self, old: &Instance, why: String, run: &str) -> Result<String> {
        tracing::warn!(release = run, why, "the release is paused: promote or abort it");
        let _waiting = self.words.wait(run, words::Wait::Operator(why.clone()));
        loop {
            match timeout(Duration::from_millis(self.limits.look_ms), self.words.hear(run)).await {
                Ok(Word::Promote) => return Ok(format!("promoted by an operator; {why}")),
                Ok(Word::Abort) => return Err(Fault::new("called off by an operator")),
                Err(_) if self.is_ready(old).await => {}
                Err(_) => return Ok(format!("{old} is not ready any more")),
            }
        }
    }

    /// The counts of an instance. If there are none, the release ends with a fault.
    async fn counted(&self, instance: &Instance, run: &str) -> Result<Tally> {
        let standing = self.balancer.standing(run, Abort::Ends).await?;
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

    /// Measures the old version. If it is not ready, or only fails, there is no baseline, and the new version
    /// serves without a watch. With too few requests, an operator decides.
    async fn measure_baseline(&self, release: &mut Release, visit: &Visit) -> Result {
        let Some(old) = release.old.clone().filter(|_| release.not_compared.is_none()) else { return Ok(()) };
        if !self.is_ready(&old).await {
            release.not_compared = Some(format!("{old} is not ready"));
            return Ok(());
        }
        let before = self.counted(&old, visit.run()).await?;
        let mut counted = Tally::default();
        let patience = Duration::from_millis(self.limits.patience_ms);
        let wait = Wait::at_most(patience).of_release(&self.words, visit.run());
        while counted.requests < self.limits.sample && wait.goes_on().await? {
            counted = self.counted(&old, visit.run()).await?.since(&before);
        }
        if counted.requests >= FAILURES && counted.answered() == 0 {
            release.not_compared = Some(format!("{old} has failed all of {} requests", counted.requests));
        } else if !self.is_ready(&old).await {
            release.not_compared = Some(format!("{old} is not ready any more"));
        } else if counted.requests < self.limits.sample {
            let why = too_few("the old", counted.requests, &self.limits);
            release.not_compared = Some(self.await_operator(&old, why, visit.run()).await?);
        }
        release.baseline = Some(counted);
        Ok(())
    }

    /// Looks at the counts after a pause, which a word of an operator cuts short. With too few requests, the step
    /// waits until an operator decides or the version turns bad.
    async fn watch_new_version(&self, release: &mut Release, visit: &Visit) -> Result {
        if let Some(why) = &release.not_compared {
            tracing::warn!(release = visit.run(), why, "the new version is not watched");
            release.is_promoted = true;
            return Ok(());
        }
        let look = Duration::from_millis(self.limits.look_ms);
        let new = release.started()?.clone();
        let baseline = release.baseline.clone().unwrap_or_default();
        let mut watched =
            release.watched.clone().unwrap_or_else(|| Watched::begin((self.now)(), Tally::default()));
        let paused = match &watched.verdict {
            Verdict::Inconclusive(why) => {
                tracing::warn!(release = visit.run(), why, "the release is paused: promote or abort it");
                Some(self.words.wait(visit.run(), words::Wait::Operator(why.clone())))
            }
            _ => None,
        };
        loop {
            let said = timeout(look, self.words.hear(visit.run())).await;
            release.is_promoted = said == Ok(Word::Promote);
            let counted = self.counted(&new, visit.run()).await?;
            watched.look((self.now)(), &counted, &baseline, &self.limits);
            let is_bad = matches!(watched.verdict, Verdict::Bad(_));
            if !is_bad && !release.is_promoted && !self.is_ready(&new).await {
                watched.verdict = Verdict::Bad(format!("{new} is not ready any more"));
            }
            let is_decided = said.is_ok() || matches!(watched.verdict, Verdict::Bad(_));
            if paused.is_none() || is_decided {
                break;
            }
        }
        if let Verdict::Bad(why) = &watched.verdict {
            release.objection = Some(why.clone());
        }
        release.watched = Some(watched);
        Ok(())
    }

    async fn as_good_as_the_old(&self, release: &Release, _: &Visit) -> Result<AsGoodAsTheOld> {
        Ok(match release.watched.as_ref().map(|watched| &watched.verdict) {
            None | Some(Verdict::Open | Verdict::Inconclusive(_)) => AsGoodAsTheOld::NotKnownYet,
            Some(Verdict::Good) => AsGoodAsTheOld::Yes,
            Some(Verdict::Bad(_)) => AsGoodAsTheOld::No,
        })
    }
}
