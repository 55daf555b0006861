//! A drawing's text, rebuilt from tokens.
//!
//! Tokens have no reliable line numbers, so items are recognized by their first tokens, and each is put on its
//! own line.

use std::fmt::Write as _;

use crate::literal;
use flowgen_codegen::source;
use proc_macro2::{Delimiter, Literal, Spacing, Span, TokenStream, TokenTree};

/// The text, with the source token of each part.
pub(crate) struct Rebuilt {
    pub(crate) text: String,
    /// Sorted by start.
    places: Vec<(source::Span, Span)>,
}

impl Rebuilt {
    /// Returns the first and the last token of a part of the text.
    pub(crate) fn span(&self, span: source::Span) -> (Span, Span) {
        let first = self.places.partition_point(|(place, _)| place.end <= span.start);
        let behind = self.places.partition_point(|(place, _)| place.start < span.end.max(span.start + 1));
        let at = |index: usize| {
            let last = self.places.len().checked_sub(1)?;
            self.places.get(index.min(last)).map(|(_, token)| *token)
        };
        let call_site = Span::call_site;
        (
            at(first).unwrap_or_else(call_site),
            at(behind.saturating_sub(1).max(first)).unwrap_or_else(call_site),
        )
    }
}

/// A token or a delimiter.
struct Token {
    text: String,
    span: Span,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    /// A string or a number.
    Literal,
    Punct,
    /// A punctuation mark that forms one operator with the next one, as in `->`.
    Joint,
}

/// Rebuilds the text of a drawing.
pub(crate) fn rebuild(tokens: TokenStream) -> Rebuilt {
    let mut flat = Vec::new();
    flatten(tokens, &mut flat);
    let mut rebuilt = Rebuilt { text: String::new(), places: Vec::with_capacity(flat.len()) };
    for at in 0..flat.len() {
        rebuilt.text.push_str(gap(&flat, at));
        let start = rebuilt.text.len();
        rebuilt.text.push_str(&flat[at].text);
        rebuilt.places.push((source::Span::new(start, rebuilt.text.len()), flat[at].span));
    }
    rebuilt
}

fn flatten(tokens: TokenStream, flat: &mut Vec<Token>) {
    for token in tokens {
        let span = token.span();
        match token {
            TokenTree::Ident(ident) => flat.push(Token { text: ident.to_string(), span, kind: Kind::Word }),
            TokenTree::Literal(literal) => {
                flat.push(Token { text: quoted(&literal), span, kind: Kind::Literal });
            }
            TokenTree::Punct(punct) => {
                let kind = if punct.spacing() == Spacing::Joint { Kind::Joint } else { Kind::Punct };
                flat.push(Token { text: punct.as_char().to_string(), span, kind });
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                let punct = |text: &str, span| Token { text: text.to_owned(), span, kind: Kind::Punct };
                flat.push(punct(open, group.span_open()));
                flatten(group.stream(), flat);
                flat.push(punct(close, group.span_close()));
            }
        }
    }
}

/// A literal in the syntax of drawings: on one line, and with only `"` and `\` escaped in strings.
fn quoted(literal: &Literal) -> String {
    let source = literal.to_string();
    let Some(string) = literal::string(&source) else { return source };
    let mut text = String::from('"');
    for char in string.chars() {
        match char {
            '"' | '\\' => {
                let _ = write!(text, "\\{char}");
            }
            '\n' | '\r' => text.push(' '),
            char => text.push(char),
        }
    }
    text.push('"');
    text
}

/// The whitespace between a token and the previous one.
fn gap(tokens: &[Token], at: usize) -> &'static str {
    let Some(before) = at.checked_sub(1).map(|at| &tokens[at]) else { return "" };
    let token = &tokens[at];
    if before.text == "{" || token.text == "}" || before.text == "}" {
        return if token.text == "#" { " " } else { "\n" };
    }
    if begins_item(&tokens[at..]) && !matches!(before.text.as_str(), ">" | "." | "[" | "(") {
        return "\n";
    }
    let tight_before =
        matches!(token.text.as_str(), "." | "," | ":" | ";" | "?" | "!" | ")" | "]" | "-" | "/")
            || (token.text == "(" && before.text == "handle");
    let tight_after = matches!(before.text.as_str(), "." | "(" | "[" | "/" | "'" | "-" | "=")
        || (before.text == ":" && token.kind == Kind::Literal);
    match (before.kind, tight_before || token.text == "=", tight_after) {
        (Kind::Joint, _, _) | (_, true, _) | (_, _, true) => "",
        _ => " ",
    }
}

/// Whether an item begins here: a node, an edge, a loop or a lane.
fn begins_item(tokens: &[Token]) -> bool {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let is_word = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
    let is_separator = |at: usize| matches!(text(at), ":" | "=");
    let is_arrow = |at: usize| text(at) == "-" && text(at + 1) == ">";
    if !is_word(0) {
        return false;
    }
    let node = is_separator(1) && is_word(2) && ends_shape(tokens);
    let arrow = (text(1) == "." && text(2) == "handle")
        || (text(1) == "." && is_word(2) && text(3) == "." && text(4) == "handle")
        || is_arrow(1)
        || (text(1) == "." && is_word(2) && is_arrow(3));
    node || arrow || (text(0) == "loop" && text(1) == "[") || text(1) == "{"
}

/// Whether `id : shape` is followed by an attribute, the next item, or the end of the lane.
fn ends_shape(tokens: &[Token]) -> bool {
    let text = |at: usize| tokens.get(at).map_or("}", |token| token.text.as_str());
    let is_literal = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Literal);
    let is_separator = |at: usize| matches!(text(at), ":" | "=");
    let no_shape = is_separator(3) && is_literal(4);
    let attribute = is_separator(4) && is_literal(5);
    let is_shape = matches!(text(2), "circle" | "rectangle" | "diamond" | "taskbox");
    // Looks only one item ahead, so that the cost is constant for consecutive nodes without a label.
    let is_word = tokens.get(3).is_some_and(|token| token.kind == Kind::Word);
    let next_begins = is_word && matches!(text(4), ":" | "=" | "." | "-" | "[" | "{");
    no_shape || attribute || (is_shape && (text(3) == "}" || next_begins))
}
