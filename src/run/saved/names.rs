//! Names and cycles in another drawing.

use std::collections::BTreeSet;

use crate::drawing::Drawing;
use crate::routing::{Route, Routes};
use crate::run::state::State;

/// The names and cycles of a drawing, by their index in another drawing. `None` for those that it does not have.
#[derive(Clone, Debug)]
pub(super) struct Names {
    names: Vec<Option<u32>>,
    cycles: Vec<Option<u32>>,
}

impl Names {
    pub(super) fn new(from: &Drawing, to: &Drawing) -> Self {
        let find = |name: &String| (0..).zip(&to.names).find(|(_, is)| *is == name).map(|(at, _)| at);
        Self {
            names: from.names.iter().map(find).collect(),
            cycles: from.cycles.iter().map(|nodes| closest(from, nodes, to)).collect(),
        }
    }

    /// Replaces all names and cycles of a state. Drops the values of names that are gone.
    pub(super) fn renumber(&self, state: &mut State) {
        let find = |all: &[Option<u32>], at: u32| all.get(at as usize).copied().flatten();
        for branch in &mut state.branches {
            branch.env.renumber(|name| find(&self.names, name), |cycle| find(&self.cycles, cycle));
            self.renumber_inputs(&mut branch.inputs);
        }
        state.ledger.entries_mut().for_each(|entry| self.renumber_inputs(entry.inputs_mut()));
        state.reached.iter_mut().for_each(|reached| self.renumber_inputs(&mut reached.inputs));
    }

    fn renumber_inputs(&self, inputs: &mut Routes) {
        let Some(routes) = inputs else { return };
        let find = |name: &u32| self.names.get(*name as usize).copied().flatten();
        let renumbered = routes.iter().filter_map(|route| match route {
            Route::One(name, id) => Some(Route::One(find(name)?, *id)),
            Route::List(name, ids) => Some(Route::List(find(name)?, ids.clone())),
            Route::Cause => Some(Route::Cause),
        });
        *inputs = Some(renumbered.collect());
    }
}

/// The cycle of another drawing that shares the most nodes with this one. A node in the body of a loop may be new
/// or gone.
fn closest(from: &Drawing, cycle: &[u32], to: &Drawing) -> Option<u32> {
    let ids = |drawing: &'_ Drawing, nodes: &[u32]| -> BTreeSet<String> {
        nodes
            .iter()
            .filter_map(|node| drawing.nodes.get(*node as usize))
            .map(|node| node.id.clone())
            .collect()
    };
    let was = ids(from, cycle);
    let others = (0..).zip(&to.cycles).map(|(at, nodes)| {
        let is = ids(to, nodes);
        // More shared nodes first, then fewer others.
        (was.intersection(&is).count(), usize::MAX - is.len(), at)
    });
    others
        .filter(|(shared, ..)| *shared > 0)
        .max_by_key(|(shared, rest, _)| (*shared, *rest))
        .map(|(.., at)| at)
}
