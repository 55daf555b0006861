//! `[label="Yes"]`

use super::Parser;
use super::attribute::is_separator;
use crate::syntax::lexer::{Kind, Token};
use crate::syntax::{Attribute, SyntaxError};

impl Parser<'_> {
    /// Reads the attributes of an edge, if it has any.
    pub(super) fn bracketed_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        let Some(open) = self.cursor.eat(Kind::OpenBracket) else { return attributes };
        while self.bracket_goes_on() {
            let Some(attribute) = self.bracketed_attribute() else {
                self.skip_bracket();
                return attributes;
            };
            attributes.push(attribute);
        }
        self.closing_bracket(open);
        // Most have one, and there may be a million of them.
        attributes.shrink_to_fit();
        attributes
    }

    /// Is there more in the brackets? On another line only an obvious attribute is.
    fn bracket_goes_on(&self) -> bool {
        let next = self.cursor.peek();
        match next.kind {
            Kind::CloseBracket | Kind::CloseBrace => false,
            _ => !next.first_in_line || self.attribute_ahead(),
        }
    }

    fn bracketed_attribute(&mut self) -> Option<Attribute> {
        if !(self.cursor.at(Kind::Word) && is_separator(self.cursor.second())) {
            self.expected("`label=`");
            return None;
        }
        let attribute = self.attribute(Kind::Equals);
        self.cursor.eat(Kind::Comma);
        attribute
    }

    /// Takes `]`. It is not reported as missing if an unclosed string has taken it, which is an error
    /// already.
    fn closing_bracket(&mut self, open: Token) {
        let last = self.cursor.last();
        if self.cursor.eat(Kind::CloseBracket).is_none() && last.kind != (Kind::String { closed: false }) {
            self.errors.push(SyntaxError::UnclosedBracket { span: open.span, end: last.span.end });
        }
    }

    /// Skips the rest of the brackets.
    fn skip_bracket(&mut self) {
        while !self.cursor.peek().first_in_line
            && !matches!(self.cursor.peek().kind, Kind::OpenBrace | Kind::CloseBrace)
        {
            if self.cursor.bump().kind == Kind::CloseBracket {
                return;
            }
        }
        self.abandon_line();
    }
}
