use std::collections::{HashSet, VecDeque};

use super::run_graph::{Event, Move, Phase, RunGraph};
use crate::graph::{Budget, NodeIx};
use crate::model::Model;
use crate::model::data::{Data, Gives, NameIx, Take};

/// What is known of a name at a position: a small number.
type Status = usize;

/// No value.
pub(super) const MISSING: Status = 0;
/// A value that nothing undoes.
pub(super) const GIVEN: Status = 1;
/// A value of a step that has a compensation: this, and the index of the step among such givers.
const UNDOABLE: Status = 2;

/// The search for the positions at which one name has a value, or none.
pub(super) struct Search<'a> {
    model: &'a Model,
    data: &'a Data,
    graph: &'a RunGraph,
    name: NameIx,
    /// The givers that have a compensation.
    undoable: Vec<NodeIx>,
    /// Some node takes it by `take`, so that messages get no copy.
    is_moved: bool,
    /// The branches in which the name is given, moved or undone.
    touching: HashSet<usize>,
    /// The forks of these branches, each with what is around it.
    touched: HashSet<(usize, Option<NodeIx>)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(model: &'a Model, data: &'a Data, graph: &'a RunGraph, name: NameIx) -> Self {
        let mut givers: Vec<_> = data.names[name.0].givers.iter().map(|&(giver, _)| giver).collect();
        givers.dedup();
        let is_mover = |&node: &NodeIx| takes_by_move(model, data, node, name);
        let movers: Vec<_> = data.nodes.keys().copied().filter(is_mover).collect();
        let undoable: Vec<_> =
            givers.iter().copied().filter(|&giver| model[giver].undone_by.is_some()).collect();
        let undoing = undoable.iter().filter_map(|&giver| model[giver].undone_by);
        let (mut touching, mut touched) = (HashSet::new(), HashSet::new());
        for node in givers.iter().copied().chain(movers.iter().copied()).chain(undoing) {
            for at in graph.positions_of(node) {
                for branch in graph.branches.outward_from(graph.positions[at].within) {
                    if !touching.insert(branch) {
                        break;
                    }
                    touched.insert((graph.branches.parent(branch), graph.branches.fork(branch)));
                }
            }
        }
        Self { model, data, graph, name, undoable, is_moved: !movers.is_empty(), touching, touched }
    }

    /// About how many positions and moves a search visits.
    pub(super) fn cost(&self) -> usize {
        let moves: usize = self.graph.moves.len();
        moves.saturating_mul(8 * (UNDOABLE + self.undoable.len()))
    }

    /// Where the latest value is there, and where it is not.
    pub(super) fn values(&self) -> Paths<'a> {
        let statuses = UNDOABLE + self.undoable.len();
        self.paths(statuses, |node, event, status| self.latest(node, event, status))
    }

    /// The positions at which the name was given before, and those at which it was not. The value may be gone again.
    pub(super) fn lists(&self) -> Paths<'a> {
        self.paths(UNDOABLE, |node, event, status| match event {
            Event::Done(outcome) | Event::Sent(outcome) if self.gives(node, outcome) => GIVEN,
            _ => status,
        })
    }

    fn paths(&self, statuses: usize, after: impl Fn(NodeIx, Event, Status) -> Status) -> Paths<'a> {
        search(self.graph, statuses, after, |to| self.is_merged(to))
    }

    fn latest(&self, node: NodeIx, event: Event, status: Status) -> Status {
        if event == Event::Nothing {
            return status;
        }
        let status = if takes_by_move(self.model, self.data, node, self.name) { MISSING } else { status };
        let may_give = self.data.gives(node).names().any(|name| name == self.name);
        let undone = status.checked_sub(UNDOABLE).map(|giver| self.undoable[giver]);
        let outcome = match event {
            Event::Done(outcome) | Event::Sent(outcome) => outcome,
            // A giver unbinds the names that it may give, also if it faults.
            _ if may_give => return MISSING,
            _ => return status,
        };
        let status = if may_give {
            let undoable = self.undoable.iter().position(|&giver| giver == node);
            let given = undoable.map_or(GIVEN, |giver| UNDOABLE + giver);
            if self.gives(node, outcome) { given } else { MISSING }
        } else if undone.is_some_and(|giver| self.model[node].undoes.contains(&giver)) {
            MISSING
        } else {
            status
        };
        match event {
            Event::Sent(_) if self.is_moved => MISSING,
            // The run of a message undoes only its own steps.
            Event::Sent(_) => status.min(GIVEN),
            _ => status,
        }
    }

    /// Does the node give the name with this outcome?
    fn gives(&self, node: NodeIx, outcome: Option<usize>) -> bool {
        match self.data.gives(node) {
            Gives::Nothing => false,
            Gives::Value(name) => *name == self.name,
            Gives::Outcomes { outcomes, .. } => {
                let given = outcome.and_then(|outcome| outcomes.get(outcome));
                given.is_some_and(|given| given.name == Some(self.name))
            }
        }
    }

    /// Is the status on this move the one behind it? At a join, a branch in which the name is touched decides.
    fn is_merged(&self, to: &Move) -> bool {
        let branches = &self.graph.branches;
        to.left.iter().all(|&branch| {
            let fork = (branches.parent(branch), branches.fork(branch));
            self.touching.contains(&branch) || !self.touched.contains(&fork)
        })
    }
}

/// A compensation gets what its step saw, and moves nothing.
fn takes_by_move(model: &Model, data: &Data, node: NodeIx, name: NameIx) -> bool {
    !model[node].is_compensation() && data.takes(node).iter().any(|taken| taken.take == Take::Moved(name))
}

/// The shortest paths to all positions. The names that they give do not matter.
pub(super) fn all_paths(graph: &RunGraph) -> Paths<'_> {
    search(graph, 1, |_, _, status| status, |_| true)
}

/// The shortest paths to all positions, by whether one of the steps that a compensation undoes was done before in the
/// same run: the status [`GIVEN`].
pub(super) fn paths_with_step<'a>(graph: &'a RunGraph, steps: &[NodeIx]) -> Paths<'a> {
    let after = |node: NodeIx, event: Event, status: Status| match event {
        Event::Sent(_) => MISSING,
        Event::Done(_) if steps.contains(&node) => GIVEN,
        _ => status,
    };
    search(graph, UNDOABLE, after, |_| true)
}

/// Breadth-first search of positions with statuses, from the starts without a value.
fn search(
    graph: &RunGraph,
    statuses: usize,
    after: impl Fn(NodeIx, Event, Status) -> Status,
    is_merged: impl Fn(&Move) -> bool,
) -> Paths<'_> {
    let mut before = vec![None; graph.positions.len() * statuses];
    let mut open: VecDeque<usize> = graph.roots.iter().map(|root| root * statuses + MISSING).collect();
    for &root in &open {
        before[root] = Some((root, usize::MAX));
    }
    while let Some(state) = open.pop_front() {
        let (at, status) = (state / statuses, state % statuses);
        for (nth, to) in graph.moves[at].iter().enumerate().filter(|(_, to)| is_merged(to)) {
            let next = to.to * statuses + after(graph.positions[at].node, to.event, status);
            if before[next].is_none() {
                before[next] = Some((state, nth));
                open.push_back(next);
            }
        }
    }
    Paths { graph, statuses, before }
}

/// The shortest paths to positions with statuses.
pub(super) struct Paths<'a> {
    graph: &'a RunGraph,
    statuses: usize,
    /// By position and status: the one before, and the move between them. A start is its own predecessor.
    before: Vec<Option<(usize, usize)>>,
}

impl Paths<'_> {
    /// Does a run come to the node?
    pub(super) fn is_reached(&self, node: NodeIx) -> bool {
        self.is_missed(node) || self.is_ever_given(node)
    }

    /// Does a path without a value lead to the node?
    pub(super) fn is_missed(&self, node: NodeIx) -> bool {
        self.graph.positions_of(node).any(|at| self.before[at * self.statuses + MISSING].is_some())
    }

    /// Does a path with a value lead to the node?
    pub(super) fn is_ever_given(&self, node: NodeIx) -> bool {
        let given = |at: usize| {
            (GIVEN..self.statuses).any(|status| self.before[at * self.statuses + status].is_some())
        };
        self.graph.positions_of(node).any(given)
    }

    /// The shortest path without a value to a node, and the node of it at which a fault leads to the trigger.
    pub(super) fn shown_without(&self, node: NodeIx, shown: &mut Budget) -> (Vec<NodeIx>, Option<NodeIx>) {
        self.shown_to(self.graph.positions_of(node), MISSING, shown).unwrap_or_default()
    }

    /// The shortest path to one of these positions with this status, as [`Paths::shown_without`]. Empty over the
    /// budget, and `None` if there is no path.
    pub(super) fn shown_to(
        &self,
        positions: impl Iterator<Item = usize>,
        status: Status,
        shown: &mut Budget,
    ) -> Option<(Vec<NodeIx>, Option<NodeIx>)> {
        let reached = positions.map(|at| at * self.statuses + status).filter(|&at| self.before[at].is_some());
        let (length, state) = reached.map(|state| (self.steps_to(state).count(), state)).min()?;
        if shown.spend(length).is_err() {
            return Some((Vec::new(), None));
        }
        let mut steps: Vec<_> = self.steps_to(state).collect();
        steps.reverse();
        let (mut path, mut fault) = (Vec::new(), None);
        for (before, to) in steps {
            let from = self.graph.positions[before];
            path.push(from.node);
            path.extend(to.via);
            let begins_rollback =
                from.phase == Phase::Forward && self.graph.positions[to.to].phase == Phase::Rollback;
            if begins_rollback && to.left.is_empty() && to.event == Event::Faulted {
                fault = Some(from.node);
            }
        }
        path.push(self.graph.positions[state / self.statuses].node);
        Some((path, fault))
    }

    /// The moves to a state, the last first, each with the position that it leaves.
    fn steps_to(&self, state: usize) -> impl Iterator<Item = (usize, &Move)> {
        let mut state = state;
        std::iter::from_fn(move || {
            let (before, nth) = self.before[state].filter(|&(before, _)| before != state)?;
            state = before;
            let at = before / self.statuses;
            Some((at, &self.graph.moves[at][nth]))
        })
    }
}
