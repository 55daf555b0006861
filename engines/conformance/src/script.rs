//! The script that the steps of a run follow.

use std::sync::Arc;

use flowgen::{Decision, Effect, Fault, Fork, Result, Visit};
use serde::{Deserialize, Serialize};

use crate::recorder::{Event, Recorder};

/// The context of a run: the actions that its steps take, and the steps that are done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The name of the recorder.
    pub recorder: String,
    /// The deviations from success.
    pub steps: Vec<ScriptedStep>,
    /// The outcomes of decisions, by node id. Other decisions take the first outcome drawn.
    pub answers: Vec<(String, String)>,
    /// The number of passes of a loop.
    pub rounds: usize,
    /// The idempotency keys of finished steps, in order.
    pub did: Vec<String>,
    /// The causes of the rollback that steps were passed, if `notes_causes` is set.
    pub causes: Vec<String>,
    /// Makes steps record the cause of the rollback.
    pub notes_causes: bool,
}

/// A deviation from success at a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptedStep {
    /// The node, by its id in the drawing.
    pub node: String,
    /// The visit of the node; `None` for all visits.
    pub visit: Option<u32>,
    /// The number of attempts that deviate, from the first one on.
    pub attempts: u32,
    /// The deviation.
    pub act: Act,
}

/// The action of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Reports that it was not done.
    NotDone,
    /// Faults.
    Fault(String),
    /// Changes the context as a finished step does, and then faults.
    ChangeAndFault(String),
    /// Changes the context as a finished step does, and then panics. A decision only panics.
    Panic(String),
    /// Faults, and reports that this attempt had no effect.
    FaultNotDone(String),
    /// Faults unless this is the last attempt that its policy allows.
    FaultUnlessLast(String),
    /// Faults until [`Recorder::repair`].
    FaultUntilRepaired(String),
    /// Never ends.
    Hang,
    /// Pauses until [`Recorder::resume`], and then succeeds.
    Pause,
}

impl Script {
    /// Adds an action in every attempt of every visit of a node.
    #[must_use]
    pub fn at(self, node: &str, act: Act) -> Self {
        self.at_first(node, u32::MAX, act)
    }

    /// Adds an action in the first attempts of each visit of a node.
    #[must_use]
    pub fn at_first(mut self, node: &str, attempts: u32, act: Act) -> Self {
        self.steps.push(ScriptedStep { node: node.to_owned(), visit: None, attempts, act });
        self
    }

    /// Adds an action at one visit of a node.
    #[must_use]
    pub fn at_visit(mut self, node: &str, visit: u32, act: Act) -> Self {
        self.steps.push(ScriptedStep { node: node.to_owned(), visit: Some(visit), attempts: u32::MAX, act });
        self
    }

    /// Sets the outcome of a decision.
    #[must_use]
    pub fn answer(mut self, node: &str, outcome: &str) -> Self {
        self.answers.push((node.to_owned(), outcome.to_owned()));
        self
    }

    /// Makes steps record the cause of the rollback.
    #[must_use]
    pub fn noting_causes(self) -> Self {
        Self { notes_causes: true, ..self }
    }

    /// Sets the number of passes of a loop.
    #[must_use]
    pub fn rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    fn recorder(&self) -> Arc<Recorder> {
        Recorder::named(&self.recorder)
    }

    /// Executes a compensable step.
    ///
    /// # Errors
    ///
    /// The fault in the script for this attempt.
    ///
    /// # Panics
    ///
    /// If the script requires it.
    pub async fn act(&mut self, visit: &Visit) -> Result<Effect> {
        let recorder = self.recorder();
        let key = visit.key().to_string();
        recorder.record(Event::Began(key.clone()));
        if let Some(cause) = visit.cause().filter(|_| self.notes_causes) {
            self.causes.push(format!("{}: {cause}", visit.node().id));
        }
        match self.step(visit) {
            Some(Act::NotDone) => return Ok(Effect::NotDone),
            Some(Act::Fault(text)) => return Err(Fault::new(text.as_str())),
            Some(Act::ChangeAndFault(text)) => {
                let text = text.clone();
                self.did.push(key);
                return Err(Fault::new(text));
            }
            Some(Act::Panic(text)) => {
                let text = text.clone();
                self.did.push(key);
                panic!("{text}");
            }
            Some(Act::FaultNotDone(text)) => return Err(Fault::not_done(text.as_str())),
            Some(Act::FaultUnlessLast(text)) if !visit.is_last_attempt() => {
                return Err(Fault::new(text.as_str()));
            }
            Some(Act::FaultUntilRepaired(text)) if recorder.is_broken() => {
                return Err(Fault::new(text.as_str()));
            }
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::Pause) => recorder.pause().await,
            Some(Act::FaultUntilRepaired(_) | Act::FaultUnlessLast(_)) | None => {}
        }
        self.did.push(key.clone());
        recorder.record(Event::Did(key));
        Ok(Effect::Done)
    }

    /// Executes a step without compensation, or a compensation.
    ///
    /// # Errors
    ///
    /// The fault in the script for this attempt.
    ///
    /// # Panics
    ///
    /// If the script requires it.
    pub async fn just_act(&mut self, visit: &Visit) -> Result {
        self.act(visit).await.map(|_| ())
    }

    fn step(&self, visit: &Visit) -> Option<&Act> {
        let is_it = |step: &&ScriptedStep| {
            let is_at = step.visit.is_none_or(|number| number == visit.number());
            step.node == visit.node().id && is_at && visit.attempt() <= step.attempts
        };
        self.steps.iter().find(is_it).map(|step| &step.act)
    }

    /// Executes a decision. Returns the outcome in the script, or the first one drawn.
    ///
    /// # Errors
    ///
    /// The fault in the script for this attempt.
    ///
    /// # Panics
    ///
    /// If the script requires it.
    pub async fn decide<D: Decision>(&self, visit: &Visit, outcomes: &[D]) -> Result<D> {
        let node = visit.node().id;
        match self.step(visit) {
            Some(Act::Fault(text)) => return Err(Fault::new(text.as_str())),
            Some(Act::Panic(text)) => panic!("{text}"),
            Some(Act::Pause) => self.recorder().pause().await,
            _ => {}
        }
        let answer = self.answers.iter().find(|(of, _)| of == node).map(|(_, answer)| answer.as_str());
        let is_wanted = |outcome: &&D| answer.is_none_or(|answer| answer == outcome.label());
        outcomes
            .iter()
            .find(is_wanted)
            .copied()
            .ok_or_else(|| Fault::new("the script wants an outcome that is not drawn"))
    }

    /// Returns how often this node has been done.
    #[must_use]
    pub fn times(&self, node: &str) -> usize {
        self.did.iter().filter(|key| key.split('/').nth_back(1) == Some(node)).count()
    }
}

impl Fork for Script {
    fn fork(&self) -> Self {
        Self { did: Vec::new(), causes: Vec::new(), ..self.clone() }
    }

    fn join(&mut self, branch: Self) {
        self.did.extend(branch.did);
        self.causes.extend(branch.causes);
    }
}
