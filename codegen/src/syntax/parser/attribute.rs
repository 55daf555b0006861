//! `label:"Start"` and `label="Yes"`.

use super::Parser;
use crate::syntax::characters::is_quote;
use crate::syntax::lexer::Kind;
use crate::syntax::string::unescape;
use crate::syntax::{Attribute, Node, Shape, SyntaxError, Word};

impl Parser<'_> {
    /// Does an attribute of a node begin here? It has a string, or at least a key that tells it
    /// from a node on the same line.
    pub(super) fn attribute_ahead(&self) -> bool {
        let key = self.cursor.peek();
        let mut ahead = self.cursor.ahead();
        if key.kind != Kind::Word || !ahead.next().is_some_and(|token| is_separator(token.kind)) {
            return false;
        }
        let value = ahead.next();
        if value.is_some_and(|value| matches!(value.kind, Kind::String { .. })) {
            return true;
        }
        let is_node = value.is_some_and(|value| Shape::named(self.cursor.text(value.span)).is_some());
        !key.first_in_line && !is_node && Node::KEYS.contains(&self.cursor.text(key.span))
    }

    /// Takes an attribute; `None` if its value is no string, which is an error and is not taken.
    pub(super) fn attribute(&mut self, separator: Kind) -> Option<Attribute> {
        let key = self.cursor.bump();
        let key = self.cursor.word(key);
        self.separator(separator);
        if !matches!(self.cursor.peek().kind, Kind::String { .. }) {
            self.expected("a string in quotes");
            return None;
        }
        let closing = if separator == Kind::Equals { Some(']') } else { None };
        Some(Attribute { key, value: self.string(closing) })
    }

    /// Takes `:` or `=`, whichever it is; `right` is the one that belongs there.
    pub(super) fn separator(&mut self, right: Kind) {
        let token = self.cursor.bump();
        if token.kind != right {
            let (right, on) = if right == Kind::Colon { (":", "a node") } else { ("=", "an arrow") };
            self.errors.push(SyntaxError::WrongSeparator { span: token.span, right, on });
        }
    }

    /// Takes a string. An unclosed one does not include the `closing` at its end.
    pub(super) fn string(&mut self, closing: Option<char>) -> Word {
        let token = self.cursor.bump();
        let quoted = self.cursor.text(token.span);
        let inner = quoted.strip_prefix(is_quote).unwrap_or(quoted);
        let inner = if token.kind == (Kind::String { closed: true }) {
            inner.strip_suffix(is_quote).unwrap_or(inner)
        } else {
            let kept = closing.and_then(|closing| inner.strip_suffix(closing)).unwrap_or(inner);
            let end = token.span.end - (inner.len() - kept.len());
            self.errors.push(SyntaxError::UnclosedString { span: token.span, end });
            kept
        };
        Word { text: unescape(inner), span: token.span }
    }
}

pub(super) fn is_separator(kind: Kind) -> bool {
    matches!(kind, Kind::Colon | Kind::Equals)
}
