//! What came of exploring a plan.

use std::collections::BTreeMap;
use std::fmt;

use flowgen::plan::Plan;
use flowgen::run::{Ending, PathEntry};

use super::Action;

/// What was found where no rule was broken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// Different situations.
    pub(crate) situations: usize,
    /// How often runs ended in which way.
    pub(crate) endings: BTreeMap<&'static str, usize>,
    /// How often each node was visited in one run, at most.
    pub(crate) visits: BTreeMap<u32, u32>,
    /// Situations that were not explored further.
    pub(crate) pruned: usize,
}

impl Report {
    pub(super) fn ended(&mut self, ending: &Ending, path: &[PathEntry]) {
        for entry in path {
            let most = self.visits.entry(entry.node).or_default();
            *most = entry.visit.max(*most);
        }
        let name = match ending {
            Ending::Completed(_) => "completed",
            Ending::RolledBack(_) => "rolled back",
            Ending::Stuck(_) => "stuck",
            Ending::Failed(_) => "failed",
            Ending::Abandoned => "abandoned",
        };
        *self.endings.entry(name).or_default() += 1;
    }
}

/// A broken rule, and what led to it.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(super) rule: String,
    pub(super) trail: Vec<Action>,
    pub(super) path: String,
    pub(super) plan: &'static Plan,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, trail, path, plan } = self;
        writeln!(f, "broken: {rule}\nafter {trail:?}\nwalked {path}\ntrigger {:?}", plan.trigger)?;
        for (at, node) in plan.nodes.iter().enumerate() {
            writeln!(f, "{at}: {:?} {node:?}", node.kind)?;
        }
        write!(f, "{:?}", plan.loops)
    }
}
