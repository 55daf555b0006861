//! Checks of saved runs: the invariants of all runs that the interpreter creates.

use crate::run::branch::{Branch, BranchId, BranchState};
use crate::run::state::{Phase, State};

/// An upper bound of all counts in a run. Greater counts could overflow.
pub(super) const MOST: u32 = 1 << 30;

/// Checks that every node and loop of the state exists in its drawing, which has this many.
pub(super) fn check_nodes(state: &mut State, nodes: usize, loops: usize) -> Result<(), String> {
    let mut unknown = None;
    state.each_node(&mut |node| {
        if *node as usize >= nodes {
            unknown = Some(format!("it names node {node}, and its drawing has {nodes}"));
        }
    });
    state.each_loop(|at| {
        if *at as usize >= loops {
            unknown = Some(format!("it counts loop {at}, and its drawing has {loops}"));
        }
    });
    unknown.map_or(Ok(()), Err)
}

/// Checks a saved state, and the branches that have a context. Returns a description of the first violation.
pub(super) fn check(state: &State, contexts: &[BranchId]) -> Result<(), String> {
    check_tree(&state.branches)?;
    check_counts(state)?;
    let is_known = |id: &BranchId| state.branches.iter().any(|branch| branch.id == *id);
    if let Some(stray) = contexts.iter().find(|id| !is_known(id)) {
        return Err(format!("it has a context for branch {stray}, and no such branch"));
    }
    check_branch_states(state)
}

/// Checks that the root comes first, and each branch after the branch that forked into it.
fn check_tree(branches: &[Branch]) -> Result<(), String> {
    let Some(root) = branches.first() else { return Err("it has no branches".to_owned()) };
    if root.id != 0 || root.parent.is_some() {
        return Err(format!("its first branch is {}, and not the root", root.id));
    }
    if !branches.is_sorted_by_key(|branch| branch.id) || branches.windows(2).any(|two| two[0].id == two[1].id)
    {
        return Err("its branches are out of order".to_owned());
    }
    for branch in &branches[1..] {
        let before = |parent: BranchId| {
            let at = branches.binary_search_by_key(&parent, |branch| branch.id).ok()?;
            Some(&branches[at]).filter(|parent| parent.id < branch.id)
        };
        let parent = branch.parent.and_then(before);
        if !parent.is_some_and(|parent| matches!(parent.state, BranchState::Forked { .. })) {
            return Err(format!("its branch {} is a branch of no fork", branch.id));
        }
    }
    Ok(())
}

fn check_counts(state: &State) -> Result<(), String> {
    let last = state.branches.last().map_or(0, |branch| branch.id);
    if state.next_branch <= last {
        return Err(format!("its next branch is {}, and branch {last} is there", state.next_branch));
    }
    let branches = state
        .branches
        .iter()
        .flat_map(|branch| [branch.visit, branch.attempt, branch.faulted, branch.not_done]);
    let passes = state.passes.counts();
    let visits = state.visits.iter().map(|(_, visits)| visits);
    let changes = state.branches.iter().map(|branch| branch.env.clock());
    if let Some(id) = state.values().last().filter(|id| **id >= state.next_value) {
        return Err(format!(
            "it has the value {}, and its next value is {}",
            id.get(),
            state.next_value.get()
        ));
    }
    let totals = [state.next_branch, state.next_value.get(), state.ledger.recorded()];
    let counts = branches.chain(passes).chain(visits).chain(changes).chain(totals);
    match counts.max() {
        Some(count) if count >= MOST => Err(format!("it has counted up to {count}")),
        _ => check_attempts(&state.branches),
    }
}

fn check_attempts(branches: &[Branch]) -> Result<(), String> {
    let adds_up = |branch: &&Branch| branch.not_done <= branch.faulted && branch.faulted <= branch.attempt;
    match branches.iter().find(|branch| !adds_up(branch)) {
        Some(branch) => Err(format!("its branch {} has faulted more often than it was tried", branch.id)),
        None => Ok(()),
    }
}

/// Checks that a run that has not ended has an active or due node, and that a run that has ended has only its
/// root.
fn check_branch_states(state: &State) -> Result<(), String> {
    if state.branches.iter().any(|branch| branch.state == BranchState::Moving) {
        return Err("it is between two nodes".to_owned());
    }
    let is_over = matches!(state.phase, Phase::Ended(_));
    match (is_over, state.branches.iter().any(Branch::is_at_work)) {
        (false, false) => Err("it is not over, and nothing of it is due".to_owned()),
        (true, true) => Err("it is over, and something of it is due".to_owned()),
        _ if is_over && state.branches.len() > 1 => Err("it is over, and has branches".to_owned()),
        _ => Ok(()),
    }
}
