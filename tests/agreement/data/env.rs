//! What a branch of a run sees.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher};

use flowgen_codegen::model::data::{Data, Gives, NameIx, Take};
use flowgen_codegen::model::{Model, NodeIx};

/// A visit: a node, and which visit of it.
pub(crate) type VisitId = (usize, u32);

/// The giver of a value that a message has inherited.
const INHERITED: VisitId = (usize::MAX, 0);

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VisitResult {
    Done,
    /// It is done, with this outcome of the decision that is fused with it.
    Outcome(usize),
    Fault,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    /// The latest value of each name, as the visit that gave it.
    latest: BTreeMap<NameIx, VisitId>,
    /// The names that were given before, whatever has become of the values.
    given: BTreeSet<NameIx>,
    /// The names that were bound or unbound since the branch began.
    touched: BTreeSet<NameIx>,
    /// Those that were given or moved.
    changed: BTreeSet<NameIx>,
    /// Those that were given or moved in the branches that were merged into this one at the last join.
    merged: BTreeSet<NameIx>,
    /// The names that were moved, and the names of moved values that were taken otherwise, since the branch began.
    moved: BTreeSet<NameIx>,
    read: BTreeSet<NameIx>,
    /// Those of the branches that were merged into this one at the last join.
    merged_moved: BTreeSet<NameIx>,
    merged_read: BTreeSet<NameIx>,
    /// Names that two branches gave or moved at once, or that one moved and the other took.
    pub(crate) conflicts: BTreeSet<NameIx>,
    /// The outcome of the fused decision that comes next.
    pub(crate) outcome: Option<usize>,
}

impl Env {
    /// What a branch of a fork, or a message, sees at first.
    #[allow(clippy::unnecessary_wraps, reason = "the interpreter asks for it so")]
    pub(crate) fn copy(&self) -> Option<Self> {
        let (latest, given) = (self.latest.clone(), self.given.clone());
        Some(Self { latest, given, ..Self::default() })
    }

    /// Takes over what a branch has bound and unbound.
    pub(crate) fn merge(&mut self, branch: Self) {
        for name in branch.touched {
            match branch.latest.get(&name) {
                Some(&visit) => self.latest.insert(name, visit),
                None => self.latest.remove(&name),
            };
            self.touched.insert(name);
        }
        self.conflicts.extend(branch.conflicts);
        let conflicts = [
            (&self.merged, &branch.changed),
            (&self.merged_moved, &branch.read),
            (&self.merged_read, &branch.moved),
        ];
        let conflicts = conflicts.map(|(merged, of_branch)| merged.intersection(of_branch).copied());
        self.conflicts.extend(conflicts.into_iter().flatten());
        self.merged_moved.extend(&branch.moved);
        self.merged_read.extend(&branch.read);
        self.moved.extend(branch.moved);
        self.read.extend(branch.read);
        self.given.extend(branch.given);
        self.merged.extend(&branch.changed);
        self.changed.extend(branch.changed);
        self.outcome = None;
    }

    /// The copy for a message: without moved values, and nothing that its own steps could undo.
    pub(crate) fn inherit(&mut self, data: &Data) {
        let takes = || data.nodes.values().flat_map(|node| &node.takes);
        let is_moved = |name: NameIx| takes().any(|taken| taken.take == Take::Moved(name));
        self.latest.retain(|&name, _| !is_moved(name));
        self.latest.values_mut().for_each(|visit| *visit = INHERITED);
    }

    /// Is the value there that an input asks for?
    pub(crate) fn has(&self, take: Take, rolls_back: bool) -> bool {
        match take {
            Take::One(name) | Take::Optional(name) | Take::Moved(name) => self.latest.contains_key(&name),
            Take::List(name) => self.given.contains(&name),
            Take::Cause => rolls_back,
        }
    }

    /// A visit takes its inputs.
    pub(crate) fn takes(&mut self, data: &Data, node: NodeIx) {
        self.acts();
        let is_moved = |name: NameIx| {
            let mut takes = data.nodes.values().flat_map(|node| &node.takes);
            takes.any(|taken| taken.take == Take::Moved(name))
        };
        for taken in data.takes(node) {
            match taken.take {
                Take::Moved(name) => drop(self.moved.insert(name)),
                take => self.read.extend(take.name().filter(|&name| is_moved(name))),
            }
        }
    }

    /// The branch is alone again.
    fn acts(&mut self) {
        self.merged.clear();
        self.merged_moved.clear();
        self.merged_read.clear();
    }

    /// A visit has taken its inputs, and given a value or not.
    pub(crate) fn visited(&mut self, data: &Data, visit: VisitId, result: VisitResult) {
        let node = NodeIx(visit.0);
        self.acts();
        for taken in data.takes(node) {
            if let Take::Moved(name) = taken.take {
                self.unbind(name);
            }
        }
        let gives = data.gives(node);
        gives.names().for_each(|name| self.unbind(name));
        let output = match (gives, result) {
            (Gives::Value(name), VisitResult::Done) => Some(*name),
            (Gives::Outcomes { outcomes, .. }, VisitResult::Outcome(outcome)) => outcomes[outcome].name,
            _ => None,
        };
        if let Some(name) = output {
            self.latest.insert(name, visit);
            self.given.insert(name);
        }
    }

    fn unbind(&mut self, name: NameIx) {
        self.latest.remove(&name);
        self.touched.insert(name);
        self.changed.insert(name);
    }

    /// A visit was undone, so that its value is forgotten.
    pub(crate) fn undone(&mut self, visit: VisitId) {
        self.acts();
        let gone: Vec<_> =
            self.latest.iter().filter(|(_, of)| **of == visit).map(|(&name, _)| name).collect();
        for name in gone {
            self.latest.remove(&name);
            self.touched.insert(name);
        }
    }

    /// What the future depends on: of the visits, only whether they can be undone.
    pub(crate) fn hash(&self, model: &Model, is_owed: impl Fn(VisitId) -> bool, into: &mut impl Hasher) {
        let kind = |&visit: &VisitId| {
            let can_be_undone = model.nodes.get(visit.0).is_some_and(|node| node.undone_by.is_some());
            can_be_undone.then_some((visit.0, is_owed(visit)))
        };
        let latest: Vec<_> = self.latest.iter().map(|(name, visit)| (*name, kind(visit))).collect();
        (latest, &self.given, &self.touched, &self.changed, &self.merged, self.outcome).hash(into);
        (&self.moved, &self.read, &self.merged_moved, &self.merged_read).hash(into);
    }
}
