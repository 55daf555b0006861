use super::{LaneIx, NodeIx};
use crate::source::Span;
use crate::syntax::Word;

/// Errors and ambiguities in the meaning of a drawing.
///
/// Plain data. Nodes and lanes are those of the model that is returned beside it. The rules turn it into
/// findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    /// Two nodes have one id.
    DuplicateId {
        /// The first node, which edges with this id lead to.
        first: NodeIx,
        /// The other node.
        second: NodeIx,
    },
    /// Two lanes have one name.
    DuplicateLane {
        /// The first lane, which has the nodes of both.
        first: LaneIx,
        /// The name of the second.
        second: Word,
    },
    /// An edge or a loop names a node that does not exist. It is left out.
    UnknownNode {
        /// The id.
        id: Word,
    },
    /// An edge or a loop names a node with the name of a lane that it is not in.
    WrongLane {
        /// The lane that is written.
        lane: Word,
        /// The node.
        node: NodeIx,
    },
    /// An edge leads to a node of another lane without naming the lane.
    MissingLane {
        /// The id, as written at the edge.
        id: Word,
        /// The node.
        node: NodeIx,
    },
    /// A loop lists a circle that no edge leaves. It is taken off the list.
    LoopOverEnd {
        /// The word `loop`.
        keyword: Span,
        /// The circle.
        end: NodeIx,
    },
    /// A loop has no edge back, and several edges leave its last node, so none is implied.
    LoopWithoutWayBack {
        /// The word `loop`.
        keyword: Span,
        /// The last node.
        last: NodeIx,
    },
    /// An edge labeled `compensated by` connects nodes that can be no pair. It is left out.
    MisdrawnCompensation {
        /// The edge.
        span: Span,
        /// The source.
        step: NodeIx,
        /// The target.
        compensation: NodeIx,
        /// The error.
        misdrawn: Misdrawn,
    },
    /// A second edge labeled `compensated by` leaves a step. It is left out.
    SecondCompensation {
        /// The second edge.
        span: Span,
        /// The step.
        step: NodeIx,
        /// The compensation of the first edge.
        first: NodeIx,
    },
    /// The label of a node names a compensation, but it compensates no step.
    UnpairedCompensation {
        /// The node.
        node: NodeIx,
    },
    /// It is unknown which step these compensations undo: the search was stopped.
    UndecidedPairs {
        /// The compensations; not empty.
        nodes: Vec<NodeIx>,
    },
    /// A lane has another name in the code than it would have alone.
    RenamedLane {
        /// The lane.
        lane: LaneIx,
        /// Its name in the code.
        name: String,
        /// The lane that has the plain name.
        taken_by: LaneIx,
    },
    /// A node has another name in the code than it would have alone.
    RenamedNode {
        /// The node.
        node: NodeIx,
        /// Its name in the code.
        name: String,
        /// The node that has the plain name; `None` if its lane has it.
        taken_by: Option<NodeIx>,
    },
    /// An outcome has another name in the code than it would have alone.
    RenamedOutcome {
        /// The decision.
        decision: NodeIx,
        /// The outcome, an index of the decision's `next`.
        outcome: usize,
        /// Its name in the code.
        name: String,
        /// The outcome that has the plain name.
        taken_by: usize,
    },
}

/// Why an edge labeled `compensated by` makes no pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdrawn {
    /// It leaves a circle or a diamond.
    NothingToUndo,
    /// It leads to a circle or a diamond.
    CannotUndo,
    /// It leads from a step to itself.
    Itself,
    /// It leaves a compensation.
    UndoneUndo,
}
