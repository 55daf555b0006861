//! Drawings that are sound because of how they are made: blocks within blocks.

use crate::dice::Dice;
use crate::sketch::{CIRCLE, DECISION, Loop, STEP, Sketch, TASK, UNDO};

/// What drawings are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// About how many nodes.
    pub(crate) nodes: usize,
    pub(crate) lanes: usize,
    /// Branches of a fork, at most.
    pub(crate) branches: usize,
}

/// An arrow that leads on and does not know where yet.
#[derive(Clone, Debug)]
struct Loose {
    from: usize,
    label: String,
}

/// A block: where it begins, and the arrows that leave it.
struct Block {
    entry: usize,
    exits: Vec<Loose>,
}

struct Maker<'d> {
    dice: &'d mut Dice,
    sketch: Sketch,
    wanted: Wanted,
    /// Steps with their compensations, in the order in which they are done.
    undone: Vec<(usize, usize)>,
    /// Arrows of decisions that lead into the rollback.
    failing: Vec<Loose>,
    has_rollback: bool,
}

/// What surrounds a block.
#[derive(Clone, Copy)]
struct Around {
    /// A branch of a fork may not end on its own.
    may_end: bool,
    depth: usize,
}

/// Draws one.
pub(crate) fn draw(dice: &mut Dice, wanted: Wanted) -> Sketch {
    let has_rollback = !dice.once_in(3);
    let sketch = Sketch::default();
    let (undone, failing) = (Vec::new(), Vec::new());
    let mut maker = Maker { dice, sketch, wanted, undone, failing, has_rollback };
    maker.draw();
    maker.sketch
}

impl Maker<'_> {
    fn draw(&mut self) {
        let starts: Vec<usize> = (0..if self.dice.once_in(6) { 2 } else { 1 })
            .map(|at| self.sketch.node(CIRCLE, format!("Begun {at}"), 0))
            .collect();
        let around = Around { may_end: true, depth: 0 };
        // A rollback needs something to roll back.
        let first = self.has_rollback.then(|| self.compensated());
        let body = self.sequence(around, self.wanted.nodes.saturating_sub(3).max(1));
        let mut entry = body.entry;
        if let Some(first) = first {
            self.connect(&first.exits, entry);
            entry = first.entry;
        }
        for start in starts {
            self.sketch.arrow(start, entry, "");
        }
        let end = self.sketch.node(CIRCLE, "Ended well", 0);
        self.connect(&body.exits, end);
        self.rollback();
    }

    fn connect(&mut self, exits: &[Loose], to: usize) {
        for exit in exits {
            self.sketch.arrow(exit.from, to, exit.label.clone());
        }
    }

    fn lane(&mut self) -> usize {
        self.dice.below(self.wanted.lanes)
    }

    fn named(&mut self, shape: &'static str, verb: &str) -> usize {
        let (number, lane) = (self.sketch.nodes.len(), self.lane());
        self.sketch.node(shape, format!("{verb} item {number}"), lane)
    }

    /// Blocks one after the other, about so many nodes.
    fn sequence(&mut self, around: Around, nodes: usize) -> Block {
        let until = self.sketch.nodes.len() + nodes;
        let first = self.block(around, nodes);
        let (entry, mut exits) = (first.entry, first.exits);
        while self.sketch.nodes.len() < until {
            let next = self.block(around, until - self.sketch.nodes.len());
            self.connect(&exits, next.entry);
            exits = next.exits;
        }
        Block { entry, exits }
    }

    fn block(&mut self, around: Around, nodes: usize) -> Block {
        let is_large = nodes >= 4 && around.depth < 5;
        match self.dice.below(if is_large { 14 } else { 5 }) {
            0 | 1 => self.step(),
            2 | 3 => self.compensated(),
            4 => self.small(nodes),
            5 | 6 => self.choice(around, nodes),
            7 | 8 => self.fork(around, nodes),
            9 => self.call(around),
            10 | 11 => self.repeated(around, nodes),
            12 => self.message(),
            _ => self.checked(),
        }
    }

    fn single(node: usize) -> Block {
        Block { entry: node, exits: vec![Loose { from: node, label: String::new() }] }
    }

    fn step(&mut self) -> Block {
        let node = self.named(STEP, "Inspect");
        Self::single(node)
    }

    fn small(&mut self, nodes: usize) -> Block {
        let node = match self.dice.below(3) {
            0 => self.named(CIRCLE, "Seen"),
            1 => self.named(TASK, "Approve"),
            _ if nodes > 1 => return self.checked(),
            _ => self.named(STEP, "Weigh"),
        };
        Self::single(node)
    }

    fn compensated(&mut self) -> Block {
        let step = self.named(STEP, "Reserve");
        // The compensation is drawn with the rollback.
        self.undone.push((step, usize::MAX));
        Self::single(step)
    }

    /// A step and the decision whether it went well.
    fn checked(&mut self) -> Block {
        let Block { entry: step, .. } = self.step();
        let decision = self.named(DECISION, "Good");
        self.sketch.arrow(step, decision, "");
        if self.has_rollback {
            self.failing.push(Loose { from: decision, label: "Bad".to_owned() });
            return Block { entry: step, exits: vec![Loose { from: decision, label: "Good".to_owned() }] };
        }
        let exits = ["Good", "Fair"].map(|label| Loose { from: decision, label: label.to_owned() });
        Block { entry: step, exits: exits.into() }
    }

    fn choice(&mut self, around: Around, nodes: usize) -> Block {
        let decision = self.named(DECISION, "Choose");
        let outcomes = self.dice.within(2, 3);
        let within = Around { depth: around.depth + 1, ..around };
        let mut exits = Vec::new();
        for outcome in 0..outcomes {
            let loose = Loose { from: decision, label: format!("Way {outcome}") };
            // One way goes on at once, and one at least goes on.
            if outcome == 0 && self.dice.once_in(2) {
                exits.push(loose);
                continue;
            }
            let mut body = self.sequence(within, (nodes / outcomes).max(1));
            self.connect(&[loose], body.entry);
            if outcome == 1 && around.may_end && self.dice.once_in(4) {
                let end = self.named(CIRCLE, "Ended early with");
                self.connect(&body.exits, end);
                body.exits.clear();
            }
            exits.append(&mut body.exits);
        }
        Block { entry: decision, exits }
    }

    fn fork(&mut self, around: Around, nodes: usize) -> Block {
        let Block { entry: fork, .. } = self.step();
        let count = self.dice.within(2, self.wanted.branches);
        let within = Around { may_end: false, depth: around.depth + 1 };
        let branches: Vec<Block> =
            (0..count).map(|_| self.sequence(within, (nodes / count).saturating_sub(1).max(1))).collect();
        let join = if self.dice.once_in(2) { self.named(CIRCLE, "Joined") } else { self.step().entry };
        for branch in branches {
            self.sketch.arrow(fork, branch.entry, "");
            self.connect(&branch.exits, join);
        }
        Self::single_from(fork, join)
    }

    fn single_from(entry: usize, last: usize) -> Block {
        Block { entry, exits: vec![Loose { from: last, label: String::new() }] }
    }

    /// A call and return: the arrow to what comes next stands beside that to the call.
    fn call(&mut self, around: Around) -> Block {
        let Block { entry: caller, .. } = self.step();
        let within = Around { may_end: false, depth: around.depth + 1 };
        let service = self.sequence(within, 1);
        let Block { entry: next, .. } = self.step();
        self.sketch.arrow(caller, service.entry, "");
        self.connect(&service.exits, next);
        self.sketch.arrow(caller, next, "");
        Self::single_from(caller, next)
    }

    fn repeated(&mut self, around: Around, nodes: usize) -> Block {
        let first = self.sketch.nodes.len();
        let within = Around { may_end: false, depth: around.depth + 1 };
        let body = self.sequence(within, nodes.saturating_sub(2).clamp(1, 8));
        let decision = self.named(DECISION, "Repeat");
        self.connect(&body.exits, decision);
        self.sketch.arrow(decision, body.entry, "Again");
        let is_bounded = self.dice.once_in(2);
        let text =
            if is_bounded { format!("max {}", self.dice.within(1, 3)) } else { "until good".to_owned() };
        let mut nodes: Vec<usize> = (first..=decision).collect();
        nodes.retain(|node| self.sketch.nodes[*node].label != "Told");
        // A cycle around a bounded loop that no loop lists is reported (F217).
        let is_around = self.sketch.loops.iter().any(|inner| {
            inner.text.starts_with("max") && inner.nodes.iter().all(|node| nodes.contains(node))
        });
        if is_bounded || self.dice.once_in(2) || is_around {
            self.sketch.loops.push(Loop { text, nodes });
        }
        let exit = Loose { from: decision, label: "Enough".to_owned() };
        Block { entry: body.entry, exits: vec![exit] }
    }

    fn message(&mut self) -> Block {
        let Block { entry: sender, exits } = self.step();
        let lane = self.lane();
        let told = self.sketch.node(STEP, "Told", lane);
        self.sketch.arrow(sender, told, "async: Tell");
        let end = self.sketch.node(CIRCLE, "Told", lane);
        self.sketch.arrow(told, end, "");
        Block { entry: sender, exits }
    }

    /// The compensations, last first, if any; otherwise only their associations.
    fn rollback(&mut self) {
        for at in 0..self.undone.len() {
            let (step, _) = self.undone[at];
            let lane = self.sketch.nodes[step].lane;
            let undo = self.sketch.node(STEP, format!("Release item {step}"), lane);
            self.sketch.arrow(step, undo, UNDO);
            self.undone[at].1 = undo;
        }
        let failing = std::mem::take(&mut self.failing);
        if !self.has_rollback {
            return;
        }
        let mut entry = self.sketch.node(CIRCLE, "Rolled back", 0);
        for (_, undo) in self.undone.clone() {
            self.sketch.arrow(undo, entry, "");
            entry = undo;
        }
        // Where no outcome leads to the rollback, faults have to.
        if failing.is_empty() || self.dice.once_in(2) {
            let trigger = self.sketch.node(STEP, "Give up", 0);
            self.sketch.arrow(trigger, entry, "");
            entry = trigger;
        }
        self.connect(&failing, entry);
    }
}
