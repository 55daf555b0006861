//! What each visit of a program gets, by the definitions.

use std::collections::BTreeMap;

use flowgen::plan::Take;

use super::program::{Answer, Part, Program, Visited, limit};
use super::{Record, Seen};

/// Everything that happened on the paths to a place, in order.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Entered(u32),
    Forgot(u32),
    Gave { name: u32, node: u32, value: u64 },
}

/// Evaluates the program, visit by visit.
pub(super) struct Oracle<'r> {
    pub(super) program: &'r Program,
    pub(super) record: &'r Record,
    pub(super) visits: BTreeMap<u32, u32>,
    pub(super) messages: Vec<(Visited, Vec<Seen>)>,
    pub(super) counts: Counts,
}

/// What was met, so that the test is known to test it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) visits: usize,
    pub(super) joins: usize,
    pub(super) repeats: usize,
    pub(super) aborted_forks: usize,
    pub(super) rollbacks: usize,
    pub(super) messages: usize,
    pub(super) undone: usize,
    pub(super) asked: usize,
}

impl Oracle<'_> {
    /// Returns whether control continues behind the parts.
    pub(super) fn parts(&mut self, parts: &[Part], history: &mut Vec<Event>) -> bool {
        parts.iter().all(|part| self.part(part, history))
    }

    pub(super) fn part(&mut self, part: &Part, history: &mut Vec<Event>) -> bool {
        match part {
            Part::Step(step) => self.visit(*step, history).is_some(),
            Part::Choice { step, arms } => match self.visit(*step, history) {
                Some(outcome) => self.parts(&arms[outcome], history),
                None => false,
            },
            Part::Loop { id, body, again } => {
                history.push(Event::Entered(*id));
                loop {
                    if !self.parts(body, history) {
                        return false;
                    }
                    match self.visit(*again, history) {
                        Some(0) => self.counts.repeats += 1,
                        Some(_) => return true,
                        None => return false,
                    }
                }
            }
            Part::Fork { step, branches, join } => {
                if self.visit(*step, history).is_none() {
                    return false;
                }
                let before = history.len();
                let copy = history.clone();
                let mut is_complete = true;
                for branch in branches {
                    let mut own = copy.clone();
                    is_complete &= self.parts(branch, &mut own);
                    history.extend_from_slice(&own[before..]);
                }
                self.counts.joins += usize::from(is_complete);
                self.counts.aborted_forks += usize::from(!is_complete);
                is_complete && self.visit(*join, history).is_some()
            }
        }
    }

    /// Visits a node, checks what it got, and returns its outcome; `None` if it was not visited, or faulted.
    pub(super) fn visit(&mut self, node: u32, history: &mut Vec<Event>) -> Option<usize> {
        let visits = self.visits.entry(node).or_default();
        let at = (node, *visits + 1);
        let inputs = self.record.inputs.get(&at)?;
        *visits += 1;
        self.counts.visits += 1;
        assert_eq!(*inputs, self.inputs(node, history), "{at:?} of seed {}", self.program.seed);
        let spec = &self.program.plan.nodes[node as usize];
        history.extend(spec.gives.iter().filter_map(|output| output.name).map(Event::Forgot));
        let Answer::Outcome(outcome) = self.program.answer(at) else { return None };
        if let Some(name) = self.program.output(node, outcome) {
            history.push(Event::Gave { name, node, value: Program::value(at) });
        }
        if let Some(message) = self.program.messages.get(&node) {
            self.messages.push((at, self.inputs(*message, history)));
        }
        Some(outcome)
    }

    pub(super) fn inputs(&self, node: u32, history: &[Event]) -> Vec<Seen> {
        let takes = self.program.plan.nodes[node as usize].takes.iter();
        let input = |take: &Take| match *take {
            Take::List { name, .. } => Seen::List(self.list(name, node, history)),
            Take::One(0) => Seen::One(Some(1)),
            take => Seen::One(latest(take.name().unwrap(), history)),
        };
        takes.map(input).collect()
    }

    pub(super) fn list(&self, name: u32, taker: u32, history: &[Event]) -> Vec<u64> {
        let given = history.iter().enumerate().filter_map(|(at, event)| match event {
            Event::Gave { name: of, node, value } if *of == name => Some((at, *node, *value)),
            _ => None,
        });
        let is_seen = |at: usize, giver: u32| {
            let loops = &self.program.loops;
            limit(&loops[&giver], &loops[&taker]).is_none_or(|id| {
                let is_entry = |event: &Event| matches!(event, Event::Entered(of) if *of == id);
                history.iter().rposition(is_entry).is_none_or(|entered| entered < at)
            })
        };
        given.filter(|(at, giver, _)| is_seen(*at, *giver)).map(|(.., value)| value).collect()
    }
}

pub(super) fn latest(name: u32, history: &[Event]) -> Option<u64> {
    history.iter().rev().find_map(|event| match event {
        Event::Forgot(of) if *of == name => Some(None),
        Event::Gave { name: of, value, .. } if *of == name => Some(Some(*value)),
        _ => None,
    })?
}
