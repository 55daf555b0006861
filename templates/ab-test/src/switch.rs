//! Who serves.

use std::sync::{PoisonError, RwLock};

use crate::variant::{Assignment, Variant};

/// What an application asks for each unit that comes. Until the experiment splits the traffic, and
/// after it has stopped, everybody gets the same variant.
#[derive(Debug)]
pub struct Switch(RwLock<Routing>);

/// Where units go.
#[derive(Clone, Debug)]
pub enum Routing {
    /// All to one variant.
    Everybody(Variant),
    /// To the variants that they are assigned.
    Split(Assignment),
}

impl Default for Switch {
    fn default() -> Self {
        Self(RwLock::new(Routing::Everybody(Variant::A)))
    }
}

impl Switch {
    /// The variant that serves this unit now.
    #[must_use]
    pub fn serves(&self, unit: &str) -> Variant {
        match &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            Routing::Everybody(variant) => *variant,
            Routing::Split(assignment) => assignment.variant(unit),
        }
    }

    /// Where units go now.
    #[must_use]
    pub fn routing(&self) -> Routing {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends units elsewhere from now on.
    pub fn turn(&self, routing: Routing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = routing;
    }
}
