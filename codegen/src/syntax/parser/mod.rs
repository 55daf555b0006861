//! Tokens to the tree.
//!
//! Line ends are white space. After an error, at most the rest of the line is skipped. Each kind of item has
//! a file.

mod attribute;
mod bracket;
mod cursor;
mod edge;
mod lane;
mod loops;
mod node;
mod recovery;
mod start;

use crate::syntax::declaration::Inline;
use crate::syntax::lexer::Kind;
use crate::syntax::{Drawing, Item, SyntaxError, Word};
use cursor::Cursor;

/// Reads a drawing: everything in `text` that can be read, and its errors, in the order of the
/// text.
///
/// ```
/// use flowgen_codegen::syntax::{Item, SyntaxError, parse};
///
/// let (drawing, errors) = parse("Shop { n1: circle label:\"Start\" n2: hexagon }");
/// let [Item::Lane(shop)] = &drawing.items[..] else { unreachable!() };
/// assert_eq!(shop.items.len(), 2);
/// let [SyntaxError::UnknownShape { shape }] = &errors[..] else { unreachable!() };
/// assert_eq!(shape.text, "hexagon");
/// ```
#[must_use]
pub fn parse(text: &str) -> (Drawing, Vec<SyntaxError>) {
    let (declaration, start) = match Inline::find(text) {
        Inline::None => (None, 0),
        Inline::Closed { declaration, end } => (Some(declaration), end),
        // What follows may be of the declaration or of the drawing.
        Inline::Unclosed { head } => {
            let drawing = Drawing { incomplete: true, ..Drawing::default() };
            return (drawing, vec![SyntaxError::UnclosedDeclaration { span: head }]);
        }
    };
    let cursor = Cursor::new(text, start);
    let mut parser = Parser { cursor, errors: Vec::new(), incomplete: false, nameless: 0, left_open: 0 };
    let items = parser.items(None);
    (Drawing { items, declaration, incomplete: parser.incomplete }, parser.errors)
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    errors: Vec<SyntaxError>,
    /// Text was skipped that may have held a node or an edge.
    incomplete: bool,
    /// How many `{` without a lane's name are open in the current lane, or outside of all lanes.
    nameless: usize,
    /// How many lanes were ended before their `}`, which may still follow.
    left_open: usize,
}

/// What begins at a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Lane,
    Node,
    Edge,
    Loop,
    Unexpected,
}

impl Parser<'_> {
    /// Reads the items of `lane`, or of the drawing. A lane ends before its `}`, before another lane, or at
    /// the end of the text.
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
                    self.errors.push(SyntaxError::NodeOutsideLane { id: node.id.clone() });
                }
                Some(Item::Node(node))
            }
            Start::Edge => self.edge().map(Item::Edge),
            Start::Loop => Some(Item::Loop(self.loop_item())),
            Start::Unexpected => {
                self.unexpected();
                None
            }
        }
    }
}
