//! Migration of runs to another drawing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::Saved;
use super::checks::{MOST, check, check_nodes};
use super::names::Names;
use super::needs::missing;
use super::repeats::{Edges, passed};
use super::restore_error::{Change, Changed, RestoreError};
use crate::drawing::{Drawing, Drawn};
use crate::plan::Plan;
use crate::run::branch::BranchState;
use crate::run::run::Run;
use crate::run::state::State;

/// A migration of runs from one drawing to another.
///
/// A run continues if these properties of every node that it refers to are unchanged: the id, label, lane and
/// kind, the compensation or the steps to undo, and whether the node begins a rollback. A run refers to its
/// active nodes, the nodes of its pending undos, and the nodes on its path. If it has forked, the branches and
/// their join must be the same, too. Loops whose passes it counts must have the same nodes and bound. Other
/// nodes may be changed freely, and the run follows the edges of the new drawing.
///
/// There is one exception. A run is refused if the new drawing can lead it again to a compensable node that it
/// has passed, and the old drawing could not, because of swapped steps or a new way back. The step would be
/// executed a second time, under a new key. If that is intended, pass the node to
/// [`accept_repeats`](Migration::accept_repeats).
///
/// Declared values are found by their names. A run is refused if a node that it can still reach takes a value that
/// it does not have, unless the input is optional or a list.
///
/// Comparing drawings is slow, and migrating a run is fast: create one of these per drawing and reuse it.
#[derive(Clone, Debug)]
pub struct Migration {
    from: u64,
    is_same: bool,
    /// The index of each node in the new drawing.
    nodes: Vec<Result<u32, Changed>>,
    /// The differences of each node as a fork.
    forks: Vec<Option<Changed>>,
    loops: Vec<Result<u32, Changed>>,
    names: Names,
    /// The change to report for each compensable node that a run could repeat.
    compensable: BTreeMap<u32, Changed>,
    was: Edges,
    is: Edges,
    /// Nodes of the new drawing that runs may repeat.
    accepted: BTreeSet<u32>,
}

impl Migration {
    /// Compares the drawing that runs began with to the drawing of the program.
    #[must_use]
    pub fn new(from: &Drawing, plan: &Plan) -> Self {
        let to = Drawing::new(plan);
        let compared = Compared { from, to: &to };
        let count = |len: usize| 0..u32::try_from(len).unwrap_or(u32::MAX);
        Self {
            from: from.hash(),
            is_same: *from == to,
            nodes: count(from.nodes.len()).map(|node| compared.node(node)).collect(),
            forks: count(from.nodes.len()).map(|node| compared.fork(node)).collect(),
            loops: count(from.loops.len()).map(|at| compared.bounded(at)).collect(),
            names: Names::new(from, &to),
            compensable: (0..)
                .zip(&from.nodes)
                .filter(|(_, node)| node.undone_by.is_some())
                .map(|(at, node)| (at, changed(node, Change::Repeated)))
                .collect(),
            was: Edges::new(from),
            is: Edges::new(&to),
            accepted: BTreeSet::new(),
        }
    }

    /// Accepts that runs repeat these nodes, identified by their indexes in the plan of the program: their
    /// steps may be executed a second time, under another key.
    #[must_use]
    pub fn accept_repeats(mut self, nodes: impl IntoIterator<Item = u32>) -> Self {
        self.accepted.extend(nodes);
        self
    }

    /// Whether both drawings are the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.is_same
    }

    /// Checks and migrates a saved run.
    pub(in crate::run) fn restore<Cx>(
        &self,
        mut saved: Saved<Cx>,
        plan: &Plan,
    ) -> Result<Run<Cx>, RestoreError> {
        let run = Arc::clone(&saved.id);
        let malformed = |what: String| RestoreError::Malformed { run: Arc::clone(&run), what };
        if saved.hash != self.from {
            let (is, was) = (saved.hash, self.from);
            return Err(malformed(format!("it belongs to the drawing {is:016x}, not to {was:016x}")));
        }
        if saved.observed.max(saved.path_offset) >= MOST as usize {
            return Err(malformed("it has notified of more than its path can have".to_owned()));
        }
        let contexts: Vec<_> = saved.contexts.keys().copied().collect();
        let state = saved.take_state();
        check_nodes(state, self.nodes.len(), self.loops.len()).map_err(malformed)?;
        if !self.is_same {
            let mut nodes = self.changed(state);
            if nodes.is_empty() {
                nodes = self.repeated(state);
            }
            if !nodes.is_empty() {
                return Err(RestoreError::Changed { run, nodes });
            }
            self.renumber(state);
            self.names.renumber(state);
            let nodes = missing(state, plan);
            if !nodes.is_empty() {
                return Err(RestoreError::Changed { run, nodes });
            }
        }
        check(state, &contexts).map_err(malformed)?;
        let messages = std::mem::take(&mut saved.messages).into_iter();
        let messages = messages.map(|message| self.restore(message, plan)).collect::<Result<_, _>>()?;
        Run::read_back(saved, plan.hash, messages).ok_or_else(|| malformed("it has no context".to_owned()))
    }

    /// The nodes and loops of the state whose meaning has changed.
    fn changed(&self, state: &mut State) -> Vec<Changed> {
        let mut changed = BTreeMap::new();
        state.each_node(&mut |node| {
            if let Some(Err(change)) = self.nodes.get(*node as usize) {
                changed.insert(*node, change.clone());
            }
        });
        for branch in &state.branches {
            let is_split = matches!(branch.state, BranchState::Forked { .. });
            if let Some(Some(change)) = self.forks.get(branch.node as usize).filter(|_| is_split) {
                changed.entry(branch.node).or_insert_with(|| change.clone());
            }
        }
        let mut nodes: Vec<Changed> = changed.into_values().collect();
        state.each_loop(|at| {
            if let Some(Err(change)) = self.loops.get(*at as usize)
                && !nodes.contains(change)
            {
                nodes.push(change.clone());
            }
        });
        nodes
    }

    /// The compensable nodes that the run has passed and that only the new drawing leads it to again.
    fn repeated(&self, state: &State) -> Vec<Changed> {
        let now = |node: u32| self.nodes.get(node as usize).and_then(|now| now.as_ref().ok()).copied();
        let (was_ahead, is_ahead) = (self.was.ahead(state, Some), self.is.ahead(state, now));
        let is_repeated = |node: &u32| {
            let leads_again = |now| is_ahead.contains(&now) && !self.accepted.contains(&now);
            !was_ahead.contains(node) && now(*node).is_some_and(leads_again)
        };
        let repeated = passed(state).filter(is_repeated);
        repeated.filter_map(|node| self.compensable.get(&node).cloned()).collect()
    }

    fn renumber(&self, state: &mut State) {
        state.each_node(&mut |node| {
            if let Some(Ok(now)) = self.nodes.get(*node as usize) {
                *node = *now;
            }
        });
        state.each_loop(|at| {
            if let Some(Ok(now)) = self.loops.get(*at as usize) {
                *at = *now;
            }
        });
    }
}

/// Two drawings to compare.
struct Compared<'d> {
    from: &'d Drawing,
    to: &'d Drawing,
}

impl Compared<'_> {
    fn node(&self, node: u32) -> Result<u32, Changed> {
        let was = &self.from.nodes[node as usize];
        let now = self.find(&was.id).ok_or_else(|| changed(was, Change::Gone))?;
        let is = &self.to.nodes[now as usize];
        self.difference(was, is).map_or(Ok(now), |change| Err(changed(was, change)))
    }

    fn find(&self, id: &str) -> Option<u32> {
        let at = self.to.nodes.iter().position(|node| node.id == id)?;
        u32::try_from(at).ok()
    }

    fn difference(&self, was: &Drawn, is: &Drawn) -> Option<Change> {
        let quoted = |text: &str| format!("`{text}`");
        other("the label", quoted(&was.label), quoted(&is.label))
            .or_else(|| other("the lane", quoted(&was.lane), quoted(&is.lane)))
            .or_else(|| other("the kind", &was.kind, &is.kind))
            .or_else(|| {
                let (was, is) = (was.undone_by.as_slice(), is.undone_by.as_slice());
                other("the compensation", self.from.names(was), self.to.names(is))
            })
            .or_else(|| {
                let what = "what it undoes as";
                other(what, self.from.names(&was.undoes), self.to.names(&is.undoes))
            })
            .or_else(|| {
                let starts = |rolls_back| if rolls_back { "a rollback" } else { "no rollback" };
                other("behind it", starts(was.rolls_back), starts(is.rolls_back))
            })
    }

    /// The difference between the branches of a fork, if any.
    fn fork(&self, node: u32) -> Option<Changed> {
        let was = &self.from.nodes[node as usize];
        let is = &self.to.nodes[self.find(&was.id)? as usize];
        let branches = other("the branches", self.from.ids(&was.next), self.to.ids(&is.next));
        let change = branches.or_else(|| {
            other("the join", self.from.ids(was.join.as_slice()), self.to.ids(is.join.as_slice()))
        });
        change.map(|change| changed(was, change))
    }

    /// The loop with the same head, nodes and bound.
    fn bounded(&self, at: u32) -> Result<u32, Changed> {
        let was = &self.from.loops[at as usize];
        let head = self.from.nodes.get(was.head as usize).ok_or_else(|| Changed {
            id: was.head.to_string(),
            label: "the head of a loop".to_owned(),
            change: Change::Gone,
        })?;
        let of_this_head = |is: &&crate::drawing::DrawnLoop| {
            self.to.nodes.get(is.head as usize).is_some_and(|node| node.id == head.id)
        };
        let nodes = |drawing: &Drawing, nodes: &[u32]| {
            let mut ids = drawing.list(nodes);
            ids.sort_unstable();
            ids.join(", ")
        };
        let before = (nodes(self.from, &was.nodes), was.bound);
        let now = |is: &crate::drawing::DrawnLoop| (nodes(self.to, &is.nodes), is.bound);
        let same = (0..).zip(&self.to.loops).find(|(_, is)| of_this_head(is) && now(is) == before);
        if let Some((now, _)) = same {
            return Ok(now);
        }
        let describe = |(nodes, bound): (String, Option<u32>)| match bound {
            Some(bound) => format!("a loop over {nodes} with the bound {bound}"),
            None => format!("a loop over {nodes} without a bound"),
        };
        let is = self.to.loops.iter().find(of_this_head);
        let is = is.map_or_else(|| "none".to_owned(), |is| describe(now(is)));
        Err(changed(head, Change::Other { what: "at its head", was: describe(before), is }))
    }
}

impl Drawing {
    fn list(&self, nodes: &[u32]) -> Vec<&str> {
        let id = |node: &u32| self.nodes.get(*node as usize).map_or("?", |node| &node.id);
        nodes.iter().map(id).collect()
    }

    fn ids(&self, nodes: &[u32]) -> String {
        if nodes.is_empty() { "none".to_owned() } else { self.list(nodes).join(", ") }
    }

    /// Sorted by name, because the order of compensations has no meaning.
    fn names(&self, nodes: &[u32]) -> String {
        let mut names: Vec<String> = nodes.iter().map(|node| self.name(*node)).collect();
        names.sort_unstable();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

fn other(what: &'static str, was: impl Display, is: impl Display) -> Option<Change> {
    let (was, is) = (was.to_string(), is.to_string());
    (was != is).then_some(Change::Other { what, was, is })
}

fn changed(was: &Drawn, change: Change) -> Changed {
    Changed { id: was.id.clone(), label: was.label.clone(), change }
}
