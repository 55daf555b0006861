//! Random programs, and their plans.

use std::collections::BTreeMap;

use flowgen::Did;
use flowgen::plan::{Kind, LaneSpec, NodeSpec, Output, Plan, Take};

/// A node and its visit.
pub(super) type Visited = (u32, u32);

pub(super) const NAMES: &[&str] = &["order", "a", "b", "c"];

/// A program. Numbers are nodes.
pub(super) enum Part {
    Step(u32),
    /// A step that answers the decision behind it.
    Choice {
        step: u32,
        arms: Vec<Vec<Part>>,
    },
    /// A body that is repeated while the decision says so.
    Loop {
        id: u32,
        body: Vec<Part>,
        again: u32,
    },
    Fork {
        step: u32,
        branches: Vec<Vec<Part>>,
        join: u32,
    },
}

/// Random numbers (xorshift).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// A program and its plan.
pub(super) struct Program {
    pub(super) seed: u64,
    pub(super) parts: Vec<Part>,
    pub(super) plan: &'static Plan,
    pub(super) trigger: u32,
    pub(super) report: u32,
    /// By node, the loops around it, outermost first.
    pub(super) loops: BTreeMap<u32, Vec<u32>>,
    /// The messages by their sender.
    pub(super) messages: BTreeMap<u32, u32>,
}

pub(super) struct Builder {
    pub(super) dice: Dice,
    pub(super) nodes: Vec<NodeSpec>,
    /// The loops around the node that is being built.
    pub(super) open: Vec<u32>,
    pub(super) loops: BTreeMap<u32, Vec<u32>>,
    pub(super) count: u32,
    pub(super) messages: BTreeMap<u32, u32>,
}

impl Builder {
    pub(super) fn node(&mut self, kind: Kind) -> u32 {
        let at = u32::try_from(self.nodes.len()).unwrap();
        let id = &*format!("n{at}").leak();
        self.nodes.push(NodeSpec::new(id, id, 0, kind));
        self.loops.insert(at, self.open.clone());
        at
    }

    pub(super) fn edit(&mut self, node: u32, edit: impl FnOnce(&mut NodeSpec)) {
        edit(&mut self.nodes[node as usize]);
    }

    /// A step that gives some name.
    pub(super) fn step(&mut self) -> u32 {
        let step = self.node(Kind::Step);
        if self.dice.roll(3) > 0 {
            let name = 1 + u32::try_from(self.dice.roll(3)).unwrap();
            self.edit(step, |spec| spec.gives = vec![Output::new(Some(name)).done()].leak());
        }
        if self.dice.roll(3) == 0 {
            let message = self.node(Kind::Step);
            self.loops.insert(message, Vec::new());
            self.messages.insert(step, message);
            self.edit(step, |spec| spec.sends = vec![message].leak());
        }
        step
    }

    pub(super) fn parts(&mut self, depth: u32) -> Vec<Part> {
        (0..=self.dice.roll(3)).map(|_| self.part(depth)).collect()
    }

    pub(super) fn part(&mut self, depth: u32) -> Part {
        match self.dice.roll(if depth == 0 { 2 } else { 5 }) {
            0 | 1 => Part::Step(self.step()),
            2 => {
                let (step, decision) = (self.node(Kind::Step), self.node(Kind::Decision));
                let arms: Vec<_> = (0..2)
                    .map(|_| if self.dice.roll(2) == 0 { Vec::new() } else { self.parts(depth - 1) })
                    .collect();
                let name = |dice: &mut Dice| u32::try_from(dice.roll(4)).ok().filter(|name| *name > 0);
                let first = Output::new(name(&mut self.dice)).done();
                let gives = vec![first, Output::new(name(&mut self.dice))];
                self.edit(step, |spec| (spec.gives, spec.fused) = (gives.leak(), Some(decision)));
                self.edit(decision, |spec| spec.outcomes = &["Yes", "No"]);
                Part::Choice { step, arms }
            }
            3 => {
                let id = self.count;
                self.count += 1;
                self.open.push(id);
                let body = self.parts(depth - 1);
                let again = self.node(Kind::Decision);
                self.edit(again, |spec| spec.outcomes = &["Yes", "No"]);
                self.open.pop();
                Part::Loop { id, body, again }
            }
            _ => {
                let (step, join) = (self.step(), self.step());
                let branches = (0..=1 + self.dice.roll(2)).map(|_| self.parts(depth - 1)).collect();
                self.edit(step, |spec| spec.join = Some(join));
                Part::Fork { step, branches, join }
            }
        }
    }

    /// Draws the edges of a sequence, and returns its first node.
    pub(super) fn link(&mut self, parts: &[Part], after: u32) -> u32 {
        parts.iter().rev().fold(after, |after, part| match part {
            Part::Step(step) => {
                self.edit(*step, |spec| spec.next = vec![after].leak());
                *step
            }
            Part::Choice { step, arms } => {
                let next: Vec<u32> = arms.iter().map(|arm| self.link(arm, after)).collect();
                let decision = self.nodes[*step as usize].fused.unwrap();
                self.edit(*step, |spec| spec.next = vec![decision].leak());
                self.edit(decision, |spec| spec.next = next.leak());
                *step
            }
            Part::Loop { body, again, .. } => {
                let first = self.link(body, *again);
                self.edit(*again, |spec| spec.next = vec![first, after].leak());
                first
            }
            Part::Fork { step, branches, join } => {
                let next: Vec<u32> = branches.iter().map(|branch| self.link(branch, *join)).collect();
                self.edit(*step, |spec| spec.next = next.leak());
                self.edit(*join, |spec| spec.next = vec![after].leak());
                *step
            }
        })
    }

    /// The loop that limits the list of a taker for a giver: the outermost loop around the giver that does not hold
    /// the taker, or the innermost one if all of them hold it.
    pub(super) fn limit(&self, giver: u32, taker: u32) -> Option<u32> {
        limit(&self.loops[&giver], &self.loops[&taker])
    }

    pub(super) fn takes(&mut self, taker: u32, is_whole: bool) {
        let mut inputs = Vec::new();
        for name in 1..4 {
            if is_whole || self.dice.roll(2) == 0 {
                inputs.push(Take::Optional(name));
            }
            if is_whole || self.dice.roll(2) == 0 {
                let is_giver = |spec: &NodeSpec| spec.gives.iter().any(|output| output.name == Some(name));
                let givers =
                    (0..).zip(&self.nodes).filter(|(_, spec)| is_giver(spec)).map(|(giver, _)| giver);
                let since: Vec<(u32, u32)> =
                    givers.filter_map(|giver| Some((giver, self.limit(giver, taker)?))).collect();
                inputs.push(Take::List { name, since: since.leak() });
            }
        }
        inputs.push(Take::One(0));
        self.edit(taker, |spec| spec.takes = inputs.leak());
    }
}

pub(super) fn limit(giver: &[u32], taker: &[u32]) -> Option<u32> {
    giver.iter().find(|id| !taker.contains(id)).or(giver.last()).copied()
}

impl Program {
    pub(super) fn new(seed: u64) -> Self {
        let dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (loops, messages) = (BTreeMap::new(), BTreeMap::new());
        let mut builder = Builder { dice, nodes: Vec::new(), open: Vec::new(), loops, count: 0, messages };
        let start = builder.node(Kind::Start);
        builder.edit(start, |spec| spec.gives = vec![Output::new(Some(0))].leak());
        let end = builder.node(Kind::End);
        let trigger = builder.node(Kind::Step);
        let report = builder.node(Kind::Step);
        let parts = builder.parts(3);
        let first = builder.link(&parts, end);
        builder.edit(start, |spec| spec.next = vec![first].leak());
        builder.edit(report, |spec| spec.next = vec![end].leak());
        builder.edit(trigger, |spec| spec.rolls_back = true);
        for message in builder.messages.clone().into_values() {
            builder.edit(message, |spec| spec.next = vec![end].leak());
        }
        let takers: Vec<u32> = (0..builder.nodes.len()).map(|at| u32::try_from(at).unwrap()).collect();
        for &taker in &takers {
            if !builder.nodes[taker as usize].is_circle() {
                builder.takes(taker, taker == trigger || taker == report);
            }
        }
        // Some steps are compensable, and one compensation is drawn.
        let mut drawn = report;
        for &step in takers.iter().filter(|step| **step > report) {
            let spec = &builder.nodes[step as usize];
            if spec.kind != Kind::Step
                || builder.dice.roll(2) == 0
                || !spec.sends.is_empty()
                || spec.join.is_some()
            {
                continue;
            }
            let inputs: Vec<Take> = spec.takes.iter().filter(|_| builder.dice.roll(3) > 0).copied().collect();
            let asks = builder.dice.roll(2) == 0;
            let undo = builder.node(Kind::Step);
            builder.edit(undo, |spec| (spec.undoes, spec.takes) = (vec![step].leak(), inputs.leak()));
            builder.edit(step, |spec| (spec.undone_by, spec.asks) = (Some(undo), asks));
            builder.edit(undo, |spec| spec.next = vec![report].leak());
            drawn = undo;
        }
        builder.edit(trigger, |spec| spec.next = vec![drawn].leak());
        let Builder { nodes, loops, count, messages, .. } = builder;
        let cycle = |id: u32| {
            let nodes = loops.iter().filter(|(_, around)| around.contains(&id)).map(|(node, _)| *node);
            &*nodes.collect::<Vec<u32>>().leak()
        };
        let cycles: Vec<&[u32]> = (0..count).map(cycle).collect();
        let lanes = vec![LaneSpec::new("lane", "Lane")].leak();
        let plan = Plan::new(lanes, nodes.leak(), &[]).names(NAMES).lists(&[1, 2, 3]).cycles(cycles.leak());
        let plan = Box::leak(Box::new(plan.trigger(trigger)));
        Self { seed, parts, plan, trigger, report, loops, messages }
    }

    /// A random number that depends on the visit alone.
    pub(super) fn chance(&self, (node, visit): Visited, salt: u64) -> u64 {
        let seed =
            self.seed.wrapping_mul(31).wrapping_add(u64::from(node) * 977 + u64::from(visit) * 7_919 + salt);
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        dice.roll(1_000);
        dice.roll(1_000)
    }

    /// What a visit comes to.
    pub(super) fn answer(&self, at: Visited) -> Answer {
        let spec = &self.plan.nodes[at.0 as usize];
        if spec.kind == Kind::Decision {
            // At most three passes in a row.
            let repeats = self.chance(at, 1) < 500 && !at.1.is_multiple_of(3);
            return Answer::Outcome(usize::from(!repeats));
        }
        if spec.is_compensation() || at.0 == self.trigger || at.0 == self.report {
            return if self.chance(at, 2) < 100 { Answer::Fault } else { Answer::Outcome(0) };
        }
        match self.chance(at, 3) {
            0..60 => Answer::Fault,
            60..90 => Answer::FaultNotDone,
            _ if spec.fused.is_some() => Answer::Outcome(usize::from(self.chance(at, 4) < 300)),
            _ => Answer::Outcome(0),
        }
    }

    /// The value that a visit gives.
    pub(super) fn value((node, visit): Visited) -> u64 {
        u64::from(node) * 100_000 + u64::from(visit)
    }

    pub(super) fn did(&self, at: Visited) -> Did {
        match self.chance(at, 5) {
            0..333 => Did::Done(()),
            333..666 => Did::NotDone,
            _ => Did::Unknown,
        }
    }

    /// The name that an outcome gives.
    pub(super) fn output(&self, node: u32, outcome: usize) -> Option<u32> {
        self.plan.nodes[node as usize].gives.get(outcome).and_then(|output| output.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Outcome(usize),
    Fault,
    FaultNotDone,
}
