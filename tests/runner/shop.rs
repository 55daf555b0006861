//! A flow written by hand, whose steps do what a script says.

use std::sync::Mutex;
use std::time::Duration;

use flowgen::plan::{Kind, LaneSpec, NodeSpec, Plan};
use flowgen::{Effect, Fault, Flow, Next, Node, Result, Visit};
use tokio::time::{Instant, sleep};

const PLAN: Plan = Plan::new(
    &[LaneSpec::new("Shop", "The shop"), LaneSpec::new("Post", "The post")],
    &[
        NodeSpec::new("n0", "Start", 0, Kind::Start).next(&[1]),
        NodeSpec::new("n1", "Reserve", 0, Kind::Step).next(&[2]).undone_by(4),
        NodeSpec::new("n2", "Pay", 0, Kind::Step).next(&[3]),
        NodeSpec::new("n3", "Sold", 0, Kind::End),
        NodeSpec::new("n4", "Release", 0, Kind::Step).undoes(&[1]),
        NodeSpec::new("n5", "Start of a fork", 0, Kind::Start).next(&[6]),
        NodeSpec::new("n6", "Split", 0, Kind::Step).next(&[7, 8]).join(9),
        NodeSpec::new("n7", "Left", 1, Kind::Step).next(&[9]).undone_by(10),
        NodeSpec::new("n8", "Right", 1, Kind::Step).next(&[9]).undone_by(11),
        NodeSpec::new("n9", "Joined", 0, Kind::End),
        NodeSpec::new("n10", "Undo left", 1, Kind::Step).undoes(&[7]),
        NodeSpec::new("n11", "Undo right", 1, Kind::Step).undoes(&[8]),
        NodeSpec::new("n12", "Start of a message", 0, Kind::Start).next(&[13]),
        NodeSpec::new("n13", "Tell", 0, Kind::Step).next(&[14]).sends(&[15]),
        NodeSpec::new("n14", "Told", 0, Kind::End),
        NodeSpec::new("n15", "Hear", 1, Kind::Step).next(&[16]),
        NodeSpec::new("n16", "Heard", 1, Kind::End),
    ],
    &[],
);

/// From `Reserve`, which `Release` undoes, over `Pay` to `Sold`.
pub(crate) const SELL: u32 = 0;
/// Over `Split` to `Left` and `Right`, which each have an undo, and `Joined`.
pub(crate) const FORK: u32 = 5;
/// To `Tell`, which sends a message to `Hear`.
pub(crate) const MESSAGE: u32 = 12;

/// A node, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(pub(crate) u32);

impl Node for At {
    type End = At;
    const ALL: &'static [Self] = &[
        At(0),
        At(1),
        At(2),
        At(3),
        At(4),
        At(5),
        At(6),
        At(7),
        At(8),
        At(9),
        At(10),
        At(11),
        At(12),
        At(13),
        At(14),
        At(15),
        At(16),
    ];
    const PLAN: &'static Plan = &PLAN;

    fn index(self) -> u32 {
        self.0
    }

    fn end(self) -> Option<At> {
        (self.spec().kind == Kind::End).then_some(self)
    }
}

/// What a step does, unless it does nothing and succeeds at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Does {
    takes: Duration,
    faults: u32,
    panics: bool,
    /// By attempt; those behind the list succeed.
    attempts: &'static [Attempt],
}

/// What an attempt comes to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attempt {
    /// It faults, and nobody knows whether it had its effect.
    Faults,
    /// It faults and says that it had no effect.
    FaultsNotDone,
    /// It says that no attempt had an effect.
    NotDone,
    /// It never ends.
    Hangs,
    /// It succeeds.
    Done,
}

/// It takes so many milliseconds.
pub(crate) fn takes(millis: u64) -> Does {
    Does { takes: Duration::from_millis(millis), ..Does::default() }
}

/// Its attempts come to this.
pub(crate) fn attempts(attempts: &'static [Attempt]) -> Does {
    Does { attempts, ..Does::default() }
}

/// Its first attempts fault.
pub(crate) fn faults(times: u32) -> Does {
    Does { faults: times, ..Does::default() }
}

/// Its first attempts panic.
pub(crate) fn panics(times: u32) -> Does {
    Does { panics: true, ..faults(times) }
}

impl Does {
    /// After so many milliseconds.
    pub(crate) fn after(self, millis: u64) -> Self {
        Self { takes: Duration::from_millis(millis), ..self }
    }
}

/// The flow, and what was done in it: `100 begins Pay`, at this millisecond.
pub(crate) struct Shop {
    script: Vec<(&'static str, Does)>,
    began: Instant,
    log: Mutex<Vec<String>>,
}

impl Shop {
    pub(crate) fn new(script: &[(&'static str, Does)]) -> Self {
        Self { script: script.to_vec(), began: Instant::now(), log: Mutex::new(Vec::new()) }
    }

    fn note(&self, what: &str, visit: &Visit) {
        let at = self.began.elapsed().as_millis();
        self.log.lock().unwrap().push(format!("{at} {what} {}", visit.node().label));
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// What was begun, with its key and attempt.
    pub(crate) fn elapsed(&self) -> u128 {
        self.began.elapsed().as_millis()
    }
}

impl Flow<Vec<String>> for Shop {
    type Node = At;

    async fn step(&self, at: At, cx: &mut Vec<String>, visit: &Visit) -> Result<Next<At>> {
        self.note("begins", visit);
        let label = at.spec().label;
        let does = self.script.iter().find(|(of, _)| *of == label).map_or(Does::default(), |(_, does)| *does);
        if !does.takes.is_zero() {
            sleep(does.takes).await;
        }
        cx.push(format!("{} attempt {}", visit.key(), visit.attempt()));
        let attempt = does.attempts.get(visit.attempt() as usize - 1).copied();
        let fault = Fault::new(format!("{label} is out of order"));
        let effect = match attempt {
            _ if visit.attempt() <= does.faults => {
                assert!(!does.panics, "{label} is a bug");
                return Err(fault);
            }
            Some(Attempt::Faults) => return Err(fault),
            Some(Attempt::FaultsNotDone) => return Err(Fault::not_done(fault)),
            Some(Attempt::NotDone) => Effect::NotDone,
            Some(Attempt::Hangs) => std::future::pending().await,
            Some(Attempt::Done) | None => Effect::Done,
        };
        self.note("ends", visit);
        Ok(match at.0 {
            6 => Next::fork(&[At(7), At(8)]),
            _ => at.spec().next.first().map_or(Next::end(), |next| Next::to(At(*next))),
        }
        .with_effect(effect))
    }

    fn fork(cx: &Vec<String>) -> Option<Vec<String>> {
        Some(vec![format!("a copy of {}", cx.len())])
    }

    fn join(cx: &mut Vec<String>, branch: Vec<String>) {
        cx.extend(branch);
    }
}
