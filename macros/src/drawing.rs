//! The three input forms of `flow!`.

use std::path::PathBuf;

use flowgen_codegen::source;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use crate::compile_error::compile_error;
use crate::literal;
use crate::rebuild::{Rebuilt, rebuild};

/// A drawing, with the rustc spans of its parts.
pub(crate) enum Drawing {
    /// `flow! { Lane { … } }`
    Inline(Rebuilt),
    /// `flow!(r#"Lane { … }"#)`
    Quoted { text: String, literal: Span },
    /// `flow!("flow/saga.fz")`
    File { text: String, literal: Span, name: String, path: PathBuf },
}

impl Drawing {
    /// Reads the argument of the macro.
    ///
    /// # Errors
    ///
    /// A `compile_error!` if the file cannot be read.
    pub(crate) fn read(tokens: TokenStream) -> Result<Self, TokenStream> {
        match string(&tokens) {
            None => Ok(Self::Inline(rebuild(tokens))),
            Some((text, literal)) if is_drawing(&text) => Ok(Self::Quoted { text, literal }),
            Some((name, literal)) => Self::file(name, literal),
        }
    }

    fn file(name: String, literal: Span) -> Result<Self, TokenStream> {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        let path = PathBuf::from(root).join(&name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Self::File { text, literal, name, path }),
            Err(error) => {
                let message = format!(
                    "cannot read the drawing `{name}`: {error}\nhelp: the path is relative to the folder of this crate's Cargo.toml"
                );
                Err(compile_error((literal, literal), &message))
            }
        }
    }

    /// The text to parse.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Inline(rebuilt) => &rebuilt.text,
            Self::Quoted { text, .. } | Self::File { text, .. } => text,
        }
    }

    /// The rustc spans of the first and the last token of a part of the text.
    pub(crate) fn span(&self, span: source::Span) -> (Span, Span) {
        match self {
            Self::Inline(rebuilt) => rebuilt.span(span),
            Self::Quoted { literal, .. } | Self::File { literal, .. } => (*literal, *literal),
        }
    }

    /// The first token of the drawing.
    pub(crate) fn token(&self) -> Span {
        self.span(source::Span::default()).0
    }

    /// The name of the text in compile errors, if rustc cannot underline it itself.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Inline(_) => None,
            Self::Quoted { .. } => Some("drawing"),
            Self::File { name, .. } => Some(name),
        }
    }

    /// Creates an item that makes cargo rebuild the crate when the file changes.
    pub(crate) fn tracked(&self) -> Option<TokenStream> {
        let Self::File { path, .. } = self else { return None };
        let path = path.to_str()?;
        Some(quote!(
            const _: &[u8] = ::core::include_bytes!(#path);
        ))
    }
}

/// Whether a string is a drawing: it contains a line break or a brace, or is blank. Other strings are paths.
fn is_drawing(text: &str) -> bool {
    text.contains(['{', '\n']) || text.trim().is_empty()
}

/// Returns the argument if it is a single string literal.
fn string(tokens: &TokenStream) -> Option<(String, Span)> {
    let mut tokens = tokens.clone().into_iter();
    let (Some(first), None) = (tokens.next(), tokens.next()) else { return None };
    let mut token = first;
    // A literal that was passed through `macro_rules!` may be in a group without delimiters.
    while let TokenTree::Group(group) = &token {
        if group.delimiter() != proc_macro2::Delimiter::None {
            return None;
        }
        token = group.stream().into_iter().next()?;
    }
    Some((literal::string(&token.to_string())?, token.span()))
}
