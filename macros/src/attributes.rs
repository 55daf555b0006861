//! The attributes before a drawing: `#![allow(F106)]`, `#![deny(F104, F105)]`, `#![strict]`.

use flowgen_codegen::{Level, Levels};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::compile_error::compile_error;

/// The attributes of a `flow!`, and the drawing after them.
pub(crate) struct Attributes {
    pub(crate) levels: Levels,
    /// A `compile_error!` for each invalid attribute.
    pub(crate) errors: TokenStream,
    pub(crate) drawing: TokenStream,
}

impl Attributes {
    /// Splits the attributes from the drawing. No drawing begins with `#!`, except with the declaration of its data.
    /// So the end of the attributes is unambiguous.
    pub(crate) fn read(tokens: TokenStream) -> Self {
        let mut read =
            Self { levels: Levels::default(), errors: TokenStream::new(), drawing: TokenStream::new() };
        let mut rest = tokens.into_iter();
        loop {
            let mut ahead = rest.clone();
            let Some(attribute) = next(&mut ahead) else { break };
            let tokens = std::mem::replace(&mut rest, ahead);
            if Self::is_declaration(&attribute) {
                // The three tokens of the attribute.
                read.drawing.extend(tokens.take(3));
            } else {
                read.attribute(&attribute);
            }
        }
        read.drawing.extend(rest);
        read
    }

    /// Is it the declaration of the data, which is a part of the drawing?
    fn is_declaration(attribute: &Group) -> bool {
        let mut tokens = attribute.stream().into_iter();
        let is_data = tokens.next().is_some_and(|name| name.to_string() == "data");
        let is_braced = |token: TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        is_data && tokens.next().is_some_and(is_braced)
    }

    fn attribute(&mut self, attribute: &Group) {
        let mut tokens = attribute.stream().into_iter();
        let (name, codes, more) = (tokens.next(), tokens.next(), tokens.next());
        let name = name.map(|name| name.to_string()).unwrap_or_default();
        match (name.as_str(), codes, more) {
            ("strict", None, None) => self.levels.deny_warnings(),
            ("allow", Some(TokenTree::Group(codes)), None) => self.set_all(&codes, Level::Allow),
            ("deny", Some(TokenTree::Group(codes)), None) => self.set_all(&codes, Level::Deny),
            _ => self.error(attribute.span(), "unknown attribute of a drawing\nhelp: known attributes: `#![allow(CODE)]`, `#![deny(CODE)]` and `#![strict]`"),
        }
    }

    fn set_all(&mut self, codes: &Group, level: Level) {
        for token in codes.stream() {
            match token {
                TokenTree::Ident(code) => self.set(&code, level),
                TokenTree::Punct(comma) if comma.as_char() == ',' => {}
                other => self.error(other.span(), "expected the code of a finding, like `F106`"),
            }
        }
    }

    fn set(&mut self, code: &Ident, level: Level) {
        if let Err(why) = self.levels.set(&code.to_string(), level) {
            self.error(code.span(), &format!("{why}\nhelp: {}", why.help()));
        }
    }

    fn error(&mut self, span: Span, message: &str) {
        self.errors.extend(compile_error((span, span), message));
    }
}

/// Returns the brackets of `#![…]`, if the next tokens are an attribute.
fn next(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<Group> {
    for mark in ['#', '!'] {
        match tokens.next()? {
            TokenTree::Punct(punct) if punct.as_char() == mark => {}
            _ => return None,
        }
    }
    match tokens.next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Attributes {
        Attributes::read(source.parse().unwrap())
    }

    #[test]
    fn attributes_are_removed_from_the_drawing() {
        let read = read("#![strict] #![allow(F106, F107)] #![deny(F104)] Shop { # Shop }");
        assert!(read.errors.is_empty());
        assert_eq!(read.drawing.to_string(), "Shop { # Shop }");
    }

    #[test]
    fn other_tokens_belong_to_the_drawing() {
        for source in ["", "#", "# ! Shop", "Shop { # ! [strict] }", "\"flow/a.fz\""] {
            let read = read(source);
            assert_eq!(read.drawing.to_string(), source.parse::<TokenStream>().unwrap().to_string());
        }
    }

    #[test]
    fn a_declaration_is_a_part_of_the_drawing() {
        let read = read("#![strict] #![data { ordered -> order: String; }] #![deny(F104)] Shop { # Shop }");
        assert!(read.errors.is_empty());
        let drawing: TokenStream = "#![data { ordered -> order: String; }] Shop { # Shop }".parse().unwrap();
        assert_eq!(read.drawing.to_string(), drawing.to_string());
    }

    #[test]
    fn every_wrong_attribute_is_an_error() {
        let sources = [
            "#![strict(F106)]",
            "#![]",
            "#![warn(F106)]",
            "#![allow(F205)]",
            "#![deny(F1)]",
            "#![deny(\"F106\")]",
        ];
        for source in sources {
            assert_eq!(read(source).errors.to_string().matches("compile_error").count(), 1, "{source}");
        }
        assert_eq!(
            read(&sources.concat()).errors.to_string().matches("compile_error").count(),
            sources.len()
        );
    }
}
