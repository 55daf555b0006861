use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::run_graph::RunGraph;
use super::search::{MISSING, all_paths};
use crate::graph::{Budget, NodeIx};
use crate::model::data::{Data, NameIx, Take};

/// Two branches of a fork that run at once and give one name, or of which one moves what the other takes.
pub(crate) struct ConcurrentOutputs {
    pub(crate) name: NameIx,
    pub(crate) fork: NodeIx,
    /// The nodes, in different branches.
    pub(crate) nodes: [NodeIx; 2],
    /// From the fork to each of them; empty if the paths of all findings together are too long.
    pub(crate) paths: [Vec<NodeIx>; 2],
}

/// The first two such branches of each fork, for each name.
pub(super) fn concurrent_outputs(
    data: &Data,
    graph: &RunGraph,
    shown: &mut Budget,
) -> Vec<ConcurrentOutputs> {
    let mut uses = Uses {
        graph,
        changes: HashMap::new(),
        moves: HashMap::new(),
        met: HashMap::new(),
        order: Vec::new(),
    };
    for (at, name) in data.names.iter().enumerate() {
        let name_ix = NameIx(at);
        let takers = |moved: bool| {
            let is_such =
                move |take: Take| take.name() == Some(name_ix) && matches!(take, Take::Moved(_)) == moved;
            let nodes = data.nodes.iter();
            let nodes = nodes.filter(move |(_, node)| node.takes.iter().any(|taken| is_such(taken.take)));
            nodes.map(|(&node, _)| node)
        };
        for &(giver, _) in &name.givers {
            uses.add(name_ix, giver, Use::Gives);
        }
        let movers: Vec<_> = takers(true).collect();
        for &mover in &movers {
            uses.add(name_ix, mover, Use::Moves);
        }
        for taker in takers(false).filter(|_| !movers.is_empty()) {
            uses.add(name_ix, taker, Use::Takes);
        }
    }
    let paths = all_paths(graph);
    let path = |fork: NodeIx, at: usize, shown: &mut Budget| {
        let (mut path, _) = paths.shown_to(std::iter::once(at), MISSING, shown).unwrap_or_default();
        let start = path.iter().rposition(|&node| node == fork).unwrap_or(0);
        path.drain(..start);
        path
    };
    let mut found = Vec::new();
    for key in &uses.order {
        let &(name, _, fork) = key;
        let nodes = uses.met[key];
        let paths = nodes.map(|at| path(fork, at, shown));
        found.push(ConcurrentOutputs { name, fork, nodes: nodes.map(|at| graph.positions[at].node), paths });
    }
    found
}

/// A name, and a fork with what is around it.
type Key = (NameIx, usize, NodeIx);

/// What a node does with a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Gives,
    Moves,
    Takes,
}

struct Uses<'a> {
    graph: &'a RunGraph,
    /// The first branch that gives or moves the name, and the position at which it does.
    changes: HashMap<Key, (usize, usize)>,
    /// The first branch that moves it.
    moves: HashMap<Key, (usize, usize)>,
    /// The positions in two branches.
    met: HashMap<Key, [usize; 2]>,
    /// The keys of `met`, in the order found.
    order: Vec<Key>,
}

impl Uses<'_> {
    /// Adds a use. Uses of one name are added in the order of [`Use`].
    fn add(&mut self, name: NameIx, node: NodeIx, use_: Use) {
        for at in self.graph.positions_of(node) {
            let branches = &self.graph.branches;
            for branch in branches.outward_from(self.graph.positions[at].within) {
                let Some(fork) = branches.fork(branch) else { continue };
                let key = (name, branches.parent(branch), fork);
                let first = match use_ {
                    Use::Gives | Use::Moves => Some(*self.changes.entry(key).or_insert((branch, at))),
                    Use::Takes => self.moves.get(&key).copied(),
                };
                if use_ == Use::Moves {
                    self.moves.entry(key).or_insert((branch, at));
                }
                let Some((_, first)) = first.filter(|(other, _)| *other != branch) else { continue };
                if let Entry::Vacant(free) = self.met.entry(key) {
                    free.insert([first, at]);
                    self.order.push(key);
                }
            }
        }
    }
}
