//! Checks of saved runs: the invariants of all runs that the interpreter creates.

use crate::run::place::{Place, PlaceId, Standing};
use crate::run::state::{Phase, State};

/// An upper bound of all counts in a run. Greater counts could overflow.
pub(super) const MOST: u32 = 1 << 30;

/// Checks that every node and loop of the state exists in its drawing, which has this many.
pub(super) fn check_places(state: &mut State, nodes: usize, loops: usize) -> Result<(), String> {
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
pub(super) fn check(state: &State, contexts: &[PlaceId]) -> Result<(), String> {
    check_tree(&state.places)?;
    check_counts(state)?;
    let is_known = |id: &PlaceId| state.places.iter().any(|place| place.id == *id);
    if let Some(stray) = contexts.iter().find(|id| !is_known(id)) {
        return Err(format!("it has a context for place {stray}, and no such place"));
    }
    check_standing(state)
}

/// Checks that the root comes first, and each branch after the branch that forked into it.
fn check_tree(places: &[Place]) -> Result<(), String> {
    let Some(root) = places.first() else { return Err("it stands nowhere".to_owned()) };
    if root.id != 0 || root.parent.is_some() {
        return Err(format!("its first place is {}, and not the root", root.id));
    }
    if !places.is_sorted_by_key(|place| place.id) || places.windows(2).any(|two| two[0].id == two[1].id) {
        return Err("its places are out of order".to_owned());
    }
    for place in &places[1..] {
        let before = |parent: PlaceId| {
            let at = places.binary_search_by_key(&parent, |place| place.id).ok()?;
            Some(&places[at]).filter(|parent| parent.id < place.id)
        };
        let parent = place.parent.and_then(before);
        if !parent.is_some_and(|parent| matches!(parent.standing, Standing::Split { .. })) {
            return Err(format!("its place {} is a branch of no fork", place.id));
        }
    }
    Ok(())
}

fn check_counts(state: &State) -> Result<(), String> {
    let last = state.places.last().map_or(0, |place| place.id);
    if state.next_place <= last {
        return Err(format!("its next place is {}, and place {last} is there", state.next_place));
    }
    let places =
        state.places.iter().flat_map(|place| [place.nth, place.attempt, place.faulted, place.not_done]);
    let passes = state.passes.counts();
    let visits = state.visits.iter().map(|(_, visits)| visits);
    let counts = places.chain(passes).chain(visits).chain([state.next_place, state.ledger.entered()]);
    match counts.max() {
        Some(count) if count >= MOST => Err(format!("it has counted up to {count}")),
        _ => check_attempts(&state.places),
    }
}

fn check_attempts(places: &[Place]) -> Result<(), String> {
    let adds_up = |place: &&Place| place.not_done <= place.faulted && place.faulted <= place.attempt;
    match places.iter().find(|place| !adds_up(place)) {
        Some(place) => Err(format!("its place {} has faulted more often than it was tried", place.id)),
        None => Ok(()),
    }
}

/// Checks that a run that has not ended has an active or due node, and that a run that has ended has only its
/// root.
fn check_standing(state: &State) -> Result<(), String> {
    if state.places.iter().any(|place| place.standing == Standing::Moving) {
        return Err("it is between two nodes".to_owned());
    }
    let is_over = matches!(state.phase, Phase::Over(_));
    match (is_over, state.places.iter().any(Place::is_at_work)) {
        (false, false) => Err("it is not over, and nothing of it is due".to_owned()),
        (true, true) => Err("it is over, and something of it is due".to_owned()),
        _ if is_over && state.places.len() > 1 => Err("it is over, and has branches".to_owned()),
        _ => Ok(()),
    }
}
