//! What findings claim, looked for in the runs of the drawing.

use std::collections::HashSet;

use flowgen::plan::{Kind, NodeSpec};
use flowgen::run::{PathEntry, VisitOutcome};
use flowgen_codegen::finding::{Finding, PathNode};
use flowgen_codegen::model::Model;

use crate::flaws::{ends_as_drawn, finishes, shows_end_while_running};
use crate::states::{Move, Over, Runs, States};

/// A finding with the runs that have to show it.
pub(crate) struct Claim<'a> {
    states: &'a States,
    walk: Vec<u32>,
    other_walk: Vec<u32>,
    /// The nodes that the finding points at beside its own.
    related: Vec<u32>,
    at: Option<u32>,
}

/// Is what the finding says true? An error says what is not. `None` for a finding that claims nothing
/// about runs, and where not all runs are known.
pub(crate) fn confirm(runs: &Runs, model: &Model, finding: &Finding) -> Option<Result<(), String>> {
    let by_span = |start: usize| {
        let at = model.nodes.iter().position(|node| node.id.span.start == start)?;
        u32::try_from(at).ok()
    };
    let by_stops =
        |stops: &[PathNode]| stops.iter().filter_map(|stop| by_span(stop.span.start)).collect::<Vec<_>>();
    let (walk, other_walk) = (by_stops(&finding.path), by_stops(&finding.other_path));
    let related = finding.related.iter().filter_map(|related| by_span(related.span.start)).collect();
    // A walk may go round more often than a bound allows: findings do not count passes.
    let states = runs.free();
    let claim = Claim { states, walk, other_walk, related, at: by_span(finding.span.start) };
    let shown = match finding.rule.code {
        "F204" => claim.never_runs()?,
        "F301" | "F302" => claim.no_way_out(),
        "F303" | "F304" => claim.end_while_running(),
        "F306" => claim.always_rolls_back(),
        "F308" => claim.never_ends()?,
        "F309" => claim.visited_by_two(),
        "F310" => claim.never_stops_sending(),
        "F403" => claim.comes_after(),
        "F405" => claim.undone_though_done(),
        "F406" => claim.undone_in_order(),
        "F407" => claim.never_comes_to_end(),
        "F408" | "F412" => claim.never_owed(),
        "F504" => claim.goes_on_undone(),
        _ => return None,
    };
    let is_drawn = claim.is_drawn();
    Some(match (shown, is_drawn) {
        (true, true) => Ok(()),
        // It may show where nobody has looked.
        (false, true) if !states.is_complete && finding.rule.code != "F308" => return None,
        (false, _) => Err("no run shows it".to_owned()),
        (_, false) => Err("its walk is not along arrows".to_owned()),
    })
}

impl Claim<'_> {
    /// Each stop of the walk follows the one before along an arrow.
    fn is_drawn(&self) -> bool {
        let next = |node: u32| self.states.plan.nodes[node as usize].next;
        let join = |node: u32| self.states.plan.nodes[node as usize].join;
        let sends = |node: u32| self.states.plan.nodes[node as usize].sends;
        let is_drawn = |pair: &[u32]| {
            next(pair[0]).contains(&pair[1])
                || join(pair[0]) == Some(pair[1])
                || sends(pair[0]).contains(&pair[1])
        };
        [&self.walk, &self.other_walk].iter().all(|walk| walk.windows(2).all(is_drawn))
    }

    /// The states in which a run has just gone the whole walk, whatever else it did meanwhile.
    fn states_after(&self, walk: &[u32], counts: impl Fn(usize, &PathEntry) -> bool) -> HashSet<usize> {
        self.products(0, |at, step| Self::further(walk, &counts, at, step), |at| *at == walk.len())
    }

    /// How much of the walk is behind a run after one more move.
    fn further(walk: &[u32], counts: &impl Fn(usize, &PathEntry) -> bool, at: usize, step: &Move) -> usize {
        step.path
            .iter()
            .fold(at, |at, entry| at + usize::from(walk.get(at) == Some(&entry.node) && counts(at, entry)))
    }

    /// The states that runs come to with an accepted memory, where each move changes the memory.
    fn products<M: Copy + Eq + std::hash::Hash>(
        &self,
        first: M,
        advance: impl Fn(M, &Move) -> M,
        accepts: impl Fn(&M) -> bool,
    ) -> HashSet<usize> {
        let set_out = self.states.roots.iter().map(|root| &root.set_out);
        let mut open: Vec<(usize, M)> = set_out.map(|step| (step.to, advance(first, step))).collect();
        let mut seen: HashSet<(usize, M)> = HashSet::new();
        let mut accepted = HashSet::new();
        while let Some((at, memory)) = open.pop() {
            if !seen.insert((at, memory)) {
                continue;
            }
            if accepts(&memory) {
                accepted.insert(at);
                continue;
            }
            let moves = self.states.all[at].moves.iter();
            open.extend(moves.map(|step| (step.to, advance(memory, step))));
        }
        accepted
    }

    /// `None` where not all runs are known.
    fn never_runs(&self) -> Option<bool> {
        self.states.is_complete.then(|| self.at.is_some_and(|at| !self.states.ran().contains(&at)))
    }

    /// The nodes to which control goes from this one, joins and the node itself included.
    fn behind(&self, node: u32) -> HashSet<u32> {
        let mut behind = HashSet::from([node]);
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            let spec = &self.states.plan.nodes[at as usize];
            open.extend(spec.next.iter().chain(&spec.join).filter(|next| behind.insert(**next)));
        }
        behind
    }

    /// No end and no rollback is behind the walk. In a run that forks, other branches may come to an end.
    fn leads_to_no_end(&self) -> bool {
        let spec = |node: u32| &self.states.plan.nodes[node as usize];
        let ends = |node: u32| spec(node).kind == Kind::End || spec(node).rolls_back;
        self.walk.last().is_some_and(|&last| !self.behind(last).into_iter().any(ends))
    }

    fn no_way_out(&self) -> bool {
        let leads = self.states.lead_to(ends_as_drawn);
        let there = self.states_after(&self.walk, |_, _| true);
        !there.is_empty() && (there.iter().any(|state| !leads[*state]) || self.leads_to_no_end())
    }

    fn end_while_running(&self) -> bool {
        let advance = |(at, _): (usize, bool), step: &Move| {
            let at = Self::further(&self.walk, &|_, _| true, at, step);
            (at, at == self.walk.len() && shows_end_while_running(self.states, step))
        };
        !self.products((0, false), advance, |(_, is_shown)| *is_shown).is_empty()
    }

    /// Once a run comes to the rollback by that branch, it is rolled back.
    fn always_rolls_back(&self) -> bool {
        !self.states_after(&self.walk, |_, _| true).is_empty()
    }

    /// A run goes back to the fork, and as far as anybody has looked it comes to no end then. There is never
    /// an end to the looking, since the fork makes more and more branches. `None` where no run was seen to
    /// go back.
    fn never_ends(&self) -> Option<bool> {
        let at_end =
            self.states.lead_by(|step| step.fault.is_none(), |state| state.over == Some(Over::AtEnd));
        let there = self.states_after(&self.walk, |_, _| true);
        if there.is_empty() && !self.states.is_complete {
            return None;
        }
        Some(!there.is_empty() && there.iter().all(|state| !at_end[*state]))
    }

    /// A run goes both walks from one visit of the fork, and comes to the node twice before the join.
    fn visited_by_two(&self) -> bool {
        let walks = [&self.walk, &self.other_walk];
        let [Some(fork), Some(_)] = walks.map(|walk| walk.first()) else { return false };
        let join = self.states.plan.nodes[*fork as usize].join;
        let set_out = self.states.roots.iter().map(|root| &root.set_out);
        let mut open: Vec<(usize, [usize; 2])> =
            set_out.flat_map(|step| further(walks, join, [0, 0], step).map(|at| (step.to, at))).collect();
        let mut seen = HashSet::new();
        while let Some((state, at)) = open.pop() {
            if at == walks.map(Vec::len) {
                return true;
            }
            if seen.insert((state, at)) {
                let moves = self.states.all[state].moves.iter();
                open.extend(moves.flat_map(|step| further(walks, join, at, step).map(|at| (step.to, at))));
            }
        }
        false
    }

    /// No run that the message begins comes to an end without a message that does not, unless another branch
    /// rolls it back first.
    fn never_stops_sending(&self) -> bool {
        let Some(target) = self.walk.get(1) else { return false };
        let finishes = finishes(self.states, |over| over == Over::AtEnd);
        let is_over = |step: &Move| finishes[step.to];
        let mut roots = self.states.roots.iter().filter(|root| root.node == *target);
        let sends = |sent: &[usize]| sent.iter().any(|root| !is_over(&self.states.roots[*root].set_out));
        roots.any(|root| !is_over(&root.set_out) || sends(&root.set_out.sent))
    }

    /// The step is done, and a run goes on into a rollback that is drawn.
    fn undone_though_done(&self) -> bool {
        let leads = self.states.lead_to(ends_as_drawn);
        let counts = |at: usize, entry: &PathEntry| at > 0 || entry.outcome == VisitOutcome::Done;
        let there = self.states_after(&self.walk, counts);
        there.iter().any(|state| leads[*state])
    }

    /// What is related is the step that is done first and the one that is done later.
    fn undone_in_order(&self) -> bool {
        let &[earlier, later] = &self.related[..] else { return false };
        let undid = |step: &Move, of: u32| {
            let is_it =
                |entry: &PathEntry| matches!(entry.outcome, VisitOutcome::Undone { node, .. } if node == of);
            step.path.iter().any(is_it)
        };
        let advance = |at: u8, step: &Move| match at {
            0 if undid(step, earlier) => 1,
            1 if undid(step, later) => 2,
            at => at,
        };
        !self.products(0, advance, |at| *at == 2).is_empty()
            && !self.states_after(&self.walk, |_, _| true).is_empty()
    }

    /// Once a rollback has gone round, it comes to no end by itself.
    fn never_comes_to_end(&self) -> bool {
        let Some((_, round)) = self.walk.split_last() else { return false };
        let ends = |step: &Move| {
            step.path.iter().any(|entry| self.states.plan.nodes[entry.node as usize].kind == Kind::End)
        };
        let is_over = |at: &usize| self.states.all[*at].moves.iter().all(|step| !ends(step));
        let there = self.states_after(round, |_, _| true);
        !there.is_empty() && there.iter().any(is_over)
    }

    /// A run comes to the compensation, and it never has a pending undo.
    fn never_owed(&self) -> bool {
        let skipped = |at: usize, entry: &PathEntry| {
            at + 1 < self.walk.len() || entry.outcome == VisitOutcome::NothingToUndo
        };
        !self.states_after(&self.walk, skipped).is_empty()
    }

    /// The step says that it was not done, and the next one is done.
    fn goes_on_undone(&self) -> bool {
        let counts = |at: usize, entry: &PathEntry| at > 0 || entry.outcome == VisitOutcome::NotDone;
        !self.states_after(&self.walk, counts).is_empty()
    }

    /// A run can come from the step to its compensation: along edges, through the trigger when the step
    /// faults, or by another branch of a fork.
    fn comes_after(&self) -> bool {
        let (Some(compensation), &[step]) = (self.at, &self.related[..]) else { return false };
        let leads = |from: u32, to: u32| self.reached(from).contains(&to);
        let beside = |fork: &NodeSpec| {
            let branches = || fork.next.iter().copied();
            fork.kind != Kind::Decision
                && branches().any(|branch| leads(branch, step))
                && branches().any(|branch| !leads(branch, step) && leads(branch, compensation))
        };
        leads(step, compensation)
            || self.states.plan.trigger.is_some_and(|trigger| leads(trigger, compensation))
            || self.states.plan.nodes.iter().any(beside)
    }

    /// The node and all that edges lead to from it.
    fn reached(&self, from: u32) -> HashSet<u32> {
        let mut open = vec![from];
        let mut reached = HashSet::new();
        while let Some(node) = open.pop() {
            if reached.insert(node) {
                open.extend(self.states.plan.nodes[node as usize].next);
            }
        }
        reached
    }
}

/// How much of two walks from one fork is behind a run after one more move, in each way that it can be seen.
fn further(
    walks: [&Vec<u32>; 2],
    join: Option<u32>,
    at: [usize; 2],
    step: &Move,
) -> impl Iterator<Item = [usize; 2]> + use<> {
    let mut all = HashSet::from([at]);
    for entry in &step.path {
        let mut next = HashSet::new();
        for at in all {
            let is_next = |branch: usize| walks[branch].get(at[branch]) == Some(&entry.node);
            if at == [0, 0] && is_next(0) {
                next.insert([1, 1]);
            } else if at != [0, 0] {
                next.extend(is_next(0).then_some([at[0] + 1, at[1]]));
                next.extend(is_next(1).then_some([at[0], at[1] + 1]));
            }
            if Some(entry.node) != join || at == walks.map(Vec::len) {
                next.insert(at);
            }
        }
        all = next;
    }
    all.into_iter()
}
