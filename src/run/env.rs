//! The names that a branch of a run sees, bound to the ids of their values.
//!
//! The rules, which hold for one branch, and across forks and joins:
//!
//! - A visit of a giver unbinds the names that it may give, and then binds the one that it gives. Lists keep
//!   what earlier visits gave.
//! - A branch starts with a copy, so it never sees what a sibling gives.
//! - A join, and the abort of a fork, apply the changes of each branch in the order drawn, as if the branches had
//!   run one after the other.
//! - An undone value is removed everywhere.

use std::collections::BTreeMap;

#[cfg(feature = "serde")]
use super::serde_defaults;
use crate::plan::{Plan, Take};
use crate::routing::{Route, Routes, ValueId};

/// The names that a branch sees. Without an allocation until the first name is bound, so that flows without
/// declared values pay nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Env(Option<Box<Bindings>>);

/// Changes are numbered from 1, for each branch by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Bindings {
    /// The number of the last change.
    clock: u32,
    /// The number of the last change before the branch was forked off. Later changes are its own.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "serde_defaults::is_zero"))]
    forked: u32,
    /// By name.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    names: BTreeMap<u32, Binding>,
    /// By cycle, the change at which control last entered it from outside.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    entered: BTreeMap<u32, u32>,
}

/// What a name is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Binding {
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    latest: Option<ValueId>,
    /// The change that bound or unbound the name last.
    changed: u32,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    list: Vec<Given>,
}

/// A value in the list of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Given {
    id: ValueId,
    /// The node that gave it.
    node: u32,
    /// The change that added it.
    at: u32,
}

impl Env {
    /// Whether no name was ever bound.
    #[cfg(feature = "serde")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the copy for a branch or a message.
    pub(crate) fn fork(&self) -> Self {
        let fork = |names: &Bindings| Box::new(Bindings { forked: names.clock, ..names.clone() });
        Self(self.0.as_deref().map(fork))
    }

    /// Applies the changes of a branch that was forked off from here.
    pub(crate) fn merge(&mut self, branch: Self) {
        let Some(branch) = branch.0 else { return };
        let names = self.0.get_or_insert_default();
        let (base, forked) = (names.clock, branch.forked);
        let is_own = |at: u32| at > forked;
        let shifted = |at: u32| base.saturating_add(at - forked);
        for (name, of_branch) in branch.names {
            let binding = names.names.entry(name).or_default();
            if is_own(of_branch.changed) {
                (binding.latest, binding.changed) = (of_branch.latest, shifted(of_branch.changed));
            }
            let own = of_branch.list.into_iter().filter(|given| is_own(given.at));
            binding.list.extend(own.map(|given| Given { at: shifted(given.at), ..given }));
        }
        let entered = branch.entered.into_iter().filter(|(_, at)| is_own(*at));
        names.entered.extend(entered.map(|(cycle, at)| (cycle, shifted(at))));
        names.clock = base.saturating_add(branch.clock.saturating_sub(forked));
    }

    /// Unbinds a name, because a node that may give it is visited.
    pub(crate) fn forget(&mut self, name: u32) {
        let names = self.0.get_or_insert_default();
        let changed = names.tick();
        let binding = names.names.entry(name).or_default();
        (binding.latest, binding.changed) = (None, changed);
    }

    /// Binds a name to a value that a node has given.
    pub(crate) fn bind(&mut self, plan: &Plan, name: u32, node: u32, id: ValueId) {
        let names = self.0.get_or_insert_default();
        let at = names.tick();
        let binding = names.names.entry(name).or_default();
        (binding.latest, binding.changed) = (Some(id), at);
        if plan.lists.contains(&name) {
            binding.list.push(Given { id, node, at });
        }
    }

    /// Removes an undone value.
    pub(crate) fn remove(&mut self, id: ValueId) {
        for binding in self.0.iter_mut().flat_map(|names| names.names.values_mut()) {
            binding.latest.take_if(|latest| *latest == id);
            binding.list.retain(|given| given.id != id);
        }
    }

    /// Records that control moves along an edge. `from` is `None` where a run begins.
    pub(crate) fn moves(&mut self, plan: &Plan, from: Option<u32>, to: u32) {
        for (cycle, nodes) in (0..).zip(plan.cycles) {
            let is_in = |node: u32| nodes.binary_search(&node).is_ok();
            if is_in(to) && !from.is_some_and(is_in) {
                let names = self.0.get_or_insert_default();
                let at = names.tick();
                names.entered.insert(cycle, at);
            }
        }
    }

    /// The inputs of a visit.
    pub(crate) fn routes(&self, plan: &Plan, takes: &[Take]) -> Routes {
        debug_assert!(takes.iter().all(|take| take.name().is_none_or(|at| (at as usize) < plan.names.len())));
        (!takes.is_empty()).then(|| takes.iter().map(|take| self.route(take)).collect())
    }

    fn route(&self, take: &Take) -> Route {
        match *take {
            Take::One(name) | Take::Optional(name) | Take::ByValue(name) => {
                Route::One(name, self.latest(name))
            }
            Take::List { name, since } => Route::List(name, self.list(name, since)),
            Take::Cause => Route::Cause,
        }
    }

    /// The value that a name is bound to.
    pub(crate) fn latest(&self, name: u32) -> Option<ValueId> {
        self.0.as_ref()?.names.get(&name)?.latest
    }

    fn list(&self, name: u32, since: &[(u32, u32)]) -> Vec<ValueId> {
        let Some(names) = &self.0 else { return Vec::new() };
        let entered = |node: u32| {
            let (_, cycle) = since.iter().find(|(giver, _)| *giver == node)?;
            names.entered.get(cycle).copied()
        };
        let given = names.names.get(&name).into_iter().flat_map(|binding| &binding.list);
        given
            .filter(|given| entered(given.node).is_none_or(|at| given.at > at))
            .map(|given| given.id)
            .collect()
    }

    /// Removes the names that `is_kept` does not accept.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(u32) -> bool) {
        if let Some(names) = &mut self.0 {
            names.names.retain(|name, _| is_kept(*name));
        }
    }

    /// The number of changes.
    #[cfg(feature = "serde")]
    pub(crate) fn clock(&self) -> u32 {
        self.0.as_ref().map_or(0, |names| names.clock)
    }

    /// Replaces the names and cycles, and drops those that are gone.
    #[cfg(feature = "serde")]
    pub(crate) fn renumber(&mut self, name: impl Fn(u32) -> Option<u32>, cycle: impl Fn(u32) -> Option<u32>) {
        let Some(names) = &mut self.0 else { return };
        let bindings = std::mem::take(&mut names.names).into_iter();
        names.names = bindings.filter_map(|(of, binding)| Some((name(of)?, binding))).collect();
        for (of, at) in std::mem::take(&mut names.entered) {
            if let Some(of) = cycle(of) {
                // Two cycles may have become one.
                let entered = names.entered.entry(of).or_default();
                *entered = at.max(*entered);
            }
        }
    }

    /// Passes each node that gave a value of a list to `show`, which may change it.
    #[cfg(feature = "serde")]
    pub(crate) fn each_giver(&mut self, show: &mut impl FnMut(&mut u32)) {
        let names = self.0.iter_mut().flat_map(|names| names.names.values_mut());
        names.flat_map(|binding| &mut binding.list).for_each(|given| show(&mut given.node));
    }

    /// Passes the id of each value to `show`.
    pub(crate) fn each_id(&self, show: &mut impl FnMut(ValueId)) {
        for binding in self.0.iter().flat_map(|names| names.names.values()) {
            binding.latest.into_iter().for_each(&mut *show);
            binding.list.iter().for_each(|given| show(given.id));
        }
    }
}

impl Bindings {
    fn tick(&mut self) -> u32 {
        self.clock = self.clock.saturating_add(1);
        self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: u32 = 0;
    const DISCOUNT: u32 = 1;
    const PLAN: Plan = Plan::new(&[], &[], &[])
        .names(&["price", "discount"])
        .lists(&[PRICE])
        .cycles(&[&[2, 3], &[1, 2, 3, 4, 5]]);

    fn id(number: u32) -> ValueId {
        (1..number).fold(ValueId::FIRST, |id, _| id.next())
    }

    fn ids(numbers: &[u32]) -> Vec<ValueId> {
        numbers.iter().copied().map(id).collect()
    }

    /// The list of `price`, whose giver is node 2.
    fn prices(env: &Env, cycle: u32) -> Vec<ValueId> {
        env.list(PRICE, &[(2, cycle)])
    }

    #[test]
    fn a_plan_without_names_allocates_nothing() {
        let plan = Plan::new(&[], &[], &[]);
        let mut env = Env::default();
        env.moves(&plan, None, 0);
        env.merge(env.fork());
        env.remove(ValueId::FIRST);
        assert_eq!(env, Env(None));
        assert_eq!(env.routes(&plan, &[]), None);
    }

    #[test]
    fn a_visit_forgets_before_it_gives_and_lists_keep() {
        let mut env = Env::default();
        env.bind(&PLAN, PRICE, 2, id(1));
        env.forget(PRICE);
        assert_eq!(env.latest(PRICE), None);
        env.bind(&PLAN, PRICE, 2, id(2));
        assert_eq!(env.latest(PRICE), Some(id(2)));
        assert_eq!(env.list(PRICE, &[]), ids(&[1, 2]));
        env.remove(id(2));
        assert_eq!((env.latest(PRICE), env.list(PRICE, &[])), (None, ids(&[1])));
    }

    #[test]
    fn only_listed_names_keep_a_list() {
        let mut env = Env::default();
        env.bind(&PLAN, DISCOUNT, 1, id(1));
        assert_eq!(env.list(DISCOUNT, &[]), []);
    }

    /// Two orders with two prices each: nodes 2 and 3 repeat for an order, and nodes 1 to 5 for all.
    #[test]
    fn lists_begin_where_their_cycle_was_entered() {
        let mut env = Env::default();
        let mut number = 0;
        for order in 0..2 {
            env.moves(&PLAN, Some(if order == 0 { 0 } else { 5 }), 1);
            env.moves(&PLAN, Some(1), 2);
            for _ in 0..2 {
                number += 1;
                env.bind(&PLAN, PRICE, 2, id(number));
                env.moves(&PLAN, Some(2), 3);
                env.moves(&PLAN, Some(3), 2);
            }
            env.moves(&PLAN, Some(3), 4);
            env.moves(&PLAN, Some(4), 5);
        }
        assert_eq!(prices(&env, 0), ids(&[3, 4]));
        assert_eq!(prices(&env, 1), ids(&[1, 2, 3, 4]));
        // Another node gave them, which no cycle limits.
        assert_eq!(env.list(PRICE, &[(7, 0)]), ids(&[1, 2, 3, 4]));
    }

    #[test]
    fn branches_see_nothing_of_each_other_until_they_join_in_the_order_drawn() {
        let mut parent = Env::default();
        parent.bind(&PLAN, PRICE, 2, id(1));
        parent.bind(&PLAN, DISCOUNT, 1, id(2));
        let (mut first, mut second) = (parent.fork(), parent.fork());
        second.bind(&PLAN, PRICE, 2, id(3));
        first.bind(&PLAN, PRICE, 2, id(4));
        first.forget(DISCOUNT);
        assert_eq!((second.latest(DISCOUNT), second.latest(PRICE)), (Some(id(2)), Some(id(3))));
        parent.merge(first);
        parent.merge(second);
        assert_eq!((parent.latest(DISCOUNT), parent.latest(PRICE)), (None, Some(id(3))));
        assert_eq!(parent.list(PRICE, &[]), ids(&[1, 4, 3]));
    }

    #[test]
    fn a_join_keeps_what_no_branch_has_changed() {
        let mut parent = Env::default();
        parent.bind(&PLAN, PRICE, 2, id(1));
        let (first, mut second) = (parent.fork(), parent.fork());
        second.bind(&PLAN, PRICE, 2, id(2));
        parent.merge(second);
        // The first branch still has the old value, and has not changed it.
        parent.merge(first);
        assert_eq!(parent.latest(PRICE), Some(id(2)));
    }

    #[test]
    fn a_cycle_that_a_branch_entered_limits_the_list_after_the_join() {
        let mut parent = Env::default();
        parent.moves(&PLAN, None, 2);
        parent.bind(&PLAN, PRICE, 2, id(1));
        let (mut first, mut second) = (parent.fork(), parent.fork());
        first.moves(&PLAN, Some(1), 2);
        first.bind(&PLAN, PRICE, 2, id(2));
        second.forget(DISCOUNT);
        parent.merge(first);
        parent.merge(second);
        assert_eq!(prices(&parent, 0), ids(&[2]));
    }

    #[test]
    fn a_nested_branch_hands_its_changes_on() {
        let mut parent = Env::default();
        let mut outer = parent.fork();
        let mut inner = outer.fork();
        inner.bind(&PLAN, PRICE, 2, id(1));
        outer.merge(inner);
        parent.merge(outer);
        assert_eq!((parent.latest(PRICE), parent.list(PRICE, &[])), (Some(id(1)), ids(&[1])));
    }
}
