//! What is asked of an engine.

use std::time::Duration;

use flowgen::{Ended, Flow, Retry, Scope};

use crate::script::Script;
use crate::world::World;

/// Something that runs flows to their end.
pub trait Engine: Sync {
    /// What it is called in messages.
    fn name(&self) -> &'static str;

    /// Why it can't do this; `None` where it can.
    fn lacks(&self, ability: Ability) -> Option<&'static str> {
        let _ = ability;
        None
    }

    /// Runs a job to its end, and the messages that it sends to theirs: they are in [`Ended::messages`].
    ///
    /// - The run starts as [`Job::run`], at [`Job::start`], under [`Job::policies`].
    /// - Where the job has an [`Interruption`], the engine waits until a step rings
    ///   ([`World::rung`]), cancels or crashes, and answers ([`World::answer`]); after a crash it comes
    ///   up again and goes on with the run, or rolls it back if the run was cancelled meanwhile.
    /// - What the job says is to be mended is done in order, each when the run is over, after
    ///   [`World::repair`].
    fn perform<F>(&self, flow: F, job: Job) -> impl Future<Output = Ended<F::Node, Script>> + Send
    where
        F: Flow<Script> + Send + Sync + 'static;
}

/// What not every engine can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Trying again what faulted.
    Retry,
    /// Trying again only those faults that a predicate lets through.
    RetryWhen,
    /// Ending an attempt that takes too long.
    Timeout,
    /// Cancelling a run while a step is being done.
    Cancel,
    /// Trying once more, or striking off, what is stuck.
    Mend,
    /// Going on with a run after the process died.
    Crash,
}

/// One run of one flow.
#[derive(Clone, Debug)]
pub struct Job {
    /// The id of the run, which is also that of its world.
    pub run: String,
    /// The start, by its place in the plan.
    pub start: u32,
    /// The context.
    pub script: Script,
    /// Retries and timeouts.
    pub policies: Policies,
    /// What happens when a step rings.
    pub interruption: Option<Interruption>,
    /// What an operator does once the run is over.
    pub mends: Vec<Mend>,
}

/// What happens to a run while a step is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Somebody cancels it.
    Cancel,
    /// The engine dies, without a word, and comes up again.
    Crash,
    /// The same, and the run is cancelled before the engine goes on with it.
    CrashAndCancel,
}

/// What an operator does about a run that is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mend {
    /// Tries everything once more.
    Retry,
    /// Says that this visit was undone by hand.
    Resolve {
        /// The step, by its id in the drawing.
        node: &'static str,
        /// Which visit of it.
        nth: u32,
    },
    /// Says that nobody undoes this visit.
    Skip {
        /// The step, by its id in the drawing.
        node: &'static str,
        /// Which visit of it.
        nth: u32,
    },
}

/// What an engine is to do about time.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Retries, by what they apply to.
    pub retries: Vec<(Scope, Retry)>,
    /// Timeouts of one attempt, by what they apply to.
    pub timeouts: Vec<(Scope, Duration)>,
}

impl Job {
    /// The world in which it runs.
    #[must_use]
    pub fn world(&self) -> std::sync::Arc<World> {
        World::of(&self.run)
    }
}
