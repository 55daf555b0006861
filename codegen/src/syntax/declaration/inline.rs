use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::characters::{is_line_end, is_space};

/// `#![data { … }]` before a drawing.
pub(in crate::syntax) enum Inline {
    /// There is none.
    None,
    /// It is closed.
    Closed {
        /// The text between the braces.
        declaration: Word,
        /// The byte after the `]`.
        end: usize,
    },
    /// It has no `}]`.
    Unclosed {
        /// The text up to the `{`.
        head: Span,
    },
}

impl Inline {
    /// Finds the declaration, after nothing but white space and comments.
    pub(in crate::syntax) fn find(text: &str) -> Self {
        let mut rest = Scan { text, at: 0 };
        rest.pass_space();
        let start = rest.at;
        if !["#", "!", "[", "data", "{"].iter().all(|token| rest.eat(token)) {
            return Self::None;
        }
        let inner = rest.at;
        let unclosed = Self::Unclosed { head: Span::new(start, inner) };
        let mut open = 1_usize;
        while open > 0 {
            rest.pass_space();
            let Some(c) = text[rest.at..].chars().next() else { return unclosed };
            match c {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            rest.at += c.len_utf8();
        }
        let span = Span::new(inner, rest.at - 1);
        if !rest.eat("]") {
            return unclosed;
        }
        let declaration = Word { text: text[span.range()].to_owned(), span };
        Self::Closed { declaration, end: rest.at }
    }
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.pass_space();
        let is_next = self.text[self.at..].starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    /// Passes white space and comments.
    fn pass_space(&mut self) {
        loop {
            self.pass(is_space);
            if !self.text[self.at..].starts_with("//") {
                return;
            }
            self.pass(|c| !is_line_end(c));
        }
    }

    fn pass(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }
}
