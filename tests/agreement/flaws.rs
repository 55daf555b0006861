//! What is unsound about a drawing, as its runs show it.

use flowgen::plan::Kind;

use crate::states::{By, Move, Over, Runs, State, States};

/// The first thing found; `None` for a drawing whose runs always end as they should, as far as they
/// were explored.
pub(crate) fn flaw(runs: &Runs) -> Option<String> {
    let states = &runs.bound;
    by_itself(states)
        .or_else(|| end_while_running(states))
        .or_else(|| no_way_to_end(runs.free()))
        .or_else(|| messages_without_end(runs.free()))
        .or_else(|| bound_not_met(states))
        .or_else(|| never_over(states))
        .or_else(|| never_runs(states))
}

fn by_itself(states: &States) -> Option<String> {
    let (what, at) = states.flaws.first()?;
    Some(format!("{what}, after {:?}", states.way_to(*at)))
}

/// Proper completion: when an end is reached nothing else is still running.
fn end_while_running(states: &States) -> Option<String> {
    let step = states.moves().find(|step| shows_end_while_running(states, step))?;
    Some(format!("an end is reached while a branch runs, after {:?}", states.way_to(step.to)))
}

pub(crate) fn shows_end_while_running(states: &States, step: &Move) -> bool {
    step.ends_again || states.all[step.to].goes_on_behind_end
}

/// Option to complete: from every state an end can be reached, or a rollback that is drawn.
fn no_way_to_end(states: &States) -> Option<String> {
    let leads = states.lead_to(ends_as_drawn);
    let expected = states.expected();
    let at = (0..states.all.len()).find(|at| expected[*at] && !leads[*at])?;
    Some(format!("no end can be reached, after {:?}", states.way_to(at)))
}

/// Within the bounds of its loops each run can come to an end.
fn bound_not_met(states: &States) -> Option<String> {
    let leads = states.lead_to(ends_as_drawn);
    let lost = states.roots.iter().map(|root| root.set_out.to).find(|at| !leads[*at])?;
    Some(format!("no end can be reached within the bounds, after {:?}", states.way_to(lost)))
}

pub(crate) fn ends_as_drawn(state: &State) -> bool {
    matches!(state.over, Some(Over::AtEnd | Over::RolledBack))
}

/// Once no more is decided than has to be, no message is left that runs.
fn messages_without_end(states: &States) -> Option<String> {
    let finishes = finishes(states, |_| true);
    let expected = states.expected();
    let at = (0..states.all.len()).find(|at| expected[*at] && !finishes[*at])?;
    Some(format!("messages are sent without end, after {:?}", states.way_to(at)))
}

/// By state: a run can come from there to an end that counts, and so can all messages that it sends on the
/// way. Where nobody has looked, they can.
pub(crate) fn finishes(states: &States, counts: impl Fn(Over) -> bool) -> Vec<bool> {
    let is_end = |state: &State| state.over.is_some_and(&counts) || !state.is_explored;
    let mut finishes: Vec<bool> = states.all.iter().map(is_end).collect();
    let mut sent = vec![false; states.roots.len()];
    loop {
        let mut is_done = true;
        let goes = |step: &Move, finishes: &[bool], sent: &[bool]| {
            finishes[step.to] && step.sent.iter().all(|root| sent[*root])
        };
        for (root, sent_root) in states.roots.iter().zip(0..) {
            if !sent[sent_root] && goes(&root.set_out, &finishes, &sent) {
                (sent[sent_root], is_done) = (true, false);
            }
        }
        for (at, state) in states.all.iter().enumerate() {
            let mut expected = state.moves.iter().filter(|step| step.fault.is_none());
            if !finishes[at] && expected.any(|step| goes(step, &finishes, &sent)) {
                (finishes[at], is_done) = (true, false);
            }
        }
        if is_done {
            return finishes;
        }
    }
}

/// Whatever faults, a run can get over.
fn never_over(states: &States) -> Option<String> {
    let is_over = |state: &State| state.over.is_some() || !state.is_explored;
    let leads = states.lead_by(|step| step.fault != Some(By::Node), is_over);
    let at = (0..states.all.len()).find(|at| !leads[*at])?;
    Some(format!("a run can't get over, after {:?}", states.way_to(at)))
}

/// No dead nodes.
fn never_runs(states: &States) -> Option<String> {
    // Without faults nothing leads to most of a rollback.
    if !states.is_complete || !states.faults {
        return None;
    }
    let (ran, undid) = (states.ran(), states.undid());
    let is_dead = |at: u32| {
        let spec = &states.plan.nodes[at as usize];
        !ran.contains(&at) || spec.is_compensation() && spec.kind != Kind::Decision && !undid.contains(&at)
    };
    let dead = (0..).take(states.plan.nodes.len()).find(|at| is_dead(*at))?;
    Some(format!("a node never runs: {:?}", states.plan.nodes[dead as usize].id))
}
