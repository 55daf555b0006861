//! Which variant serves.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use crate::variant::{Assignment, Variant};

/// What an application asks for each unit that comes. Until the experiment splits the traffic, and
/// after it has stopped, everybody gets the same variant.
///
/// A run that has stopped changes nothing any more: a call of it that arrives after its own rollback, because
/// its caller gave it up, is refused.
#[derive(Debug, Default)]
pub struct Switch(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    routing: Routing,
    stopped: BTreeSet<String>,
}

/// Where units go.
#[derive(Clone, Debug)]
pub enum Routing {
    /// All to one variant.
    Everybody(Variant),
    /// To the variants that they are assigned.
    Split(Assignment),
}

/// The run has sent everybody back to A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the experiment has stopped, and everybody was sent to A")]
pub struct Stopped;

impl Default for Routing {
    fn default() -> Self {
        Self::Everybody(Variant::A)
    }
}

impl Switch {
    /// The variant that serves this unit now.
    #[must_use]
    pub fn serves(&self, unit: &str) -> Variant {
        match &self.0.read().unwrap_or_else(PoisonError::into_inner).routing {
            Routing::Everybody(variant) => *variant,
            Routing::Split(assignment) => assignment.variant(unit),
        }
    }

    /// Where units go now.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.0.read().unwrap_or_else(PoisonError::into_inner).routing.clone()
    }

    /// Sends units elsewhere from now on, for this run.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the run was stopped.
    pub fn turn(&self, run: &str, routing: Routing) -> Result<(), Stopped> {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if state.stopped.contains(run) {
            return Err(Stopped);
        }
        state.routing = routing;
        Ok(())
    }

    /// Sends everybody to A, and refuses what this run still wants.
    pub fn stop(&self, run: &str) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.stopped.insert(run.to_owned());
        state.routing = Routing::default();
    }
}
