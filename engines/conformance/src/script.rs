//! What the steps of a run do.

use std::sync::Arc;

use flowgen::{Decision, Effect, Fault, Fork, Result, Visit};
use serde::{Deserialize, Serialize};

use crate::world::{Sign, World};

/// The context of a run: what its steps are to do, and what they have done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The name of the world.
    pub world: String,
    /// What is to happen other than that all goes well.
    pub deeds: Vec<Deed>,
    /// What decisions say, by id; the first outcome drawn where nothing is said.
    pub answers: Vec<(String, String)>,
    /// How often a loop goes round.
    pub rounds: usize,
    /// The idempotency keys of what was done, in order.
    pub did: Vec<String>,
    /// What steps were told of why the run is rolled back, where the script wants that to be noted.
    pub causes: Vec<String>,
    /// Steps note that.
    pub notes_causes: bool,
}

/// What is to happen at a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// The node, by its id in the drawing.
    pub node: String,
    /// The visit of it; any, where none is named.
    pub nth: Option<u32>,
    /// In how many attempts, from the first.
    pub attempts: u32,
    /// What happens.
    pub act: Act,
}

/// What a step can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// It says that it was not done.
    NotDone,
    /// It faults.
    Fault(String),
    /// It changes the context, as if it had done what it is there for, and then faults.
    ChangeAndFault(String),
    /// The same, and then it panics. A decision just panics.
    Panic(String),
    /// It faults, and says that this attempt did nothing.
    FaultNotDone(String),
    /// It faults unless this is the last attempt that its policy allows.
    FaultUnlessLast(String),
    /// It faults until the world is repaired.
    FaultUntilRepaired(String),
    /// It never ends.
    Hang,
    /// It rings and waits for an answer, and then does what it is there for.
    Ring,
}

impl Script {
    /// Has this happen at a node, always.
    #[must_use]
    pub fn at(self, node: &str, act: Act) -> Self {
        self.at_first(node, u32::MAX, act)
    }

    /// Has this happen in the first attempts of each visit of a node.
    #[must_use]
    pub fn at_first(mut self, node: &str, attempts: u32, act: Act) -> Self {
        self.deeds.push(Deed { node: node.to_owned(), nth: None, attempts, act });
        self
    }

    /// Has this happen at one visit of a node.
    #[must_use]
    pub fn at_visit(mut self, node: &str, nth: u32, act: Act) -> Self {
        self.deeds.push(Deed { node: node.to_owned(), nth: Some(nth), attempts: u32::MAX, act });
        self
    }

    /// Has a decision say this.
    #[must_use]
    pub fn answer(mut self, node: &str, outcome: &str) -> Self {
        self.answers.push((node.to_owned(), outcome.to_owned()));
        self
    }

    /// Has steps note why the run is rolled back.
    #[must_use]
    pub fn noting_causes(self) -> Self {
        Self { notes_causes: true, ..self }
    }

    /// Has a loop go round this often.
    #[must_use]
    pub fn rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    fn world(&self) -> Arc<World> {
        World::of(&self.world)
    }

    /// Does a step.
    ///
    /// # Errors
    ///
    /// The fault that the script has for it.
    ///
    /// # Panics
    ///
    /// Where the script says so.
    pub async fn act(&mut self, visit: &Visit) -> Result<Effect> {
        let world = self.world();
        let key = visit.key().to_string();
        world.leave(Sign::Began(key.clone()));
        if let Some(cause) = visit.cause().filter(|_| self.notes_causes) {
            self.causes.push(format!("{}: {cause}", visit.node().id));
        }
        match self.deed(visit) {
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
            Some(Act::FaultUntilRepaired(text)) if world.is_broken() => {
                return Err(Fault::new(text.as_str()));
            }
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::Ring) => world.ring().await,
            Some(Act::FaultUntilRepaired(_) | Act::FaultUnlessLast(_)) | None => {}
        }
        self.did.push(key.clone());
        world.leave(Sign::Did(key));
        Ok(Effect::Done)
    }

    /// Does a step that nothing undoes, or a compensation.
    ///
    /// # Errors
    ///
    /// The fault that the script has for it.
    ///
    /// # Panics
    ///
    /// Where the script says so.
    pub async fn just_act(&mut self, visit: &Visit) -> Result {
        self.act(visit).await.map(|_| ())
    }

    fn deed(&self, visit: &Visit) -> Option<&Act> {
        let is_it = |deed: &&Deed| {
            let nth = deed.nth.is_none_or(|nth| nth == visit.nth());
            deed.node == visit.node().id && nth && visit.attempt() <= deed.attempts
        };
        self.deeds.iter().find(is_it).map(|deed| &deed.act)
    }

    /// Makes a decision: the outcome that the script has for it, or the first of these.
    ///
    /// # Errors
    ///
    /// The fault that the script has for it.
    ///
    /// # Panics
    ///
    /// Where the script says so.
    pub async fn decide<D: Decision>(&self, visit: &Visit, outcomes: &[D]) -> Result<D> {
        let node = visit.node().id;
        match self.deed(visit) {
            Some(Act::Fault(text)) => return Err(Fault::new(text.as_str())),
            Some(Act::Panic(text)) => panic!("{text}"),
            Some(Act::Ring) => self.world().ring().await,
            _ => {}
        }
        let answer = self.answers.iter().find(|(of, _)| of == node).map(|(_, answer)| answer.as_str());
        let said = |outcome: &&D| answer.is_none_or(|answer| answer == outcome.label());
        outcomes.iter().find(said).copied().ok_or_else(|| Fault::new("the script says what is not drawn"))
    }

    /// How often this node has been done.
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
