//! Tokens to the tree.
//!
//! New lines are white space, except where something went wrong: then the rest of the line is left
//! out, never more. A file an item; what can be said of it is reported by the file that reads it.

mod attribute;
mod bracket;
mod cursor;
mod edge;
mod lane;
mod node;
mod recovery;
mod repetition;
mod start;

use crate::finding::Sink;
use crate::rules::f007_node_outside_lane;
use crate::syntax::lexer::Kind;
use crate::syntax::{Drawing, Item, Word};
use cursor::Cursor;
use start::Start;

/// Reads a drawing: everything in `text` that can be understood. What can't goes into `sink`.
///
/// ```
/// use flowgen_codegen::finding::Sink;
/// use flowgen_codegen::syntax::{Item, parse};
///
/// let mut sink = Sink::default();
/// let drawing = parse("Shop { n1: circle label:\"Start\" n2: hexagon }", &mut sink);
/// let [Item::Lane(shop)] = &drawing.items[..] else { unreachable!() };
/// assert_eq!(shop.items.len(), 2);
/// assert_eq!(sink.into_sorted()[0].message, "unknown shape `hexagon`");
/// ```
#[must_use]
pub fn parse(text: &str, sink: &mut Sink) -> Drawing {
    let cursor = Cursor::new(text);
    let mut parser = Parser { cursor, sink, incomplete: false, nameless: 0, left_open: 0 };
    let items = parser.items(None);
    Drawing { items, incomplete: parser.incomplete }
}

struct Parser<'t, 's> {
    cursor: Cursor<'t>,
    sink: &'s mut Sink,
    /// Text was left out that may have held a node or an arrow.
    incomplete: bool,
    /// How many `{` without a lane's name are open in the current lane, or outside of all lanes.
    nameless: usize,
    /// How many lanes were taken to end before their `}`, which may follow yet.
    left_open: usize,
}

impl Parser<'_, '_> {
    /// Reads what stands in `lane`, or in the drawing. A lane ends before its `}`, before another
    /// lane, or at the end.
    fn items(&mut self, lane: Option<&Word>) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            items.extend(self.cursor.take_comments().into_iter().map(Item::Comment));
            match self.cursor.peek().kind {
                Kind::End => return items,
                Kind::CloseBrace if lane.is_some() && self.nameless == 0 => return items,
                Kind::CloseBrace => self.closing_brace(),
                Kind::OpenBrace => self.nameless_lane(),
                _ => match self.start(lane.is_some()) {
                    Start::Lane if lane.is_some() => return items,
                    start => items.extend(self.item(start, lane.is_some())),
                },
            }
        }
    }

    fn item(&mut self, start: Start, in_lane: bool) -> Option<Item> {
        match start {
            Start::Lane => Some(Item::Lane(self.lane())),
            Start::Node => {
                let node = self.node();
                if !in_lane && self.nameless == 0 {
                    f007_node_outside_lane::report(self.sink, &node.id);
                }
                Some(Item::Node(node))
            }
            Start::Edge => self.edge().map(Item::Edge),
            Start::Loop => Some(Item::Loop(self.repetition())),
            Start::Unexpected => {
                self.unexpected();
                None
            }
        }
    }
}
