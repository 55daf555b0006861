//! The meaning of a drawing: references resolved, compensations paired, joins found, everything named.
//!
//! [`build`] always returns a model that satisfies its invariants, and the errors of the drawing. Parts
//! that could not be resolved are left out, so that valid parts can be emitted beside the errors.
//!
//! Invariants, after `build`:
//! - every [`NodeIx`] and [`LaneIx`] in a model is in range;
//! - names are valid Rust identifiers, unique where they have to be (see [`Names`]);
//! - only decisions have more than one edge in `next` without a fork; a fork's `next` has distinct targets, none of
//!   them the join;
//! - `undoes` and `undone_by` mirror each other; a compensation is never itself undone.

mod build;
pub(crate) mod compensation;
pub mod data;
pub(crate) mod declaration;
mod declare;
mod error;
pub(crate) mod joins;
mod loops;
mod meaning_hash;
mod names;
mod natural_order;
mod resolve;
mod role;
pub(crate) mod rollback;

use std::ops::{Index, IndexMut};

pub use build::build;
pub use data::Data;
pub(crate) use declaration::declared_name;
pub use declaration::{DataError, NotFusable, declare_data};
pub use error::{Misdrawn, ModelError};
pub(crate) use loops::BoundReading;
pub use meaning_hash::meaning_hash;
pub use role::Role;
pub(crate) use role::{misspelled_message, misspelled_undo};

use crate::graph::Graph;
pub use crate::graph::NodeIx;
use crate::source::Span;
use crate::syntax::Word;

/// The index of a lane in [`Model::lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneIx(pub usize);

/// A whole workflow.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The lanes, in the order drawn.
    pub lanes: Vec<Lane>,
    /// The nodes, in the order drawn; implied decisions come last.
    pub nodes: Vec<Node>,
    /// How many of the nodes are drawn; the others are implied.
    pub drawn: usize,
    /// The loops, as drawn: bounds and conditions on cycles.
    pub loops: Vec<Loop>,
    /// Circles that no edge leads to.
    pub starts: Vec<NodeIx>,
    /// Circles that no edge leaves.
    pub ends: Vec<NodeIx>,
    /// The rollback trigger, where exactly one is drawn.
    pub trigger: Option<NodeIx>,
    /// Pairs of a step and its compensation that were inferred from labels.
    pub inferred_pairs: Vec<InferredPair>,
    /// The edges back that loops imply.
    pub implied_ways_back: Vec<ImpliedWayBack>,
    /// Drawn edges of control that are in no `next`, with their sources: parallel edges and returns of calls.
    pub dropped: Vec<(NodeIx, Arrow)>,
    /// What the nodes take and give, if it is declared. Otherwise all of them share a context.
    pub data: Option<Data>,
    /// Text could not be read, or a reference not resolved. It may have held anything that seems to be
    /// missing.
    pub incomplete: bool,
}

/// A step and its compensation, paired by their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InferredPair {
    /// The step.
    pub step: NodeIx,
    /// The compensation.
    pub compensation: NodeIx,
}

/// An edge back that a loop implies without its being drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpliedWayBack {
    /// The word `loop`.
    pub keyword: Span,
    /// The last node of the loop.
    pub from: NodeIx,
    /// The first node of the loop.
    pub to: NodeIx,
    /// An implied decision after `from` leads back, or on.
    pub is_decision: bool,
}

/// A lane: a service.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The name, as drawn.
    pub name: Word,
    /// The label, as drawn; without one, the name.
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
    /// The label, as drawn; without one, the id.
    pub label: Word,
    /// The lane it was declared in.
    pub lane: LaneIx,
    /// The kind.
    pub kind: Kind,
    /// The names in the code.
    pub names: Names,
    /// Attributes other than the label: owner, description, system.
    pub attributes: Vec<(Word, Word)>,
    /// Edges of control: to the one successor, a decision's outcomes, or the branches of a fork.
    pub next: Vec<Arrow>,
    /// `async:` edges: messages.
    pub sends: Vec<Arrow>,
    /// The node where the branches of a fork meet, if they do.
    pub join: Option<NodeIx>,
    /// The steps that this node undoes. It is a compensation if there are any.
    pub undoes: Vec<NodeIx>,
    /// The compensation that undoes this step.
    pub undone_by: Option<NodeIx>,
    /// It is a rollback trigger: all its edges lead to compensations, and it is none.
    pub is_trigger: bool,
    /// It is a compensation, and a run that enters it along an edge rolls back: no path leads from it on to
    /// the flow.
    pub rolls_back: bool,
    /// An edge that leaves it was left out of the model, or may have been.
    pub may_lack_arrows: bool,
}

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A circle that no edge leads to: an entry point.
    Start,
    /// A circle that no edge leaves: a way for the flow to end.
    End,
    /// A circle in between, which observers see.
    Milestone,
    /// A rectangle: work that a service does.
    Step,
    /// A taskbox: work that a person does.
    Task,
    /// A diamond: chooses one of its outcomes.
    Decision,
}

/// The names of a node in the code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The trait method: `order_created`. Unique in the lane. Empty for circles.
    pub method: String,
    /// A decision's enum: `OrderCreated`. Unique in the lane, and no trait's name. Empty for other kinds.
    pub type_name: String,
    /// The variant of `Node`, `Start` and `End`: `OrderCreated`. Unique in the drawing.
    pub variant: String,
}

/// An edge that leaves a node.
#[derive(Clone, Debug)]
pub struct Arrow {
    /// The target.
    pub to: NodeIx,
    /// The label, as drawn; without `async:` on a message.
    pub label: Option<Word>,
    /// The outcome's variant, if the source is a decision; unique there. Else empty.
    pub outcome: String,
    /// The source and the target, as drawn.
    pub span: Span,
    /// Without a label: the empty span at which one can be inserted.
    pub unlabeled: Option<Span>,
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
    /// How many passes a run may make; `None` if the text has no bound.
    pub bound: Option<u32>,
    /// How the bound was read.
    pub(crate) reading: BoundReading,
}

impl Arrow {
    /// The span of the label; without one, that of the source and the target.
    #[must_use]
    pub fn label_span(&self) -> Span {
        self.label.as_ref().map_or(self.span, |label| label.span)
    }
}

impl Node {
    /// Does this node undo others?
    #[must_use]
    pub fn is_compensation(&self) -> bool {
        !self.undoes.is_empty()
    }

    /// Do several branches begin here?
    #[must_use]
    pub fn is_fork(&self) -> bool {
        self.kind != Kind::Decision && self.next.len() > 1
    }

    /// Is it a step or a task: work that can have an effect?
    #[must_use]
    pub fn is_work(&self) -> bool {
        matches!(self.kind, Kind::Step | Kind::Task)
    }

    /// Is it a circle that runs pass at once?
    #[must_use]
    pub fn is_passed(&self) -> bool {
        matches!(self.kind, Kind::Start | Kind::Milestone)
    }

    /// Is it a circle that runs pass at once, or a compensation, which they pass if it has nothing to undo?
    #[must_use]
    pub fn may_be_passed(&self) -> bool {
        self.is_passed() || self.is_compensation()
    }

    /// Does a lane implement a method for it?
    #[must_use]
    pub fn is_implemented(&self) -> bool {
        self.is_work() || self.kind == Kind::Decision
    }

    /// Does a run that enters this node along an edge roll back from here on?
    #[must_use]
    pub fn begins_rollback(&self) -> bool {
        self.is_trigger || self.rolls_back
    }
}

impl Loop {
    /// Does this loop contain all nodes of the other one, and more?
    #[must_use]
    pub fn is_around(&self, inner: &Self) -> bool {
        let holds = |node| self.nodes.binary_search(node).is_ok();
        self.nodes.len() > inner.nodes.len() && inner.nodes.iter().all(holds)
    }
}

impl Model {
    /// The loops whose passes a run counts: those with a bound, and those around them, each pass of which
    /// resets the inner count.
    pub fn counted_loops(&self) -> impl Iterator<Item = &Loop> {
        let bounded = || self.loops.iter().filter(|inner| inner.bound.is_some());
        self.loops
            .iter()
            .filter(move |looped| looped.bound.is_some() || bounded().any(|inner| looped.is_around(inner)))
    }

    /// The indexes of all nodes.
    pub fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..self.nodes.len()).map(NodeIx)
    }

    /// The indexes of all forks.
    pub(crate) fn forks(&self) -> impl Iterator<Item = NodeIx> {
        self.indices().filter(|&node| self[node].is_fork())
    }

    fn pair(&mut self, step: NodeIx, compensation: NodeIx) {
        self[step].undone_by = Some(compensation);
        self[compensation].undoes.push(step);
    }

    fn unpair(&mut self, step: NodeIx, compensation: NodeIx) {
        self[step].undone_by = None;
        self[compensation].undoes.retain(|&undone| undone != step);
    }

    /// The graph of all edges of control.
    pub(crate) fn control(&self) -> Graph {
        let edges: Vec<_> = self
            .indices()
            .flat_map(|from| self[from].next.iter().map(move |arrow| (from, arrow.to)))
            .collect();
        Graph::new(self.nodes.len(), &edges)
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
