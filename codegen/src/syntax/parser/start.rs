//! Decides which item begins at the next token.

use super::{Parser, Start};
use crate::syntax::lexer::{Kind, Token};

impl Parser<'_> {
    /// Looks ahead a few tokens, or to the end of the line.
    pub(super) fn start(&self, in_lane: bool) -> Start {
        if !self.cursor.at(Kind::Word) {
            return Start::Unexpected;
        }
        match self.cursor.second() {
            Kind::OpenBrace => Start::Lane,
            Kind::Colon | Kind::Equals => Start::Node,
            Kind::Dot if self.prefixed_node_ahead() => Start::Node,
            Kind::Dot | Kind::Arrow | Kind::ArrowLike => Start::Edge,
            _ if self.is_loop(self.cursor.peek()) => Start::Loop,
            _ if self.lane_of_several_words_ahead() => Start::Lane,
            Kind::Hash if !in_lane => Start::Lane,
            Kind::Word if !in_lane && self.lane_without_brace_ahead() => Start::Lane,
            _ => Start::Unexpected,
        }
    }

    pub(super) fn is_loop(&self, token: Token) -> bool {
        self.cursor.text(token.span) == "loop"
    }

    /// Does the next word begin an item, rather than being an id in one? The tokens after the id tell.
    pub(super) fn item_ahead(&self) -> bool {
        // As many tokens as `.n5.handle(left) ->` has.
        const LONGEST: usize = 8;
        if self.is_loop(self.cursor.peek()) && self.cursor.second() == Kind::OpenBracket {
            return true;
        }
        let mut before = Kind::Word;
        for Token { kind, .. } in self.cursor.ahead().take(LONGEST) {
            match kind {
                Kind::Colon | Kind::Equals | Kind::Arrow | Kind::ArrowLike | Kind::OpenBrace => return true,
                Kind::Dot | Kind::OpenParen | Kind::CloseParen => {}
                Kind::Word if matches!(before, Kind::Dot | Kind::OpenParen) => {}
                _ => return false,
            }
            before = kind;
        }
        false
    }

    /// `n5.handle`
    pub(super) fn handle_ahead(&self) -> bool {
        let mut ahead = self.cursor.ahead();
        ahead.next().is_some_and(|token| token.kind == Kind::Dot)
            && ahead.next().is_some_and(|token| self.cursor.text(token.span) == "handle")
    }

    /// `Lane.n1: circle`, which should be `n1: circle`.
    fn prefixed_node_ahead(&self) -> bool {
        let mut ahead = self.cursor.ahead().skip(1);
        ahead.next().is_some_and(|token| token.kind == Kind::Word)
            && ahead.next().is_some_and(|token| token.kind == Kind::Colon)
    }

    /// `Order Service {` or `order-service {`
    fn lane_of_several_words_ahead(&self) -> bool {
        self.cursor
            .ahead()
            .take_while(|token| !token.first_in_line)
            .find(|token| !matches!(token.kind, Kind::Word | Kind::Other))
            .is_some_and(|token| token.kind == Kind::OpenBrace)
    }

    /// A word alone on its line, and then a node.
    fn lane_without_brace_ahead(&self) -> bool {
        let mut ahead = self.cursor.ahead();
        ahead.next().is_some_and(|token| token.first_in_line)
            && ahead.next().is_some_and(|token| token.kind == Kind::Colon)
    }
}
