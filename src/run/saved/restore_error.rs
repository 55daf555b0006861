//! Errors of saved runs that cannot continue.

use std::fmt;
use std::sync::Arc;

/// The error of a saved run that cannot continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// This drawing gives nodes that the run refers to another meaning, or would lead the run again to a node
    /// that it has passed.
    ///
    /// Open the run with a program that has the drawing that it began with, or abandon it.
    Changed {
        /// The id of the run.
        run: Arc<str>,
        /// The changed nodes, in the order of the drawing that the run began with.
        nodes: Vec<Changed>,
    },
    /// The data is not a valid run of this drawing.
    Malformed {
        /// The id of the run.
        run: Arc<str>,
        /// A description of the problem.
        what: String,
    },
}

/// A node whose meaning differs in another drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its id in the drawing that the run began with.
    pub id: String,
    /// Its label there.
    pub label: String,
    /// The difference.
    pub change: Change,
}

/// The difference of a node between two drawings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The node was removed.
    Gone,
    /// The run has passed this compensable node, and only the new drawing leads the run to it again, so it
    /// would be executed a second time. See [`Migration::accept_repeats`](crate::run::Migration::accept_repeats).
    Repeated,
    /// The node takes a value of this name, and the run does not have one.
    Misses {
        /// The name.
        name: String,
    },
    /// A property has changed: its label, lane, kind, compensation, or the targets of its branches.
    Other {
        /// The property.
        what: &'static str,
        /// Its value in the old drawing.
        was: String,
        /// Its value in the new drawing.
        is: String,
    },
}

impl RestoreError {
    /// The id of the run.
    #[must_use]
    pub fn run(&self) -> &str {
        match self {
            Self::Changed { run, .. } | Self::Malformed { run, .. } => run,
        }
    }
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { run, nodes } => {
                let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
                write!(f, "run `{run}` was begun with another drawing: {}", nodes.join("; "))
            }
            Self::Malformed { run, what } => write!(f, "what was saved of run `{run}` is broken: {what}"),
        }
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}) ", self.label, self.id)?;
        match &self.change {
            Change::Gone => f.write_str("is not drawn any more"),
            Change::Repeated => f.write_str(
                "was passed, and this drawing leads to it again, so that it would be done twice: draw no way \
                 back to it, or accept that it is repeated",
            ),
            Change::Misses { name } => write!(f, "takes `{name}`, which this run does not have"),
            Change::Other { what, was, is } => write!(f, "had {what} {was}, and has {is} now"),
        }
    }
}

impl std::error::Error for RestoreError {}
