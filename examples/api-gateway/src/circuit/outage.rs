//! The lane `Breaker`: an outage, from when a breaker trips until it is closed.

use std::fmt;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use flowgen::{Result, Visit};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::breaker::{Breaker, WeakBreaker};
use super::drawing::Flow;
use super::drawing::breaker::{Breaker as Drawn, Recovered};
use super::gate::{Epoch, State};
use super::settings::Settings;

/// What an outage carries along.
///
/// Invariant: while `epoch` goes on, this outage alone moves the breaker. If it is given up before it
/// is over, because a step faulted or the runtime is shut down, the breaker closes: one that nobody
/// watches must not reject calls for ever.
pub(crate) struct Outage {
    breaker: WeakBreaker,
    epoch: Epoch,
    waits: ExponentialBackoff,
    news: watch::Receiver<()>,
    recovered: Recovered,
}

/// Serves the lane.
pub(crate) struct Keeper;

impl Outage {
    /// The outage that begins with this epoch of a breaker.
    pub(crate) fn of(breaker: &Breaker) -> Self {
        Self {
            breaker: breaker.downgrade(),
            epoch: breaker.gate().epoch(),
            waits: waits(breaker.settings()),
            news: breaker.news(),
            recovered: Recovered::No,
        }
    }

    pub(crate) async fn see_through(self) {
        let ended = Flow { breaker: Keeper }.run(self).await;
        if !ended.outcome.is_completed() {
            tracing::error!(outcome = %ended.outcome, "an outage was not seen through");
        }
    }

    /// Moves the breaker on, unless somebody else has, or it is gone.
    fn change(&mut self, to: State) -> Option<Breaker> {
        let breaker = self.breaker.upgrade()?;
        self.epoch = breaker.change_after(self.epoch, to)?;
        Some(breaker)
    }

    /// The breaker, as long as nobody has overruled this outage.
    fn breaker(&self) -> Option<Breaker> {
        self.breaker.upgrade().filter(|breaker| breaker.gate().epoch() == self.epoch)
    }

    /// Waits until the probes have decided.
    async fn decision(&mut self) -> Recovered {
        let mut out_before = None;
        loop {
            let Some(breaker) = self.breaker() else { return Recovered::Overruled };
            let (decided, back) = {
                let tally = breaker.tally();
                (tally.has_recovered, tally.probes.calls)
            };
            match decided {
                Some(true) => return Recovered::Yes,
                Some(false) => return Recovered::No,
                None => {}
            }
            let patience = breaker.settings().half_open_for;
            drop(breaker);
            if let Ok(news) = timeout(patience, self.news.changed()).await {
                if news.is_err() {
                    return Recovered::Overruled;
                }
                continue;
            }
            // Probes that are out twice in a row, and none came back in between, hang.
            let are_out = self.breaker().is_some_and(|breaker| u32::from(breaker.gate().probes()) > back);
            if are_out && out_before == Some(back) {
                return Recovered::No;
            }
            out_before = are_out.then_some(back);
        }
    }
}

impl Drawn<Outage> for Keeper {
    async fn wait(&self, outage: &mut Outage, _: &Visit) -> Result {
        let wait = outage.waits.next().unwrap_or_default();
        let until = Instant::now() + wait;
        match outage.breaker() {
            Some(breaker) => breaker.tally().open_until = Some(until),
            None => return Ok(()),
        }
        while outage.breaker().is_some() {
            match timeout_at(until, outage.news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => break,
            }
        }
        Ok(())
    }

    async fn probe(&self, outage: &mut Outage, _: &Visit) -> Result {
        outage.recovered = match outage.change(State::HalfOpen) {
            Some(_) => outage.decision().await,
            None => Recovered::Overruled,
        };
        Ok(())
    }

    async fn recovered(&self, outage: &Outage) -> Result<Recovered> {
        Ok(outage.recovered)
    }

    async fn close(&self, outage: &mut Outage, _: &Visit) -> Result {
        outage.change(State::Closed);
        Ok(())
    }

    async fn open_again(&self, outage: &mut Outage, _: &Visit) -> Result {
        outage.change(State::Open);
        Ok(())
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if self.breaker().is_some_and(|breaker| matches!(breaker.state(), State::Open | State::HalfOpen)) {
            self.change(State::Closed);
        }
    }
}

impl fmt::Debug for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outage").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// How long to wait before each round of probes.
fn waits(settings: &Settings) -> ExponentialBackoff {
    #[allow(clippy::cast_possible_truncation, reason = "a factor needs no more digits")]
    let waits = ExponentialBuilder::new()
        .with_min_delay(settings.open_for)
        .with_factor(settings.backoff as f32)
        .with_max_delay(settings.longest_open)
        .without_max_times();
    match (settings.jitter, settings.seed) {
        (false, _) => waits.build(),
        (true, None) => waits.with_jitter().build(),
        (true, Some(seed)) => waits.with_jitter().with_jitter_seed(seed).build(),
    }
}

#[cfg(test)]
mod tests {
    use flowgen::{Ended, Fault, Next, Node as _, Runner};
    use tokio::time::{Duration, sleep};

    use super::*;
    use crate::circuit::call::Verdict;
    use crate::circuit::drawing::{End, Node};

    /// An outage whose step at one node faults, once it has done its work.
    struct Faulty(Option<Node>);

    impl flowgen::Flow<Outage> for Faulty {
        type Node = Node;

        async fn step(&self, at: Node, outage: &mut Outage, visit: &Visit) -> Result<Next<Node>> {
            let next = Flow { breaker: Keeper }.step(at, outage, visit).await?;
            if self.0 == Some(at) { Err(Fault::new("out of order")) } else { Ok(next) }
        }

        fn fork(outage: &Outage) -> Option<Outage> {
            Flow::<Keeper>::fork(outage)
        }

        fn join(outage: &mut Outage, branch: Outage) {
            Flow::<Keeper>::join(outage, branch);
        }
    }

    fn breaker() -> Breaker {
        let settings = Settings { probes: 1, ..Settings::default() };
        let breaker = Breaker::new("target", settings).unwrap();
        breaker.change_after(breaker.gate().epoch(), State::Open);
        breaker
    }

    /// An outage in which the first probe fails, and the second goes well.
    async fn outage(breaker: &Breaker, faults: Option<Node>) -> Ended<Node, Outage> {
        let flow = Faulty(faults);
        let runner = Runner::new(&flow, Node::Tripped.index());
        let calls = async {
            for verdict in [Verdict::Failure, Verdict::Success] {
                while breaker.admit().map(|permit| permit.record(verdict)).is_err() {
                    sleep(Duration::from_secs(1)).await;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            ended = runner.run(Outage::of(breaker)) => ended,
            () = calls => unreachable!("it waits for ever"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_round_until_the_target_has_recovered() {
        let breaker = breaker();
        let ended = outage(&breaker, None).await;
        assert!(ended.outcome.is_completed_at(End::Closed), "{}", ended.outcome);
        let round = "Wait → Probe → Recovered?";
        let walk = format!("Tripped → {round} → Open again → {round} → Close → Closed");
        assert_eq!(ended.walk().to_string(), walk);
        drop(ended);
        assert_eq!(breaker.state(), State::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_when_it_is_overruled() {
        for (wait, to) in [(1, State::ForcedOpen), (7, State::Disabled)] {
            let breaker = breaker();
            let flow = Flow { breaker: Keeper };
            let overrule = async {
                sleep(Duration::from_secs(wait)).await;
                if to == State::Disabled { breaker.disable() } else { breaker.force_open() }
            };
            let (ended, ()) = tokio::join!(flow.run(Outage::of(&breaker)), overrule);
            assert!(ended.outcome.is_completed_at(End::Overruled), "{}", ended.outcome);
            drop(ended);
            assert_eq!(breaker.state(), to);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_when_the_breaker_is_gone() {
        let breaker = breaker();
        let outage = Outage::of(&breaker);
        drop(breaker);
        let ended = Flow { breaker: Keeper }.run(outage).await;
        assert!(ended.outcome.is_completed_at(End::Overruled), "{}", ended.outcome);
    }

    /// A breaker that nobody watches must not reject calls for ever.
    #[tokio::test(start_paused = true)]
    async fn whichever_step_faults_the_breaker_closes() {
        for node in [Node::Wait, Node::Probe, Node::Recovered, Node::OpenAgain, Node::Close] {
            let breaker = breaker();
            let ended = outage(&breaker, Some(node)).await;
            assert!(ended.outcome.cause().is_some(), "{node:?}: {}", ended.outcome);
            drop(ended);
            assert_eq!(breaker.state(), State::Closed, "{node:?}");
        }
    }
}
