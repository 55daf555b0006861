use super::{Direction, Word};
use crate::source::Span;

/// A syntax error: text that could not be read, or was read as something else than it is.
///
/// Plain data. The rules F001 to F008 turn it into findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// The text at `span` begins no item and continues none.
    Unexpected {
        /// The text.
        span: Span,
    },
    /// Other text was found where `expected` belongs.
    Instead {
        /// The text that was found.
        found: Span,
        /// What belongs there.
        expected: &'static str,
    },
    /// The line ends where `expected` belongs.
    Missing {
        /// The last token before.
        after: Span,
        /// What belongs there.
        expected: &'static str,
    },
    /// A lane has no `{`.
    MissingBrace {
        /// The lane's name.
        lane: Word,
    },
    /// Another sign was found where `->` belongs.
    WrongArrow {
        /// The sign.
        span: Span,
    },
    /// A `#` that begins no label of a lane.
    StrayHash {
        /// The `#`.
        span: Span,
    },
    /// A `{` without the name of a lane.
    NamelessLane {
        /// The `{`.
        span: Span,
    },
    /// The name of a lane is more than one word.
    LaneNameOfSeveralWords {
        /// The name as written.
        span: Span,
        /// The name as one word; references use this one.
        joined: String,
    },
    /// The declaration of a node names a lane before the id.
    NodePrefix {
        /// The lane and the dot.
        span: Span,
    },
    /// A `}` that closes no lane.
    StrayBrace {
        /// The `}`.
        span: Span,
    },
    /// A `[` without its `]`.
    UnclosedBracket {
        /// The `[`.
        span: Span,
        /// The byte at which the `]` belongs.
        end: usize,
    },
    /// A lane without its `}`.
    UnclosedLane {
        /// The lane's name.
        lane: Word,
        /// The name of the lane that begins instead; `None` at the end of the drawing.
        next: Option<Word>,
    },
    /// A declaration before a drawing without its `}]`.
    UnclosedDeclaration {
        /// The text up to the `{`.
        span: Span,
    },
    /// An item of a declaration in a form that is reserved for later versions: `payment_confirmed = wait;`.
    NotBuiltYet {
        /// The beginning of the item.
        span: Span,
    },
    /// A string without its second quote on the same line.
    UnclosedString {
        /// The string.
        span: Span,
        /// The byte at which the quote belongs.
        end: usize,
    },
    /// A node without a shape.
    MissingShape {
        /// The node's id.
        id: Word,
    },
    /// A node with a shape that does not exist.
    UnknownShape {
        /// The shape.
        shape: Word,
    },
    /// A handle with a direction that does not exist.
    UnknownDirection {
        /// The direction.
        direction: Word,
    },
    /// A `:` in place of `=`, or the reverse.
    WrongSeparator {
        /// The separator.
        span: Span,
        /// The right one.
        right: &'static str,
        /// What it belongs to: `a node` or `an arrow`.
        on: &'static str,
    },
    /// A node that is declared outside of all lanes.
    NodeOutsideLane {
        /// The node's id.
        id: Word,
    },
    /// An end of an edge without a direction.
    MissingHandle {
        /// The id of the node.
        node: Word,
        /// The text that the handle replaces; empty if there is none.
        place: Span,
        /// The direction that most edges have at this end.
        usual: Direction,
    },
}
