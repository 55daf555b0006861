//! Why a saved run does not go on.

use std::fmt;
use std::sync::Arc;

/// Why a run that was read back does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nodes that the run knows don't mean in this drawing what they meant in the one that it was
    /// begun with, or it would be led again to one that it has passed. Open it with a program that has that
    /// drawing, or give it up.
    Changed {
        /// The run.
        run: Arc<str>,
        /// Each of these nodes, in the order of the drawing that the run was begun with.
        nodes: Vec<Changed>,
    },
    /// What was read is no run of this drawing.
    Malformed {
        /// The run.
        run: Arc<str>,
        /// What is wrong with it.
        what: String,
    },
}

/// A node that means something else in another drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its id in the drawing that the run was begun with.
    pub id: String,
    /// Its label there.
    pub label: String,
    /// What is different.
    pub change: Change,
}

/// What is different about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is not drawn any more.
    Gone,
    /// The run has passed it, it has a compensation, and only the new drawing leads the run to it again: it
    /// would be done a second time. See [`Adoption::accept_repeats`](crate::run::Adoption::accept_repeats).
    Repeated,
    /// It is something else now: its label, lane, kind, what undoes it, where its branches lead.
    Other {
        /// What about it.
        what: &'static str,
        /// What it was.
        was: String,
        /// What it is.
        is: String,
    },
}

impl Refused {
    /// The run.
    #[must_use]
    pub fn run(&self) -> &str {
        match self {
            Self::Changed { run, .. } | Self::Malformed { run, .. } => run,
        }
    }
}

impl fmt::Display for Refused {
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
            Change::Other { what, was, is } => write!(f, "had {what} {was}, and has {is} now"),
        }
    }
}

impl std::error::Error for Refused {}
