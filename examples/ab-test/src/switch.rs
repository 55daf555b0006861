//! The switch that selects the variant of each unit.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use crate::variant::{Assignment, Variant};

/// Returns the variant of each unit to the application. Before the experiment splits the traffic, and after it has
/// ended, all units get the same variant.
///
/// A run that was stopped can't change the switch any more: a call that arrives after the rollback of its run,
/// because its caller timed out, is refused.
#[derive(Debug, Default)]
pub struct Switch(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    routing: Routing,
    stopped: BTreeSet<String>,
}

/// The variants that units get.
#[derive(Clone, Debug)]
pub enum Routing {
    /// All units get this variant.
    Everybody(Variant),
    /// Units get the variants that they are assigned.
    Split(Assignment),
}

/// Error if the run was stopped, which directs all units to A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the experiment has stopped, and all users were sent to A")]
pub struct Stopped;

impl Default for Routing {
    fn default() -> Self {
        Self::Everybody(Variant::A)
    }
}

impl Switch {
    /// The current variant of this unit.
    #[must_use]
    pub fn serves(&self, unit: &str) -> Variant {
        match &self.0.read().unwrap_or_else(PoisonError::into_inner).routing {
            Routing::Everybody(variant) => *variant,
            Routing::Split(assignment) => assignment.variant(unit),
        }
    }

    /// The current routing.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.0.read().unwrap_or_else(PoisonError::into_inner).routing.clone()
    }

    /// Changes the routing on behalf of this run.
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

    /// Directs all units to A, and refuses later changes by this run.
    pub fn stop(&self, run: &str) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.stopped.insert(run.to_owned());
        state.routing = Routing::default();
    }
}
