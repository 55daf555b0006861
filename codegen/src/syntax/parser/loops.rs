//! `loop [up to 3 times] n5 n6`

use super::Parser;
use crate::source::Span;
use crate::syntax::lexer::Kind;
use crate::syntax::{Loop, Reference, SyntaxError, Word};

impl Parser<'_> {
    pub(super) fn loop_item(&mut self) -> Loop {
        let keyword = self.cursor.bump().span;
        let text = self.loop_text();
        let mut nodes = Vec::new();
        while self.id_ahead() {
            nodes.push(self.reference());
        }
        Loop { keyword, text, nodes }
    }

    fn loop_text(&mut self) -> Word {
        let open = self.cursor.peek();
        if open.kind != Kind::OpenBracket {
            self.expected("`[` and the condition that ends the loop");
            let end = self.cursor.last().span.end;
            return Word { text: String::new(), span: Span::new(end, end) };
        }
        self.cursor.bracketed().unwrap_or_else(|text| {
            let end = text.span.end;
            self.errors.push(SyntaxError::UnclosedBracket { span: open.span, end });
            self.incomplete = true;
            text
        })
    }

    /// Is the next word another id of the loop? They end with the line, or where an item begins.
    fn id_ahead(&self) -> bool {
        let next = self.cursor.peek();
        next.kind == Kind::Word && !next.first_in_line && !self.item_ahead() && !self.handle_ahead()
    }

    /// `n1` or `Lane.n1`
    fn reference(&mut self) -> Reference {
        let first = self.cursor.bump();
        let first = self.cursor.word(first);
        let second = match self.cursor.eat(Kind::Dot) {
            Some(_) => self.cursor.eat(Kind::Word),
            None => None,
        };
        match second {
            Some(id) => Reference { lane: Some(first), id: self.cursor.word(id) },
            None => Reference { lane: None, id: first },
        }
    }
}
