use crate::source::Span;
use crate::syntax::characters::{is_line_end, is_space, is_word};
use crate::syntax::{SyntaxError, Word};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// `'static`
    Lifetime,
    /// `::`
    PathSeparator,
    /// `->`
    Arrow,
    /// Any other character.
    Sign(char),
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// In the whole text.
    pub(super) span: Span,
    /// Only white space is before it on its line.
    pub(super) first_in_line: bool,
}

/// A position between two tokens. A copy of it looks ahead without side effects.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    /// The byte of the whole text at which `text` begins.
    start: usize,
    /// Invariant: on a character boundary of `text`, after `token`.
    at: usize,
    token: Token,
    /// The token before.
    last: Token,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, start: usize) -> Self {
        let token = Token { kind: Kind::End, span: Span::new(start, start), first_in_line: true };
        let mut cursor = Self { text, start, at: 0, token, last: token };
        cursor.token = cursor.next();
        cursor
    }

    pub(super) fn peek(&self) -> Token {
        self.token
    }

    pub(super) fn last(&self) -> Token {
        self.last
    }

    pub(super) fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.at(Kind::Word) && self.text(self.token) == word
    }

    /// The kind of the token after the next one.
    pub(super) fn second(&self) -> Kind {
        let mut ahead = *self;
        ahead.bump();
        ahead.token.kind
    }

    pub(super) fn bump(&mut self) -> Token {
        let token = self.token;
        if token.kind != Kind::End {
            self.last = token;
            self.token = self.next();
        }
        token
    }

    pub(super) fn eat(&mut self, kind: Kind) -> Option<Token> {
        self.at(kind).then(|| self.bump())
    }

    pub(super) fn text(&self, token: Token) -> &'t str {
        &self.text[token.span.start - self.start..token.span.end - self.start]
    }

    pub(super) fn word(&self, token: Token) -> Word {
        Word { text: self.text(token).to_owned(), span: token.span }
    }

    /// The error that something else, or the end of the line, is where `expected` belongs.
    pub(super) fn expected(&self, expected: &'static str) -> SyntaxError {
        let (next, last) = (self.token, self.last.span);
        if next.first_in_line && last.start < next.span.start {
            SyntaxError::Missing { after: last, expected }
        } else {
            SyntaxError::Instead { found: next.span, expected }
        }
    }

    fn next(&mut self) -> Token {
        let mut first_in_line = self.at == 0;
        loop {
            first_in_line |= self.take_while(is_space).contains(is_line_end);
            if !self.rest().starts_with("//") {
                break;
            }
            self.take_while(|c| !is_line_end(c));
        }
        let start = self.at;
        let kind = self.kind();
        let span = Span::new(self.start + start, self.start + self.at);
        Token { kind, span, first_in_line: first_in_line || kind == Kind::End }
    }

    fn kind(&mut self) -> Kind {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return Kind::End };
        for (sign, kind) in [("::", Kind::PathSeparator), ("->", Kind::Arrow)] {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return kind;
            }
        }
        if is_word(c) {
            self.take_while(is_word);
            return Kind::Word;
        }
        self.at += c.len_utf8();
        if c == '\'' && self.rest().starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.take_while(is_word);
            return Kind::Lifetime;
        }
        Kind::Sign(c)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }
}

/// Letters, digits and `_` of ASCII, and no digit first.
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.contains(|c| c != '_')
}
