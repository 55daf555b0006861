//! What is done about text that does not belong where it stands.

use super::Parser;
use crate::rules::f001_unexpected_text::{self as f001, Fault};
use crate::syntax::lexer::Kind;

impl Parser<'_, '_> {
    /// Reports the next token, and leaves out the rest of its line.
    pub(super) fn unexpected(&mut self) {
        let token = self.cursor.peek();
        if token.kind == Kind::Hash {
            f001::report(self.sink, token.span, &Fault::Hash);
            self.cursor.skip_raw_line();
            return;
        }
        f001::report(self.sink, token.span, &Fault::Unexpected(self.cursor.text(token.span)));
        self.cursor.bump();
        self.abandon_line();
    }

    /// Reports that something else stands where `what` should stand, or nothing on that line.
    pub(super) fn expected(&mut self, what: &'static str) {
        let (next, last) = (self.cursor.peek(), self.cursor.last().span);
        if next.first_in_line {
            f001::report(self.sink, last, &Fault::Missing { what, after: self.cursor.text(last) });
        } else {
            f001::report(self.sink, next.span, &Fault::Instead { what, found: self.cursor.text(next.span) });
        }
    }

    /// Leaves out the rest of the line, up to a brace.
    pub(super) fn abandon_line(&mut self) {
        self.incomplete = true;
        while !self.cursor.peek().first_in_line {
            match self.cursor.peek().kind {
                Kind::CloseBrace => return,
                Kind::OpenBrace => {
                    self.cursor.bump();
                    self.nameless += 1;
                    return;
                }
                Kind::Hash => self.cursor.skip_raw_line(),
                _ => {
                    self.cursor.bump();
                }
            }
        }
    }

    /// Takes a `{` before which no lane is named. What stands behind it is read as if the `{` were
    /// not there.
    pub(super) fn nameless_lane(&mut self) {
        let brace = self.cursor.bump();
        f001::report(self.sink, brace.span, &Fault::NamelessLane);
        self.nameless += 1;
        if self.cursor.at(Kind::Hash) {
            self.cursor.label();
        }
    }

    /// Takes a `}` that closes no lane, or one that was taken to be closed before.
    pub(super) fn closing_brace(&mut self) {
        let brace = self.cursor.bump();
        if self.nameless > 0 {
            self.nameless -= 1;
        } else if self.left_open > 0 {
            self.left_open -= 1;
        } else {
            f001::report(self.sink, brace.span, &Fault::StrayBrace);
        }
    }
}
