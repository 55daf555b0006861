//! The lane `Breaker`: follows an outage, from the opening of a breaker until it is closed.
//!
//! The breaker itself decides when it becomes half open, closed or open again. The task of an outage ends the open
//! periods if no call does, and reports the recovery.

use std::fmt;

use flowgen::{Result, Visit};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::breaker::{Breaker, WeakBreaker};
use super::drawing::Flow;
use super::drawing::breaker::{Breaker as BreakerLane, Recovered};
use super::gate::State;

/// The context of a run: an outage.
pub(crate) struct Outage {
    breaker: WeakBreaker,
    number: u64,
    begun: Instant,
    /// The number of half-open periods.
    rounds: u32,
    changes: watch::Receiver<()>,
}

/// The stage of an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Open,
    HalfOpen,
    Recovered,
    /// An operator has changed the state, or the breaker was dropped.
    Overruled,
}

/// Implements the lane.
pub(crate) struct Follower;

impl Outage {
    pub(crate) fn new(breaker: &Breaker, number: u64) -> Self {
        let changes = breaker.changes();
        Self { breaker: breaker.downgrade(), number, begun: Instant::now(), rounds: 0, changes }
    }

    /// Follows the outage to its end.
    pub(crate) async fn follow(self) {
        let ended = Flow { breaker: Follower }.run(self).await;
        if !ended.outcome.is_completed() {
            tracing::error!(outcome = %ended.outcome, "the task of an outage ended early");
        }
    }

    fn stage(&self) -> Stage {
        let Some(breaker) = self.breaker.upgrade() else { return Stage::Overruled };
        let state = breaker.state();
        let counters = breaker.counters();
        if counters.recovered == self.number {
            return Stage::Recovered;
        }
        match state {
            State::Open if counters.outage == self.number => Stage::Open,
            State::HalfOpen if counters.outage == self.number => Stage::HalfOpen,
            _ => Stage::Overruled,
        }
    }

    /// Waits until the outage has left this stage. The deadline of the stage ends it if no call does.
    async fn leaves(&mut self, stage: Stage) -> Stage {
        loop {
            self.changes.mark_unchanged();
            let now = self.stage();
            if now != stage {
                return now;
            }
            let deadline = self.breaker.upgrade().and_then(|breaker| breaker.counters().deadline);
            // An error means that the breaker was dropped, which `stage` detects.
            let changed = self.changes.changed();
            let _ = match deadline {
                Some(deadline) => timeout_at(deadline, changed).await.unwrap_or(Ok(())),
                None => changed.await,
            };
        }
    }
}

impl BreakerLane<Outage> for Follower {
    async fn await_end_of_open_period(&self, outage: &mut Outage, _: &Visit) -> Result {
        outage.leaves(Stage::Open).await;
        Ok(())
    }

    async fn await_probes(&self, outage: &mut Outage, _: &Visit) -> Result {
        outage.rounds += 1;
        outage.leaves(Stage::HalfOpen).await;
        Ok(())
    }

    async fn recovered(&self, outage: &Outage, _: &Visit) -> Result<Recovered> {
        Ok(match outage.stage() {
            Stage::Recovered => Recovered::Yes,
            Stage::Open | Stage::HalfOpen => Recovered::No,
            Stage::Overruled => Recovered::Overruled,
        })
    }

    async fn report_recovery(&self, outage: &mut Outage, _: &Visit) -> Result {
        if let Some(breaker) = outage.breaker.upgrade() {
            let (after, rounds) = (outage.begun.elapsed(), outage.rounds);
            tracing::info!(breaker = breaker.target(), ?after, rounds, "the target has recovered");
        }
        Ok(())
    }
}

impl fmt::Debug for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outage").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use flowgen::RunResult;
    use tokio::time::{Duration, sleep};

    use super::super::call::Verdict;
    use super::super::drawing::{End, Node};
    use super::super::settings::Settings;
    use super::*;

    /// A breaker that has just opened, for 5 s, and its outage.
    fn opened() -> (Breaker, Outage) {
        let settings = Settings { probes: 1, minimum_calls: 1, jitter: false, ..Settings::default() };
        let breaker = Breaker::new("target", settings).unwrap();
        let (number, change) = {
            let mut counters = breaker.counters();
            let change = breaker.open(&mut counters, Instant::now());
            (counters.outage, change)
        };
        drop(change);
        let outage = Outage::new(&breaker, number);
        (breaker, outage)
    }

    async fn follow(outage: Outage) -> RunResult<Node, Outage> {
        Flow { breaker: Follower }.run(outage).await
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_open_periods_on_time_and_reports_the_recovery() {
        let (breaker, outage) = opened();
        let probes = async {
            for (period, verdict) in [(5, Verdict::Failure), (10, Verdict::Success)] {
                sleep(Duration::from_secs(period) + Duration::from_millis(1)).await;
                assert_eq!(breaker.gate().state(), State::HalfOpen);
                breaker.admit().unwrap().record(verdict);
            }
        };
        let (ended, ()) = tokio::join!(follow(outage), probes);
        assert!(ended.outcome.is_completed_at(End::Closed), "{}", ended.outcome);
        let round = "Await end of open period → Await probes → Recovered?";
        let walk = format!("Opened → {round} → {round} → Report recovery → Closed");
        assert_eq!(ended.path_text(), walk);
        assert_eq!(ended.cx.rounds, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_an_operator_overrules_it() {
        for (wait, to) in [(1, State::ForcedOpen), (7, State::Disabled), (7, State::Closed)] {
            let (breaker, outage) = opened();
            let overrule = async {
                sleep(Duration::from_secs(wait)).await;
                match to {
                    State::Disabled => breaker.disable(),
                    State::Closed => breaker.reset(),
                    _ => breaker.force_open(),
                }
            };
            let (ended, ()) = tokio::join!(follow(outage), overrule);
            assert!(ended.outcome.is_completed_at(End::Overruled), "{}", ended.outcome);
            assert_eq!(breaker.state(), to);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_the_breaker_is_dropped() {
        let (breaker, outage) = opened();
        drop(breaker);
        let ended = follow(outage).await;
        assert!(ended.outcome.is_completed_at(End::Overruled), "{}", ended.outcome);
    }
}
