use crate::graph::NodeIx;
use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::declaration::NodeName;

/// What is wrong with the meaning of a declaration that was read.
///
/// Plain data. The rules F502 and F505 turn it into findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataError {
    /// An item names a node that does not exist. It is left out.
    UnknownNode {
        /// The name, as written.
        name: NodeName,
    },
    /// An item names several nodes. It is left out.
    AmbiguousNode {
        /// The name, as written.
        name: NodeName,
        /// The nodes.
        nodes: Vec<NodeIx>,
    },
    /// A second item names a node. It is left out.
    SecondItem {
        /// The name in the second item.
        span: Span,
        /// The node.
        node: NodeIx,
        /// The name in the first item.
        first: Span,
    },
    /// A node takes a name that no item gives.
    UnknownName {
        /// The name.
        name: Word,
    },
    /// A name that the generated code uses for something else.
    ReservedName {
        /// The name.
        name: Word,
    },
    /// A name that a `use` line imports, too.
    ImportedName {
        /// The name.
        name: Word,
        /// The name in the `use` line.
        import: Span,
    },
    /// A name is given with two types. The first one counts.
    TwoTypes {
        /// The name, where it is given with the second type.
        name: Word,
        /// The second type.
        type_text: String,
        /// The name, where it is given first.
        first: Span,
        /// The first type.
        first_type: String,
    },
    /// A type that no `use` line and no prelude has.
    UnknownType {
        /// The first word of its path.
        root: Word,
    },
    /// An item takes a name twice.
    TakenTwice {
        /// The name.
        name: Word,
        /// The second input.
        span: Span,
        /// The first input.
        first: Span,
    },
    /// A node takes a name in another form than `take`, and another node moves its values.
    NotMoved {
        /// The name.
        name: Word,
        /// The input that does not move.
        span: Span,
        /// The input that moves.
        moved: Span,
    },
    /// A node of this kind takes nothing.
    TakesNothing {
        /// The node.
        node: NodeIx,
        /// Its first input.
        span: Span,
    },
    /// A node of this kind gives nothing.
    GivesNothing {
        /// The node.
        node: NodeIx,
        /// The name of the node in the item.
        span: Span,
    },
    /// An item names an outcome that the decision does not have.
    UnknownOutcome {
        /// The outcome.
        outcome: Word,
        /// The decision.
        decision: NodeIx,
    },
    /// An item names an outcome twice.
    OutcomeTwice {
        /// The outcome.
        outcome: Word,
        /// The same outcome before.
        first: Span,
    },
    /// An item does not name all outcomes of the decision.
    UnlistedOutcome {
        /// The name of the step in the item.
        span: Span,
        /// The decision.
        decision: NodeIx,
        /// The outcome, an index of the decision's `next`.
        outcome: usize,
    },
    /// An item lists outcomes, but no decision can be fused with its node.
    NotFusable {
        /// The node.
        node: NodeIx,
        /// The name of the node in the item.
        span: Span,
        /// Why.
        why: NotFusable,
    },
    /// An item is about a decision that is fused with the step before it.
    FusedDecision {
        /// The name of the decision in its item.
        span: Span,
        /// The decision.
        decision: NodeIx,
        /// The step.
        step: NodeIx,
    },
    /// It is unknown which outcomes of a compensable step mean that it is done.
    DoneUnnamed {
        /// The step.
        step: NodeIx,
        /// The name of the step in the item.
        span: Span,
    },
    /// Two outcomes that mean done do not give the same.
    DoneDiffers {
        /// The name of the one after `done:`.
        first: Word,
        /// The name of the other.
        second: Word,
    },
    /// An item has `done:`, but its node has no compensation or no outcomes.
    DoneUnused {
        /// The first outcome after `done:`.
        span: Span,
        /// The node.
        node: NodeIx,
    },
}

/// Why no decision can be fused with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFusable {
    /// Its only edge does not lead to a decision, or it has none or several.
    NoDecision,
    /// The decision is in another lane.
    OtherLane {
        /// The decision.
        decision: NodeIx,
        /// The edge to it.
        edge: Span,
    },
    /// Another edge leads to the decision.
    OtherSource {
        /// The decision.
        decision: NodeIx,
        /// The source of the other edge.
        from: NodeIx,
        /// The other edge.
        edge: Span,
    },
}
