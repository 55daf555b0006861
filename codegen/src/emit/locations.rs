//! Where nodes are drawn, for rustc to quote.
//!
//! rustc underlines the tokens of an inline drawing. It cannot point into a file, so there the emitted code
//! names the line: if the code is a file itself, in a comment on the lines of a method that rustc quotes, and
//! else in the documentation that editors show, and in a list of labels that the macro makes rustc quote.

#[cfg(feature = "format")]
use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use crate::settings::Location;
use crate::source::{Lines, Span};

/// The file of a drawing.
pub(crate) struct DrawingFile<'a> {
    name: &'a str,
    /// The line of the file on which the drawing begins, from one.
    first_line: usize,
    lines: Lines<'a>,
}

impl<'a> DrawingFile<'a> {
    /// A file that contains only the drawing.
    #[cfg(feature = "format")]
    pub(crate) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, first_line: 1, lines: Lines::new(text) }
    }

    pub(crate) fn at(location: &'a Location, text: &'a str) -> Self {
        Self { name: &location.file, first_line: location.line, lines: Lines::new(text) }
    }

    /// `flow/shop.fz:5`
    pub(super) fn location(&self, span: Span) -> String {
        let line = self.lines.position(span.start).line - 1 + self.first_line;
        format!("{}:{line}", docs::on_one_line(self.name))
    }
}

/// How emitted code says where a node is drawn.
pub(crate) enum Locations<'a> {
    /// By the spans of its tokens alone.
    Spans,
    /// In the documentation of methods, as `name:line`.
    Docs(DrawingFile<'a>),
    /// In comments, as `name:line`, which [`with_comments`] puts into the text.
    #[cfg(feature = "format")]
    Comments(DrawingFile<'a>),
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
        match self {
            Self::Spans => None,
            Self::Docs(file) => Some(file.location(span)),
            #[cfg(feature = "format")]
            Self::Comments(file) => Some(file.location(span)),
        }
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
        let file = DrawingFile::new("a\n} fn b() {.fz", "x\ny");
        assert_eq!(file.location(Span::new(2, 3)), "a } fn b() {.fz:2");
    }
}
