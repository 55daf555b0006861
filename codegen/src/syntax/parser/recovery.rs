//! Recovery from syntax errors.

use super::Parser;
use crate::syntax::SyntaxError;
use crate::syntax::lexer::Kind;

impl Parser<'_> {
    /// Adds an error for the next token, and skips the rest of its line.
    pub(super) fn unexpected(&mut self) {
        let token = self.cursor.peek();
        if token.kind == Kind::Hash {
            self.errors.push(SyntaxError::StrayHash { span: token.span });
            self.cursor.skip_raw_line();
            return;
        }
        self.errors.push(SyntaxError::Unexpected { span: token.span });
        self.cursor.bump();
        self.abandon_line();
    }

    /// Adds an error for the next token, or the end of the line, where `expected` belongs.
    pub(super) fn expected(&mut self, expected: &'static str) {
        let (next, last) = (self.cursor.peek(), self.cursor.last().span);
        self.errors.push(if next.first_in_line {
            SyntaxError::Missing { after: last, expected }
        } else {
            SyntaxError::Instead { found: next.span, expected }
        });
    }

    /// Skips the rest of the line, up to a brace.
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

    /// Takes a `{` without the name of a lane. The items after it are read as if it were not there.
    pub(super) fn nameless_lane(&mut self) {
        let brace = self.cursor.bump();
        self.errors.push(SyntaxError::NamelessLane { span: brace.span });
        self.nameless += 1;
        if self.cursor.at(Kind::Hash) {
            self.cursor.label();
        }
    }

    /// Takes a `}` that closes no lane, or a lane that was ended before.
    pub(super) fn closing_brace(&mut self) {
        let brace = self.cursor.bump();
        if self.nameless > 0 {
            self.nameless -= 1;
        } else if self.left_open > 0 {
            self.left_open -= 1;
        } else {
            self.errors.push(SyntaxError::StrayBrace { span: brace.span });
        }
    }
}
