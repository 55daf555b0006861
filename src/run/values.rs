//! The values of a run: which ids a visit gets, which one it gives, and which ones are still needed.

use std::collections::BTreeSet;

use super::branch::{Branch, BranchId};
use super::env::Env;
use super::ledger::PendingUndo;
use super::state::{ReachedEnd, State};
use crate::plan::{NodeSpec, Output, Plan, Take};
use crate::routing::{Route, Routes, Routing, ValueId};

/// Values that are no longer needed are removed after at least this many new ones.
const MIN_PRUNED: u32 = 16;

impl State {
    fn new_value(&mut self) -> ValueId {
        let id = self.next_value;
        self.next_value = id.next();
        id
    }

    /// Gives a message the names that its sender saw. Its own values continue the ids of the sender.
    pub(super) fn inherit(&mut self, env: Env, next_value: ValueId) {
        self.next_value = next_value;
        if let Some(root) = self.branches.first_mut() {
            root.env = env;
        }
    }

    /// Computes the inputs and the output of a visit that begins. `None` if it has neither.
    pub(super) fn route(&mut self, plan: &Plan, id: BranchId) -> Option<Box<Routing>> {
        // Fast path: flows without declared values.
        if plan.names.is_empty() && !self.branch(id)?.is_inquiry {
            return None;
        }
        let spec = plan.node(self.branch(id)?.node)?;
        if !spec.gives.is_empty() && self.branch(id)?.value.is_none() {
            let value = self.new_value();
            self.branch_mut(id)?.value = Some(value);
        }
        let branch = self.branch(id)?;
        let Branch { node, visit, value, is_inquiry, undoing, .. } = *branch;
        let mut routing = Routing { value, is_inquiry, ..Routing::default() };
        if is_inquiry {
            let entry = self.ledger.entry((node, visit));
            routing.routes = seen(spec.takes, entry.and_then(|entry| entry.inputs().as_deref()));
        } else if let Some(undone) = undoing {
            let entry = self.ledger.entry(undone);
            routing.routes = seen(spec.takes, entry.and_then(|entry| entry.inputs().as_deref()));
            routing.undoes_done = entry.is_some_and(PendingUndo::is_done);
            routing.undoes_value = entry.and_then(PendingUndo::value);
        } else {
            routing.routes = branch.env.routes(plan, spec.takes);
            if spec.undone_by.is_some() {
                self.branch_mut(id)?.inputs.clone_from(&routing.routes);
            }
        }
        Some(Box::new(routing)).filter(|routing| **routing != Routing::default())
    }

    /// Unbinds the names that a node may give, and binds the one that it gave, if any.
    pub(super) fn bind_output(&mut self, plan: &Plan, spec: &NodeSpec, id: BranchId, given: Option<Output>) {
        if spec.gives.is_empty() {
            return;
        }
        let Some(Branch { env, value, node, .. }) = self.branch_mut(id) else { return };
        spec.gives.iter().filter_map(|output| output.name).for_each(|name| env.forget(name));
        if let (Some(name), Some(value)) = (given.and_then(|output| output.name), *value) {
            env.bind(plan, name, *node, value);
        }
    }

    /// Binds the input of the start, at which the run has just arrived.
    pub(super) fn bind_input(&mut self, plan: &Plan, spec: &NodeSpec, id: BranchId) {
        // The input of another run's start does not belong to a message.
        if self.detached || spec.gives.is_empty() {
            return;
        }
        let value = self.new_value();
        if let Some(branch) = self.branch_mut(id) {
            branch.value = Some(value);
        }
        self.bind_output(plan, spec, id, spec.gives.first().copied());
    }

    /// Removes an undone value from what the branches see.
    pub(super) fn remove_value(&mut self, id: Option<ValueId>) {
        let Some(id) = id else { return };
        self.branches.iter_mut().for_each(|branch| branch.env.remove(id));
    }

    /// Applies the changes that branches made to their names, in the order drawn, to those of their parent.
    pub(super) fn merge_names(&mut self, parent: BranchId) {
        for at in 0..self.branches.len() {
            if self.branches[at].parent == Some(parent) {
                let env = std::mem::take(&mut self.branches[at].env);
                if let Some(parent) = self.branch_mut(parent) {
                    parent.env.merge(env);
                }
            }
        }
    }

    /// Records the end that a branch has reached.
    pub(super) fn reach_end(&mut self, plan: &Plan, spec: &NodeSpec, id: BranchId, node: u32) {
        if !plan.names.is_empty()
            && let Some(branch) = self.branch(id)
        {
            self.reached = Some(ReachedEnd { node, inputs: branch.env.routes(plan, spec.takes) });
        }
    }

    /// The values that the run still needs. `None` if it is too early to look for those that it does not.
    pub(super) fn needed_values(&mut self) -> Option<BTreeSet<ValueId>> {
        if self.next_value == ValueId::FIRST || self.next_value.get() < self.prune_at {
            return None;
        }
        let needed = self.values();
        let count = u32::try_from(needed.len()).unwrap_or(u32::MAX);
        self.prune_at = self.next_value.get().saturating_add(count.max(MIN_PRUNED));
        Some(needed)
    }

    /// The values that the run refers to.
    pub(super) fn values(&self) -> BTreeSet<ValueId> {
        let mut ids = BTreeSet::new();
        let mut add = |id| {
            ids.insert(id);
        };
        let mut inputs = Vec::new();
        for branch in &self.branches {
            branch.env.each_id(&mut add);
            branch.value.into_iter().for_each(&mut add);
            inputs.push(&branch.inputs);
        }
        for entry in self.ledger.entries() {
            entry.value().into_iter().for_each(&mut add);
            inputs.push(entry.inputs());
        }
        inputs.extend(self.reached.iter().map(|reached| &reached.inputs));
        inputs.into_iter().flatten().flat_map(|routes| &routes[..]).for_each(|route| route.each_id(&mut add));
        ids
    }
}

/// The inputs of a compensation or an inquiry: those that the visit of the step saw, by name.
fn seen(takes: &[Take], inputs: Option<&[Route]>) -> Routes {
    let find = |name: u32| {
        let is_of_name = move |route: &&Route| matches!(route, Route::One(of, _) if *of == name);
        inputs.unwrap_or_default().iter().find(is_of_name).cloned()
    };
    let find_list = |name: u32| {
        let is_of_name = move |route: &&Route| matches!(route, Route::List(of, _) if *of == name);
        inputs.unwrap_or_default().iter().find(is_of_name).cloned()
    };
    let route = |take: &Take| match *take {
        Take::One(name) | Take::Optional(name) | Take::ByValue(name) => {
            find(name).unwrap_or(Route::One(name, None))
        }
        Take::List { name, .. } => find_list(name).unwrap_or(Route::List(name, Vec::new())),
        Take::Cause => Route::Cause,
    };
    (!takes.is_empty()).then(|| takes.iter().map(route).collect())
}
