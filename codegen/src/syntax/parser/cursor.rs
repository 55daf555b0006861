//! A position between two tokens.

use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::characters::{is_line_end, trimmed};
use crate::syntax::label;
use crate::syntax::lexer::{Kind, Lexer, Token};

/// Invariant: the position of `lexer` is right after `token`, the next token.
pub(super) struct Cursor<'t> {
    lexer: Lexer<'t>,
    token: Token,
    /// The token before.
    last: Token,
    comments: Vec<Word>,
}

impl<'t> Cursor<'t> {
    /// The position before the first token that begins at the byte `start` or after it.
    pub(super) fn new(text: &'t str, start: usize) -> Self {
        let mut lexer = Lexer::new(text, start);
        let token = lexer.next();
        let mut cursor = Self { lexer, token, last: token, comments: Vec::new() };
        cursor.pass_comments();
        cursor
    }

    pub(super) fn peek(&self) -> Token {
        self.token
    }

    pub(super) fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    pub(super) fn last(&self) -> Token {
        self.last
    }

    pub(super) fn text(&self, span: Span) -> &'t str {
        &self.lexer.text[span.range()]
    }

    pub(super) fn word(&self, token: Token) -> Word {
        Word { text: self.text(token.span).to_owned(), span: token.span }
    }

    /// The tokens after the next one, without comments and without `End`.
    pub(super) fn ahead(&self) -> impl Iterator<Item = Token> + use<'t> {
        let mut lexer = self.lexer;
        std::iter::from_fn(move || Some(lexer.next()))
            .take_while(|token| token.kind != Kind::End)
            .filter(|token| token.kind != Kind::Comment)
    }

    /// The kind of the token after the next one.
    pub(super) fn second(&self) -> Kind {
        self.ahead().next().map_or(Kind::End, |token| token.kind)
    }

    pub(super) fn bump(&mut self) -> Token {
        let token = self.token;
        self.last = token;
        self.advance();
        token
    }

    pub(super) fn eat(&mut self, kind: Kind) -> Option<Token> {
        self.at(kind).then(|| self.bump())
    }

    /// The comments since the last call.
    pub(super) fn take_comments(&mut self) -> Vec<Word> {
        std::mem::take(&mut self.comments)
    }

    /// Takes `#` and the label after it, if there is one.
    pub(super) fn label(&mut self) -> Option<Word> {
        let label = self.raw(label::length);
        (!label.text.is_empty()).then_some(label)
    }

    /// Takes `[`, the text after it, and `]`; without a `]` the rest of the line, as an `Err`.
    pub(super) fn bracketed(&mut self) -> Result<Word, Word> {
        let text = self.raw(|rest| rest.find(|c| c == ']' || is_line_end(c)).unwrap_or(rest.len()));
        if self.eat(Kind::CloseBracket).is_some() { Ok(text) } else { Err(text) }
    }

    /// Takes the next token and the rest of its line.
    pub(super) fn skip_raw_line(&mut self) {
        self.raw(|rest| rest.find(is_line_end).unwrap_or(rest.len()));
    }

    /// Takes the next token and the raw text after it, of the length that `length` returns.
    fn raw(&mut self, length: impl Fn(&str) -> usize) -> Word {
        let start = self.lexer.at;
        self.lexer.at += length(&self.lexer.text[start..]);
        let (start, end) = trimmed(self.lexer.text, start, self.lexer.at);
        let span = Span::new(start, end);
        self.last = Token { span: self.token.span.to(span), ..self.token };
        self.advance();
        Word { text: self.text(span).to_owned(), span }
    }

    fn advance(&mut self) {
        self.token = self.lexer.next();
        self.pass_comments();
    }

    fn pass_comments(&mut self) {
        while self.at(Kind::Comment) {
            let Span { start, end } = self.token.span;
            let (start, end) = trimmed(self.lexer.text, start + "//".len(), end);
            let span = Span::new(start, end);
            self.comments.push(Word { text: self.text(span).to_owned(), span });
            self.token = self.lexer.next();
        }
    }
}
