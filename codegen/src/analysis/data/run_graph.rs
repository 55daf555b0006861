use std::collections::{HashMap, HashSet};

use crate::analysis::branches::{Branches, Relation};
use crate::graph::{Budget, NodeIx};
use crate::model::data::Data;
use crate::model::rollback::trigger_of_faults;
use crate::model::{Arrow, Kind, Model, Node};

/// How many positions and moves a graph may have.
const BUDGET: usize = 5_000_000;

/// The positions of all branches of all runs, and the moves between them.
pub(super) struct RunGraph {
    pub(super) positions: Vec<Position>,
    /// By position.
    pub(super) moves: Vec<Vec<Move>>,
    /// The starts.
    pub(super) roots: Vec<usize>,
    pub(super) branches: Branches,
    /// By node: its positions.
    by_node: Vec<Vec<usize>>,
}

/// A node that a branch has reached, and has not left.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Position {
    pub(super) node: NodeIx,
    /// The branches in which it is.
    pub(super) within: usize,
    pub(super) phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    Forward,
    /// In the run of a message, whose faults do not lead to the trigger.
    Message,
    Rollback,
}

pub(super) struct Move {
    pub(super) to: usize,
    pub(super) event: Event,
    /// The fused decision that it passes.
    pub(super) via: Option<NodeIx>,
    /// The branches that it leaves, the innermost first. What they have given is merged then.
    pub(super) left: Vec<usize>,
}

/// What happens at a position before a move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The node is done, with this outcome of the decision that is fused with it.
    Done(Option<usize>),
    /// The node faults.
    Faulted,
    /// Nothing: a compensation has nothing to undo, or another branch stops this one.
    Nothing,
    /// The node is done with this outcome, and sends a message. The move leads into the run of the message.
    Sent(Option<usize>),
}

impl RunGraph {
    /// `None` if there are too many positions.
    pub(super) fn new(model: &Model, data: &Data) -> Option<Self> {
        let graph = Self {
            positions: Vec::new(),
            moves: Vec::new(),
            roots: Vec::new(),
            branches: Branches::default(),
            by_node: vec![Vec::new(); model.nodes.len()],
        };
        let mut builder = Builder {
            model,
            data,
            trigger: trigger_of_faults(model),
            graph,
            known: HashMap::new(),
            entered: HashMap::new(),
            aborts: HashSet::new(),
            budget: Budget::new(BUDGET),
        };
        for &node in &model.starts {
            let root = builder.position(Position { node, within: Branches::NONE, phase: Phase::Forward });
            builder.graph.roots.push(root);
        }
        let mut at = 0;
        while at < builder.graph.positions.len() {
            builder.expand(at);
            let cost = 1 + builder.graph.moves[at].iter().map(|to| 1 + to.left.len()).sum::<usize>();
            builder.budget.spend(cost).ok()?;
            at += 1;
        }
        builder.wait_for_siblings()?;
        builder.stop_siblings()?;
        Some(builder.graph)
    }

    /// Can two branches that run at once be at these nodes, before a rollback?
    pub(super) fn are_beside(&self, one: NodeIx, other: NodeIx) -> bool {
        let positions = |node| self.positions_of(node).map(|at| self.positions[at]);
        positions(one).any(|one| {
            positions(other).any(|other| {
                let relation = self.branches.relation(one.within, other.within);
                one.phase == other.phase && matches!(relation, Relation::Apart { .. })
            })
        })
    }

    pub(super) fn positions_of(&self, node: NodeIx) -> impl Iterator<Item = usize> {
        self.by_node[node.0].iter().copied()
    }
}

struct Builder<'m> {
    model: &'m Model,
    data: &'m Data,
    /// The node to which faults lead.
    trigger: Option<NodeIx>,
    graph: RunGraph,
    known: HashMap<Position, usize>,
    /// The branches that are known, by what is around them, fork and first node.
    entered: HashMap<(usize, NodeIx, NodeIx), usize>,
    /// The branches that stop their siblings by an edge into a rollback, and the position at which that begins.
    aborts: HashSet<(usize, Phase, usize)>,
    budget: Budget,
}

impl Builder<'_> {
    fn position(&mut self, position: Position) -> usize {
        let graph = &mut self.graph;
        *self.known.entry(position).or_insert_with(|| {
            graph.positions.push(position);
            graph.moves.push(Vec::new());
            graph.by_node[position.node.0].push(graph.positions.len() - 1);
            graph.positions.len() - 1
        })
    }

    fn expand(&mut self, at: usize) {
        let Position { node, within, phase } = self.graph.positions[at];
        let spec = &self.model[node];
        let fused = self.data.gives(node).decision();
        let leaving = fused.unwrap_or(node);
        for (outcome, arrow) in self.model[leaving].next.iter().enumerate() {
            let within = if spec.is_fork() { self.enter(within, node, arrow) } else { Some(within) };
            let Some(within) = within else { continue };
            let event = Event::Done(fused.map(|_| outcome));
            self.leave(at, within, arrow.to, event, fused);
            if spec.is_compensation() {
                self.leave(at, within, arrow.to, Event::Nothing, None);
            } else if phase == Phase::Rollback && spec.is_work() && fused.is_none() {
                // A rollback continues after a fault. A decision that faults ends its branch.
                self.leave(at, within, arrow.to, Event::Faulted, None);
            }
        }
        for outcome in self.outcomes(node) {
            for arrow in &spec.sends {
                self.send(at, arrow.to, Event::Sent(outcome), None);
            }
            for arrow in fused.iter().flat_map(|&decision| &self.model[decision].sends) {
                self.send(at, arrow.to, Event::Sent(outcome), fused);
            }
        }
        if phase == Phase::Forward && can_fault(spec) {
            self.fault(at);
        }
    }

    /// The outcomes of the decision that is fused with a node; otherwise one without a name, if the node is ever left.
    fn outcomes(&self, node: NodeIx) -> Vec<Option<usize>> {
        match self.data.gives(node).decision() {
            Some(decision) => (0..self.model[decision].next.len()).map(Some).collect(),
            None if self.model[node].kind == Kind::Decision && self.model[node].next.is_empty() => Vec::new(),
            None => vec![None],
        }
    }

    /// The branch of a fork that begins with an edge; `None` if a branch of the fork leads back to it.
    fn enter(&mut self, within: usize, fork: NodeIx, arrow: &Arrow) -> Option<usize> {
        let branches = &mut self.graph.branches;
        if branches.outward_from(within).any(|branch| branches.fork(branch) == Some(fork)) {
            return None;
        }
        let join = self.model[fork].join;
        let entered = self.entered.entry((within, fork, arrow.to));
        Some(*entered.or_insert_with(|| branches.enter(within, fork, arrow.to, join)))
    }

    fn leave(&mut self, at: usize, within: usize, to: NodeIx, event: Event, via: Option<NodeIx>) {
        let (mut left, mut within) = (Vec::new(), within);
        while self.graph.branches.join_of(within) == Some(to) {
            left.push(within);
            within = self.graph.branches.parent(within);
        }
        let mut phase = self.graph.positions[at].phase;
        if phase != Phase::Rollback && self.model[to].begins_rollback() {
            let from = (within, phase);
            left.extend(self.graph.branches.outward_from(within));
            (within, phase) = (Branches::NONE, Phase::Rollback);
            let entry = self.position(Position { node: to, within, phase });
            if from.0 != Branches::NONE {
                self.aborts.insert((from.0, from.1, entry));
            }
        }
        let to = self.position(Position { node: to, within, phase });
        self.graph.moves[at].push(Move { to, event, via, left });
    }

    fn send(&mut self, at: usize, to: NodeIx, event: Event, via: Option<NodeIx>) {
        let phase = if self.model[to].begins_rollback() { Phase::Rollback } else { Phase::Message };
        let to = self.position(Position { node: to, within: Branches::NONE, phase });
        self.graph.moves[at].push(Move { to, event, via, left: Vec::new() });
    }

    /// A fault of the node leads to the trigger.
    fn fault(&mut self, at: usize) {
        let Some(trigger) = self.trigger else { return };
        let to = Position { node: trigger, within: Branches::NONE, phase: Phase::Rollback };
        let to = self.position(to);
        self.graph.moves[at].push(Move { to, event: Event::Faulted, via: None, left: Vec::new() });
    }

    /// Adds the moves to the trigger of branches that have nothing left to do when another one faults.
    fn wait_for_siblings(&mut self) -> Option<()> {
        let within = Branches::NONE;
        let entry = self.trigger.map(|node| Position { node, within, phase: Phase::Rollback });
        let Some(&to) = entry.and_then(|entry| self.known.get(&entry)) else { return Some(()) };
        let can_fault = |at: &Position| at.phase == Phase::Forward && can_fault(&self.model[at.node]);
        let branches = &self.graph.branches;
        let fork_of = |branch: usize| (branches.parent(branch), branches.fork(branch));
        // The branches of each fork in which something can fault.
        let mut faulting: HashMap<_, HashSet<usize>> = HashMap::new();
        for at in self.graph.positions.iter().filter(|at| can_fault(at)) {
            for branch in branches.outward_from(at.within) {
                if !faulting.entry(fork_of(branch)).or_default().insert(branch) {
                    break;
                }
            }
        }
        for (at, position) in self.graph.positions.iter().enumerate().filter(|(_, at)| can_fault(at)) {
            let has_sibling = |branch| faulting[&fork_of(branch)].iter().any(|&other| other != branch);
            if branches.outward_from(position.within).any(has_sibling) {
                let outcomes = self.outcomes(position.node);
                self.budget.spend(outcomes.len()).ok()?;
                let waiting = |outcome| Move { to, event: Event::Done(outcome), via: None, left: Vec::new() };
                self.graph.moves[at].extend(outcomes.into_iter().map(waiting));
            }
        }
        Some(())
    }

    /// Adds the moves of branches that another one stops by an edge into a rollback: from before a node, from a node
    /// that is awaited, and from behind the last one.
    fn stop_siblings(&mut self) -> Option<()> {
        let mut aborts: Vec<_> = self.aborts.drain().collect();
        aborts.sort_unstable_by_key(|&(within, _, entry)| (within, entry));
        for (within, phase, entry) in aborts {
            for at in 0..self.graph.positions.len() {
                let other = self.graph.positions[at];
                self.budget.spend(1).ok()?;
                let branches = &self.graph.branches;
                let is_sibling = other.phase == phase
                    && other.within != Branches::NONE
                    && matches!(branches.relation(within, other.within), Relation::Apart { .. });
                if !is_sibling {
                    continue;
                }
                let left: Vec<_> = branches.outward_from(other.within).collect();
                let done = self.outcomes(other.node).into_iter().map(Event::Done);
                let events: Vec<_> = [Event::Nothing, Event::Faulted].into_iter().chain(done).collect();
                self.budget.spend(events.len() * (1 + left.len())).ok()?;
                self.graph.moves[at].extend(events.into_iter().map(|event| Move {
                    to: entry,
                    event,
                    via: None,
                    left: left.clone(),
                }));
            }
        }
        Some(())
    }
}

/// Does a fault of the node begin a rollback?
fn can_fault(node: &Node) -> bool {
    node.is_implemented() && !node.is_compensation()
}
