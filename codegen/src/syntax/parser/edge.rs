use super::Parser;
use crate::source::Span;
use crate::syntax::lexer::{Kind, Token};
use crate::syntax::{Direction, Edge, Handle, Reference, SyntaxError};

/// One end of an edge, and the span where its handle belongs if it is missing.
struct End {
    handle: Handle,
    missing: Option<Span>,
}

impl Parser<'_> {
    /// Reads an edge; `None` if it does not lead from a node to a node, which is an error.
    pub(super) fn edge(&mut self) -> Option<Edge> {
        let ends = self.ends();
        let Some((from, to)) = ends else {
            self.abandon_line();
            return None;
        };
        self.missing_handle(&from, Direction::Right);
        self.missing_handle(&to, Direction::Left);
        let unbracketed = self.place_for_brackets();
        let attributes = self.bracketed_attributes();
        Some(Edge { from: from.handle, to: to.handle, attributes, unbracketed })
    }

    fn ends(&mut self) -> Option<(End, End)> {
        let from = self.end()?;
        self.arrow()?;
        let next = self.cursor.peek();
        if next.kind != Kind::Word || (next.first_in_line && self.item_ahead()) {
            self.expected("the target of the arrow");
            return None;
        }
        Some((from, self.end()?))
    }

    /// Takes `->` or a similar sign; or nothing, if the second node follows at once.
    fn arrow(&mut self) -> Option<()> {
        let next = self.cursor.peek();
        match next.kind {
            Kind::Arrow => {
                self.cursor.bump();
            }
            Kind::ArrowLike => {
                self.errors.push(SyntaxError::WrongArrow { span: next.span });
                self.cursor.bump();
            }
            Kind::Word if !next.first_in_line && self.cursor.second() == Kind::Dot => self.expected("`->`"),
            _ => {
                self.expected("`->`");
                return None;
            }
        }
        Some(())
    }

    /// `Lane.n1.handle(left)`, `n1.handle(left)` or `n1`
    fn end(&mut self) -> Option<End> {
        let id = self.cursor.bump();
        let mut node = Reference { lane: None, id: self.cursor.word(id) };
        while self.cursor.eat(Kind::Dot).is_some() {
            let Some(word) = self.cursor.eat(Kind::Word) else {
                self.expected("an id");
                return None;
            };
            if self.cursor.text(word.span) == "handle" && !self.cursor.at(Kind::Dot) {
                return Some(self.handle(node, word));
            }
            if let Some(extra) = node.lane {
                self.errors.push(SyntaxError::Unexpected { span: extra.span });
            }
            node = Reference { lane: Some(node.id), id: self.cursor.word(word) };
        }
        let missing = Some(Span::new(node.id.span.end, node.id.span.end));
        Some(End { handle: Handle { node, direction: None }, missing })
    }

    /// Reads the `(left)` after `node.handle`.
    fn handle(&mut self, node: Reference, keyword: Token) -> End {
        let mut place = Span::new(node.id.span.end, keyword.span.end);
        let mut direction = None;
        let mut unknown = false;
        if self.cursor.eat(Kind::OpenParen).is_some() {
            if let Some(word) = self.cursor.eat(Kind::Word) {
                direction = Direction::named(self.cursor.text(word.span));
                unknown = direction.is_none();
                if unknown {
                    let direction = self.cursor.word(word);
                    self.errors.push(SyntaxError::UnknownDirection { direction });
                }
            }
            self.closing_paren();
            place.end = self.cursor.last().span.end;
        }
        let missing = (direction.is_none() && !unknown).then_some(place);
        End { handle: Handle { node, direction }, missing }
    }

    /// Takes `)`, and skips other text before it, which is an error.
    fn closing_paren(&mut self) {
        if self.cursor.eat(Kind::CloseParen).is_some() {
            return;
        }
        self.expected("`)`");
        while !self.cursor.peek().first_in_line
            && matches!(self.cursor.peek().kind, Kind::Word | Kind::Other | Kind::Comma | Kind::String { .. })
        {
            self.cursor.bump();
        }
        self.cursor.eat(Kind::CloseParen);
    }

    /// The empty span after a complete edge without brackets.
    fn place_for_brackets(&self) -> Option<Span> {
        let (last, next) = (self.cursor.last(), self.cursor.peek());
        let is_behind = next.first_in_line || matches!(next.kind, Kind::Word | Kind::CloseBrace | Kind::End);
        (last.kind == Kind::CloseParen && is_behind).then_some(Span::new(last.span.end, last.span.end))
    }

    fn missing_handle(&mut self, end: &End, usual: Direction) {
        if let Some(place) = end.missing {
            let node = end.handle.node.id.clone();
            self.errors.push(SyntaxError::MissingHandle { node, place, usual });
        }
    }
}
