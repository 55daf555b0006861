//! Tests that explore the possible runs of a flow.
//!
//! A [`Scenario`] builds a flow with its fakes. An [`Explorer`] runs it in process: once without changes, then
//! with every single [`Deviation`], then with pairs of them. A deviation is another outcome of a decision, a
//! fault before or after a call took effect, a call that is repeated after a restart, a call that takes effect
//! after it was undone, a cancelled run, or a branch that is slower than the others. Each run has its own
//! fakes.
//!
//! After each run the explorer checks that
//! - no lane panicked,
//! - the run is stuck only if a compensation was made to fault,
//! - a run that was rolled back has undone each compensable visit that may have taken effect,
//! - [`Scenario::check`] succeeds. It checks the state of the fakes, for example that a rolled-back run has
//!   left no charge.
//!
//! The [`Coverage`] reports which nodes were reached, and which outcomes no lane returned.
//!
//! # Examples
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
//! use flowgen::RunResult;
//! use flowgen::explore::{Answer, Explorer, Scenario, Wanted};
//!
//! struct Tested;
//!
//! impl Scenario for Tested {
//!     type Flow = shop::Flow<Bookshop>;
//!     type Cx = Order;
//!
//!     async fn new() -> (Self, Self::Flow, Order) {
//!         (Tested, shop::Flow { shop: Bookshop }, Order { paid: true })
//!     }
//!
//!     async fn bring_about(&self, order: &mut Order, wanted: Wanted<shop::Node>) -> bool {
//!         match (wanted.node, wanted.answer) {
//!             (shop::Node::Paid, Answer::Outcome(outcome)) => order.paid = outcome == "Yes",
//!             _ => return false,
//!         }
//!         true
//!     }
//!
//!     async fn check(&self, _: &RunResult<shop::Node, Order>) -> Result<(), String> {
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let coverage = Explorer::new().explore::<Tested>().await.unwrap();
//! assert_eq!(coverage.gaps().count(), 0, "{coverage}");
//! # }
//! ```
//!
//! A drawing with several starts needs a scenario for each ([`Scenario::start`]). [`Coverage::merge`] combines
//! their coverage.
//!
//! # Limits
//!
//! Runs are executed in process, without retries and timeouts of a [`Runner`]. Lanes that wait need a paused
//! clock, such as that of `#[tokio::test(start_paused = true)]`.

mod coverage;
mod script;
mod scripted;

use std::collections::BTreeSet;
use std::fmt;

pub use coverage::{Coverage, Gap};
pub use script::{Answer, Deviation, Script, Wanted};

use crate::flow::{Did, Flow, Node};
use crate::outcome::{Outcome, PathEntry, RunResult, node_at};
use crate::plan::Kind;
use crate::run::VisitOutcome;
use crate::runner::Runner;
use script::Deviations;
use scripted::{Log, Scripted};

/// The node type of a scenario.
type NodeOf<S> = <<S as Scenario>::Flow as Flow<<S as Scenario>::Cx>>::Node;

/// A run of a scenario that has ended.
type ResultOf<S> = RunResult<NodeOf<S>, <S as Scenario>::Cx>;

/// A flow to be explored, with its fakes and its input.
pub trait Scenario: Sized {
    /// The flow.
    type Flow: Flow<Self::Cx> + Send + Sync + 'static;

    /// The context of its runs.
    type Cx: Clone + Send + Sync + 'static;

    /// Creates the fakes, a flow that uses them, and the input of a run that completes.
    ///
    /// Called for each run. All calls must return the same: without randomness, and independent of earlier
    /// runs.
    fn new() -> impl Future<Output = (Self, Self::Flow, Self::Cx)>;

    /// The start at which runs begin: by default the first one in the drawing.
    #[must_use]
    fn start() -> NodeOf<Self> {
        let starts = NodeOf::<Self>::ALL.iter().filter(|node| node.spec().kind == Kind::Start);
        // A drawing without a start does not compile.
        starts.copied().next().unwrap_or(NodeOf::<Self>::ALL[0])
    }

    /// Changes the fakes, or the input, so that a lane returns the wanted answer. Called before the run begins.
    ///
    /// Returns false if that is not possible. The run is then omitted and reported in
    /// [`Coverage::not_brought_about`].
    fn bring_about(&self, input: &mut Self::Cx, wanted: Wanted<NodeOf<Self>>) -> impl Future<Output = bool> {
        let _ = (input, wanted);
        std::future::ready(false)
    }

    /// Checks the fakes after a run.
    ///
    /// # Errors
    ///
    /// A description of the problem.
    fn check(&self, ended: &ResultOf<Self>) -> impl Future<Output = Result<(), String>>;
}

/// Explores scenarios.
#[derive(Clone, Debug)]
#[must_use = "an explorer does nothing until `explore` is called"]
pub struct Explorer {
    most_runs: usize,
    seed: u64,
}

/// A run in which a check failed.
///
/// [`Display`](fmt::Display) and [`Debug`] print the problem, the run, and the call that repeats it.
pub struct Counterexample<N: Node> {
    /// The deviations of the run.
    pub script: Script<N>,
    /// The problem, as text.
    pub problem: String,
    /// How the run ended.
    pub outcome: Outcome<N>,
    path: String,
}

/// A run, and the problem found in it, if any.
struct Explored<S: Scenario> {
    ended: ResultOf<S>,
    log: Log,
    problem: Option<String>,
}

impl Explorer {
    /// Creates an explorer that makes at most 2,000 runs.
    pub const fn new() -> Self {
        Self { most_runs: 2_000, seed: 1 }
    }

    /// Sets the maximum number of runs.
    ///
    /// All single deviations are tried regardless of this limit, and so are pairs that want an outcome which no
    /// lane has returned yet. The remaining runs are other pairs, chosen at random if there are too many.
    /// [`Coverage::left_out`] counts the pairs that were omitted.
    pub const fn most_runs(mut self, runs: usize) -> Self {
        self.most_runs = runs;
        self
    }

    /// Sets the seed for the random choice of pairs if not all can be tried.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs a scenario without deviations, with each one, and with pairs of them.
    ///
    /// # Errors
    ///
    /// The first run in which a check failed. Runs with one deviation come first.
    pub async fn explore<S: Scenario>(&self) -> Result<Coverage<NodeOf<S>>, Box<Counterexample<NodeOf<S>>>> {
        let mut coverage = Coverage::new();
        let mut seen = BTreeSet::new();
        let normal = Script::new();
        let mut singles = Vec::new();
        self.visit::<S>(&normal, &mut coverage, &mut seen, &mut singles).await?;
        let mut pairs = Vec::new();
        for script in &singles {
            self.visit::<S>(script, &mut coverage, &mut seen, &mut pairs).await?;
        }
        let mut others = Vec::new();
        for script in pairs {
            if coverage.misses(&script) {
                self.visit::<S>(&script, &mut coverage, &mut seen, &mut Vec::new()).await?;
            } else {
                others.push(script);
            }
        }
        let rest = self.most_runs.saturating_sub(coverage.runs);
        coverage.left_out = others.len().saturating_sub(rest);
        self.choose(&mut others, rest);
        for script in &others {
            self.visit::<S>(script, &mut coverage, &mut seen, &mut Vec::new()).await?;
        }
        Ok(coverage)
    }

    /// Runs a scenario once, with these deviations.
    ///
    /// # Errors
    ///
    /// The run, if a check failed.
    pub async fn replay<S: Scenario>(
        &self,
        script: &Script<NodeOf<S>>,
    ) -> Result<ResultOf<S>, Box<Counterexample<NodeOf<S>>>> {
        let built = Built::<S>::new(script).await;
        let is_possible = built.is_possible;
        let run = built.run(script).await;
        let problem = match run.problem {
            None if !is_possible || !is_brought_about(script, &run.log) => {
                Some("the fakes did not bring about what the script wants".to_owned())
            }
            problem => problem,
        };
        match problem {
            Some(problem) => Err(Box::new(counterexample::<S>(script, problem, run.ended))),
            None => Ok(run.ended),
        }
    }

    /// Makes one run, and adds the scripts with one more deviation to `further`.
    async fn visit<S: Scenario>(
        &self,
        script: &Script<NodeOf<S>>,
        coverage: &mut Coverage<NodeOf<S>>,
        seen: &mut BTreeSet<Deviations>,
        further: &mut Vec<Script<NodeOf<S>>>,
    ) -> Result<(), Box<Counterexample<NodeOf<S>>>> {
        let built = Built::<S>::new(script).await;
        if !built.is_possible {
            coverage.not_brought_about.push(script.clone());
            return Ok(());
        }
        let run = built.run(script).await;
        coverage.add(&run.ended, &run.log);
        if let Some(problem) = run.problem {
            let again = Built::<S>::new(script).await.run(script).await;
            let problem = if again.ended.path == run.ended.path {
                problem
            } else {
                let other = again.ended.path_text();
                format!("{problem} (the fakes are not deterministic: the same script also went {other})")
            };
            return Err(Box::new(counterexample::<S>(script, problem, run.ended)));
        }
        if !is_brought_about(script, &run.log) {
            coverage.not_brought_about.push(script.clone());
            return Ok(());
        }
        for (index, visit) in visits(&run.ended) {
            let node: NodeOf<S> = node_at(index);
            if script.get(index, visit).is_some() {
                continue;
            }
            let returned = run.log.outcomes.get(&(index, visit));
            let returned = returned.map(|&outcome| Deviation::Outcome(outcome_label(node, outcome)));
            for deviation in script::deviations(index, NodeOf::<S>::PLAN) {
                let next = script.clone().at(node, visit, deviation);
                if Some(deviation) != returned && seen.insert(next.deviations().clone()) {
                    further.push(next);
                }
            }
        }
        Ok(())
    }

    /// Keeps at most `most` of the scripts, chosen at random, in their order.
    fn choose<N>(&self, scripts: &mut Vec<Script<N>>, most: usize) {
        let (mut left, mut wanted, mut random) = (scripts.len(), most, self.seed.max(1));
        // Selection sampling: Knuth, The Art of Computer Programming, volume 2, section 3.4.2, algorithm S.
        scripts.retain(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let is_chosen = (random % left.max(1) as u64) < wanted as u64;
            left -= 1;
            wanted -= usize::from(is_chosen);
            is_chosen
        });
    }
}

impl Default for Explorer {
    fn default() -> Self {
        Self::new()
    }
}

/// A scenario that is ready to run.
struct Built<S: Scenario> {
    scenario: S,
    flow: S::Flow,
    input: S::Cx,
    /// Whether the fakes can bring about all answers that the script wants.
    is_possible: bool,
}

impl<S: Scenario> Built<S> {
    async fn new(script: &Script<NodeOf<S>>) -> Self {
        let (scenario, flow, mut input) = S::new().await;
        let mut is_possible = true;
        for wanted in script.wanted() {
            is_possible &= scenario.bring_about(&mut input, wanted).await;
        }
        Self { scenario, flow, input, is_possible }
    }

    async fn run(self, script: &Script<NodeOf<S>>) -> Explored<S> {
        let scripted = Scripted::new(self.flow, script.clone());
        let ended = Runner::new(&scripted, S::start().index())
            .run_cancellable("run", self.input, scripted.cancelled())
            .await;
        scripted.finish_late_calls().await;
        let log = scripted.log();
        let problem = match flaw(script, &ended, &log) {
            None => self.scenario.check(&ended).await.err(),
            problem => problem,
        };
        Explored { ended, log, problem }
    }
}

/// Checks the properties that hold for every scenario, and describes the first violation.
fn flaw<N: Node, Cx>(script: &Script<N>, ended: &RunResult<N, Cx>, log: &Log) -> Option<String> {
    if let Some(panicked) = log.panics.first() {
        return Some(format!("a lane panicked: {panicked}"));
    }
    if ended.outcome.is_stuck() && !script.breaks_an_undo() {
        return Some("the run is stuck, and no compensation was made to fault".to_owned());
    }
    let not_undone =
        || ended.path.iter().find(|entry| is_owed(entry.node, entry.outcome) && !is_settled(ended, entry));
    if ended.outcome.is_rolled_back()
        && let Some(entry) = not_undone()
    {
        return Some(format!(
            "rolled back, and visit {} of `{}` is not undone",
            entry.visit,
            entry.node.spec().label
        ));
    }
    None
}

/// The label of the outcome that a node has returned, by its position.
fn outcome_label<N: Node>(node: N, outcome: usize) -> &'static str {
    N::PLAN.outcomes_of(node.index()).get(outcome).copied().unwrap_or_default()
}

/// Whether a visit of a compensable step may have taken effect.
fn is_owed<N: Node>(node: N, outcome: VisitOutcome) -> bool {
    let may_be_done = matches!(outcome, VisitOutcome::Done | VisitOutcome::InDoubt | VisitOutcome::Faulted);
    node.spec().undone_by.is_some() && may_be_done
}

/// Whether a visit was undone, or its step was asked and was not done.
fn is_settled<N: Node, Cx>(ended: &RunResult<N, Cx>, visit: &PathEntry<N>) -> bool {
    let undone = VisitOutcome::Undone { node: visit.node.index(), visit: visit.visit };
    let is_not_done = |entry: &PathEntry<N>| {
        (entry.node, entry.visit) == (visit.node, visit.visit)
            && entry.outcome == VisitOutcome::Asked(Did::NotDone)
    };
    ended.path.iter().any(|entry| entry.outcome == undone || is_not_done(entry))
}

/// Whether the lanes returned the answers that the script wants.
fn is_brought_about<N: Node>(script: &Script<N>, log: &Log) -> bool {
    script.wanted().all(|wanted| {
        let visit = (wanted.node.index(), wanted.visit);
        match wanted.answer {
            Answer::Outcome(label) => {
                let returned = log.outcomes.get(&visit);
                returned.is_some_and(|&outcome| outcome_label(wanted.node, outcome) == label)
            }
            Answer::NotDone => log.not_done.contains(&visit),
        }
    })
}

/// The visits of a run, and of the messages that it sent, at which a deviation is possible.
fn visits<N: Node, Cx>(ended: &RunResult<N, Cx>) -> BTreeSet<(u32, u32)> {
    let runs = ended.messages.iter().chain([ended]);
    let entry = runs.flat_map(|ended| &ended.path);
    entry
        .filter(|entry| entry.visit > 0 && entry.outcome != VisitOutcome::NothingToUndo)
        .map(|entry| (entry.node.index(), entry.visit))
        .collect()
}

fn counterexample<S: Scenario>(
    script: &Script<NodeOf<S>>,
    problem: String,
    ended: ResultOf<S>,
) -> Counterexample<NodeOf<S>> {
    let path = ended.path_text();
    Counterexample { script: script.clone(), problem, outcome: ended.outcome, path }
}

impl<N: Node> fmt::Display for Counterexample<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { script, problem, outcome, path } = self;
        writeln!(f, "{problem}")?;
        writeln!(f, "  path: {path}")?;
        writeln!(f, "  outcome: {outcome}")?;
        write!(f, "  to repeat it: Explorer::new().replay::<…>(&{script}).await")
    }
}

impl<N: Node> fmt::Debug for Counterexample<N> {
    /// The same as [`Display`](fmt::Display), because tests print errors with `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<N: Node> std::error::Error for Counterexample<N> {}
