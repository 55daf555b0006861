//! The words of a declaration as tokens with their spans.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::super::emitter::Spans;
use crate::syntax::Word;

/// Builds groups from words that open and close them.
pub(super) struct Tokens<'a> {
    spans: Spans<'a>,
    /// The open groups, the outermost first, with the tokens in them.
    open: Vec<(Delimiter, Vec<TokenTree>)>,
    last: Vec<TokenTree>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(spans: Spans<'a>) -> Self {
        Self { spans, open: Vec::new(), last: Vec::new() }
    }

    pub(super) fn push_all<'w>(&mut self, words: impl IntoIterator<Item = &'w Word>) {
        words.into_iter().for_each(|word| self.push(word));
    }

    pub(super) fn push(&mut self, word: &Word) {
        let span = (self.spans)(word.span);
        let delimiter = match word.text.as_str() {
            "(" | ")" => Delimiter::Parenthesis,
            "[" | "]" => Delimiter::Bracket,
            "{" | "}" => Delimiter::Brace,
            text => return self.push_text(text, span),
        };
        if matches!(word.text.as_str(), "(" | "[" | "{") {
            self.open.push((delimiter, std::mem::take(&mut self.last)));
        } else if let Some((delimiter, outer)) = self.open.pop() {
            let inner = std::mem::replace(&mut self.last, outer);
            let mut group = Group::new(delimiter, inner.into_iter().collect());
            group.set_span(span);
            self.last.push(group.into());
        }
    }

    /// Adds a word, a number, a lifetime or signs.
    fn push_text(&mut self, text: &str, span: Span) {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            let number: u64 = text.parse().unwrap_or_default();
            let mut literal = Literal::u64_unsuffixed(number);
            literal.set_span(span);
            self.last.push(literal.into());
        } else if text.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            self.last.push(Ident::new(text, span).into());
        } else if let Some(lifetime) = text.strip_prefix('\'') {
            self.sign('\'', Spacing::Joint, span);
            self.last.push(Ident::new(lifetime, span).into());
        } else {
            let mut signs = text.chars().peekable();
            while let Some(sign) = signs.next() {
                let spacing = if signs.peek().is_some() { Spacing::Joint } else { Spacing::Alone };
                self.sign(sign, spacing, span);
            }
        }
    }

    fn sign(&mut self, sign: char, spacing: Spacing, span: Span) {
        let mut punct = Punct::new(sign, spacing);
        punct.set_span(span);
        self.last.push(punct.into());
    }

    /// Adds `path::`, with a span.
    pub(super) fn push_path(&mut self, path: &[&str], span: crate::source::Span) {
        let span = (self.spans)(span);
        for segment in path {
            if !segment.is_empty() {
                self.last.push(Ident::new(segment, span).into());
            }
            self.push_text("::", span);
        }
    }

    pub(super) fn finish(self) -> TokenStream {
        self.last.into_iter().collect()
    }
}
