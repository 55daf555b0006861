//! A drawing as it is meant: references resolved, roles known, everything named.
//!
//! Built by [`build`], which always returns a model that hangs together, whatever was wrong with
//! the drawing: what could not be resolved is left out and reported. That is what lets valid parts
//! be emitted beside the errors.
//!
//! Invariants, after `build`:
//! - every [`NodeIx`] and [`LaneIx`] in a model is in range;
//! - names are valid Rust identifiers, unique where they have to be (see [`Names`]);
//! - only decisions have more than one arrow in `next` without a fork; a fork's `next` holds
//!   distinct targets, none of them the join;
//! - `undoes` and `undone_by` mirror each other; a compensation is never itself undone.

pub(crate) mod budget;
mod build;
pub(crate) mod compensation;
mod declare;
pub(crate) mod dominators;
pub(crate) mod finishing;
pub(crate) mod fork;
pub(crate) mod graph;
mod hash;
mod ids;
mod kind;
mod names;
mod repetition;
mod resolve;
mod role;

use std::ops::{Index, IndexMut};

pub use build::build;
pub use hash::meaning_hash;
pub(crate) use names::Lost;
pub(crate) use repetition::Added;
pub(crate) use resolve::{Association, DrawnLoop};
pub use role::Role;

use crate::source::Span;
use crate::syntax::Word;

/// A node's place in [`Model::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIx(pub usize);

/// A lane's place in [`Model::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneIx(pub usize);

/// A whole workflow.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The lanes, in the order drawn.
    pub lanes: Vec<Lane>,
    /// The nodes, in the order drawn; decisions that a loop implies come last.
    pub nodes: Vec<Node>,
    /// The loops, as drawn: bounds and conditions on cycles.
    pub loops: Vec<Loop>,
    /// Circles that nothing leads to.
    pub starts: Vec<NodeIx>,
    /// Circles that lead nowhere.
    pub ends: Vec<NodeIx>,
    /// The rollback trigger, where exactly one is drawn.
    pub trigger: Option<NodeIx>,
    /// Something could not be read or resolved, so what seems to be missing may have been there.
    pub incomplete: bool,
}

/// A lane: a service.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The name, as drawn.
    pub name: Word,
    /// The label, as drawn; where none is drawn, the name.
    pub label: Word,
    /// The module and the field of `Flow`: `order_service`.
    pub module: String,
    /// The trait and the type parameter of `Flow`: `OrderService`.
    pub type_name: String,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// The id, as drawn.
    pub id: Word,
    /// The label, as drawn; where none is drawn, the id.
    pub label: Word,
    /// The lane it was declared in.
    pub lane: LaneIx,
    /// What it is.
    pub kind: Kind,
    /// What the code calls it.
    pub names: Names,
    /// Attributes other than the label: owner, description, system.
    pub attributes: Vec<(Word, Word)>,
    /// Where control goes: the one successor, a decision's outcomes, or the branches of a fork.
    pub next: Vec<Arrow>,
    /// `async:` arrows: messages that nobody waits for.
    pub sends: Vec<Arrow>,
    /// Where the branches of a fork meet, if they do.
    pub join: Option<NodeIx>,
    /// The steps that this node undoes. Not empty: it is a compensation.
    pub undoes: Vec<NodeIx>,
    /// The compensation that undoes this step.
    pub undone_by: Option<NodeIx>,
    /// All its arrows go to compensations, and it is none.
    pub is_trigger: bool,
    /// For a compensation: a run that enters it on a drawn arrow is rolling back, because nothing
    /// but rollback lies behind it.
    pub rolls_back: bool,
    /// An arrow that leaves it was left out of the model, or may have been.
    pub may_lack_arrows: bool,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A circle that nothing leads to: an entry point.
    Start,
    /// A circle that leads nowhere: a way for the flow to end.
    End,
    /// A circle in between, which observers see.
    Milestone,
    /// A rectangle: something is done.
    Step,
    /// A taskbox: a person does something.
    Task,
    /// A diamond: which way to go.
    Decision,
}

/// What the code calls a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The trait method: `order_created`. Unique in the lane. Empty where nobody implements anything.
    pub method: String,
    /// A decision's enum: `OrderCreated`. Unique in the lane, and no trait's name. Empty elsewhere.
    pub type_name: String,
    /// The variant of `Node`, `Start` and `End`: `OrderCreated`. Unique in the drawing.
    pub variant: String,
}

/// An arrow that leaves a node.
#[derive(Clone, Debug)]
pub struct Arrow {
    /// Where it points.
    pub to: NodeIx,
    /// The label, as drawn; without `async:` on a message.
    pub label: Option<Word>,
    /// The outcome's variant, on an arrow that leaves a decision; unique there. Empty elsewhere.
    pub outcome: String,
    /// The arrow's source and target, as drawn.
    pub span: Span,
    /// Without a label: the empty place where one can be put.
    pub unlabelled: Option<Span>,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The text in brackets.
    pub text: Word,
    /// The node at which a pass begins.
    pub head: NodeIx,
    /// All its nodes, the head among them, sorted.
    pub nodes: Vec<NodeIx>,
    /// How many passes a run may make; `None` where the text gives only a condition.
    pub bound: Option<u32>,
}

impl Node {
    /// Is this node there to undo others?
    #[must_use]
    pub fn is_compensation(&self) -> bool {
        !self.undoes.is_empty()
    }

    /// Do several branches start here?
    #[must_use]
    pub fn is_fork(&self) -> bool {
        self.kind != Kind::Decision && self.next.len() > 1
    }

    /// Does somebody have to write code for it?
    #[must_use]
    pub fn is_implemented(&self) -> bool {
        matches!(self.kind, Kind::Step | Kind::Task | Kind::Decision)
    }
}

impl Loop {
    /// Does this loop hold all nodes of the other one, and more?
    #[must_use]
    pub fn is_around(&self, inner: &Self) -> bool {
        let holds = |node| self.nodes.binary_search(node).is_ok();
        self.nodes.len() > inner.nodes.len() && inner.nodes.iter().all(holds)
    }
}

impl Model {
    /// The loops that a run counts: those with a bound, and those around them, each pass of which starts the
    /// inner count anew.
    pub fn counted_loops(&self) -> impl Iterator<Item = &Loop> {
        let bounded = || self.loops.iter().filter(|inner| inner.bound.is_some());
        self.loops
            .iter()
            .filter(move |looped| looped.bound.is_some() || bounded().any(|inner| looped.is_around(inner)))
    }

    /// The places of all nodes.
    pub fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.nodes.len()).map(NodeIx)
    }
}

impl Index<NodeIx> for Model {
    type Output = Node;

    fn index(&self, ix: NodeIx) -> &Node {
        &self.nodes[ix.0]
    }
}

impl IndexMut<NodeIx> for Model {
    fn index_mut(&mut self, ix: NodeIx) -> &mut Node {
        &mut self.nodes[ix.0]
    }
}

impl Index<LaneIx> for Model {
    type Output = Lane;

    fn index(&self, ix: LaneIx) -> &Lane {
        &self.lanes[ix.0]
    }
}
