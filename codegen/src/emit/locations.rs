//! Where nodes are drawn, for rustc to quote.
//!
//! rustc underlines the tokens of an inline drawing. It cannot point into a file, so there the emitted code
//! names the line: if the code is a file itself, in a comment on the lines of a method that rustc quotes, and
//! else in the documentation that rustc and editors show.

#[cfg(feature = "format")]
use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use crate::source::{Lines, Span};

/// How emitted code says where a node is drawn.
pub(crate) enum Locations<'a> {
    /// By the spans of its tokens alone.
    Spans,
    /// In the documentation of methods, as `name:line`.
    Docs(&'a str, Lines<'a>),
    /// In comments, as `name:line`, which [`with_comments`] puts into the text.
    #[cfg(feature = "format")]
    Comments(&'a str, Lines<'a>),
}

/// Begins a line of documentation that [`with_comments`] turns into comments. No label holds it, as
/// labels lose their control characters.
#[cfg(feature = "format")]
const MARK: char = '\u{1}';

impl Locations<'_> {
    /// The documentation of a method about where its node is drawn.
    pub(super) fn of_method(&self, node: &str, span: Span) -> Option<TokenStream> {
        let location = self.location(span)?;
        Some(match self {
            Self::Spans => return None,
            Self::Docs(..) => {
                let drawn = format!(" {node} is drawn at {}.", docs::code(&location));
                quote!(#[doc = ""] #[doc = #drawn])
            }
            #[cfg(feature = "format")]
            Self::Comments(..) => {
                let marked = format!("{MARK}{node}, {location}");
                quote!(#[doc = #marked])
            }
        })
    }

    /// `flow/shop.fz:5`, unless spans show it.
    pub(super) fn location(&self, span: Span) -> Option<String> {
        let (name, lines) = match self {
            Self::Spans => return None,
            Self::Docs(name, lines) => (name, lines),
            #[cfg(feature = "format")]
            Self::Comments(name, lines) => (name, lines),
        };
        Some(format!("{}:{}", docs::on_one_line(name), lines.position(span.start).line))
    }
}

/// Turns the marked lines of formatted code into comments on those lines of the next method that rustc
/// quotes: the parameters, the output and the end.
#[cfg(feature = "format")]
pub(crate) fn with_comments(code: &str) -> String {
    let mut commented = String::with_capacity(code.len() + code.len() / 8);
    let mut location: Option<&str> = None;
    for line in code.lines() {
        let text = line.trim_start();
        if let Some(marked) = text.strip_prefix("///").and_then(|text| text.strip_prefix(MARK)) {
            location = Some(marked);
            continue;
        }
        commented.push_str(line);
        let is_quoted = ["cx: ", "visit: ", "Output = "].iter().any(|start| text.starts_with(start));
        if let Some(location) = location.filter(|_| is_quoted || text.ends_with(';')) {
            let _ = write!(commented, " // {location}");
        }
        commented.push('\n');
        if text.ends_with(';') {
            location = None;
        }
    }
    commented
}

#[cfg(all(test, feature = "format"))]
mod tests {
    use super::*;

    #[test]
    fn a_mark_becomes_comments_on_the_lines_that_rustc_quotes() {
        let code = "/// About.\n///\u{1}`A` (n1), a.fz:2\nfn a(\n    &self,\n    cx: &mut Cx,\n) -> Out<\n    Output = Result,\n>;\nfn b();\n";
        let expected = "/// About.\nfn a(\n    &self,\n    cx: &mut Cx, // `A` (n1), a.fz:2\n) -> Out<\n    Output = Result, // `A` (n1), a.fz:2\n>; // `A` (n1), a.fz:2\nfn b();\n";
        assert_eq!(with_comments(code), expected);
    }

    #[test]
    fn a_name_of_a_file_stays_on_its_line() {
        let locations = Locations::Docs("a\n} fn b() {.fz", Lines::new("x\ny"));
        assert_eq!(locations.location(Span::new(2, 3)).as_deref(), Some("a } fn b() {.fz:2"));
    }
}
