//! Text to tokens, one at a time.
//!
//! A [`Lexer`] is a position in the text: a copy of it looks ahead without side effects.

use super::characters::{closes, is_arrow, is_line_end, is_quote, is_space, is_word};
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A string with its quotes, up to the end of the line where it is not closed.
    String {
        closed: bool,
    },
    /// `//` and the rest of the line.
    Comment,
    Colon,
    Equals,
    Dot,
    Comma,
    Hash,
    OpenBrace,
    CloseBrace,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    /// `->` or `→`
    Arrow,
    /// A sign that is similar to an arrow.
    ArrowLike,
    /// Other adjacent characters.
    Other,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Only white space is before it on its line.
    pub(super) first_in_line: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    /// Invariant: on a character boundary.
    pub(super) at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, start: usize) -> Self {
        Self { text, at: start }
    }

    /// The next token; `End` again and again when there is no more.
    pub(super) fn next(&mut self) -> Token {
        let at_start = self.at == 0;
        let line_ended = self.take_while(is_space).contains(is_line_end);
        let start = self.at;
        let kind = self.kind();
        let first_in_line = at_start || line_ended || kind == Kind::End;
        Token { kind, span: Span::new(start, self.at), first_in_line }
    }

    fn kind(&mut self) -> Kind {
        let Some(c) = self.rest().chars().next() else { return Kind::End };
        if let Some(kind) = punctuation(c) {
            self.at += c.len_utf8();
            return kind;
        }
        if self.rest().starts_with("//") {
            self.take_while(|c| !is_line_end(c));
            Kind::Comment
        } else if is_word(c) {
            self.take_while(is_word);
            Kind::Word
        } else if is_quote(c) {
            self.string(c)
        } else if is_arrow(c) {
            arrow(self.take_while(is_arrow))
        } else {
            self.other(c);
            Kind::Other
        }
    }

    fn string(&mut self, opening: char) -> Kind {
        let mut escaped = false;
        let mut end = self.at + opening.len_utf8();
        for c in self.text[end..].chars() {
            if is_line_end(c) {
                break;
            }
            end += c.len_utf8();
            if closes(opening, c) && !(escaped && c == '"') {
                self.at = end;
                return Kind::String { closed: true };
            }
            escaped = c == '\\' && !escaped;
        }
        let open = self.text[self.at..end].trim_end_matches(is_space);
        self.at += open.len();
        Kind::String { closed: false }
    }

    fn other(&mut self, first: char) {
        self.at += first.len_utf8();
        self.take_while(|c| {
            !(is_space(c) || is_word(c) || is_quote(c) || is_arrow(c) || c == '/' || punctuation(c).is_some())
        });
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

fn punctuation(c: char) -> Option<Kind> {
    Some(match c {
        ':' => Kind::Colon,
        '.' => Kind::Dot,
        ',' => Kind::Comma,
        '#' => Kind::Hash,
        '{' => Kind::OpenBrace,
        '}' => Kind::CloseBrace,
        '(' => Kind::OpenParen,
        ')' => Kind::CloseParen,
        '[' => Kind::OpenBracket,
        ']' => Kind::CloseBracket,
        _ => return None,
    })
}

fn arrow(drawn: &str) -> Kind {
    match drawn {
        "->" | "→" => Kind::Arrow,
        "=" => Kind::Equals,
        "-" | "<" | ">" | "~" | "–" | "—" => Kind::Other,
        _ => Kind::ArrowLike,
    }
}
