//! The three input forms of `flow!`.

use std::io;
use std::path::{self, Path, PathBuf};

use flowgen_codegen::source::{SourceFiles, Sources};
use flowgen_codegen::{Location, source};
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
    Quoted { text: String, literal: Span, location: Location },
    /// `flow!("flow/saga.fz")`
    File { text: String, literal: Span, name: String, path: PathBuf, declaration: Option<DeclarationFile> },
}

/// The declaration of a flow's data beside its drawing: `saga.data` beside `saga.fz`.
pub(crate) struct DeclarationFile {
    text: String,
    name: String,
    path: PathBuf,
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
            Some((text, literal)) if is_drawing(&text) => {
                let location = location_of_string(&text, literal);
                Ok(Self::Quoted { text, literal, location })
            }
            Some((name, literal)) => Self::file(name, literal),
        }
    }

    fn file(name: String, literal: Span) -> Result<Self, TokenStream> {
        let path = root().join(&name);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let declaration = DeclarationFile::beside(&name, &path).map_err(|error| {
                    let message = format!("cannot read the declaration of the data beside `{name}`: {error}");
                    compile_error((literal, literal), &message)
                })?;
                Ok(Self::File { text, literal, name, path, declaration })
            }
            Err(error) => {
                let message = format!(
                    "cannot read the drawing `{name}`: {error}\nhelp: the path is relative to the folder of this crate's Cargo.toml"
                );
                Err(compile_error((literal, literal), &message))
            }
        }
    }

    /// The drawing and the declaration beside it.
    pub(crate) fn sources(&self) -> Sources<'_> {
        match self.declaration() {
            None => Sources::new(self.text()),
            Some(declaration) => Sources::with_declaration(self.text(), &declaration.text),
        }
    }

    /// The files, for errors, if rustc cannot underline the drawing itself.
    pub(crate) fn files(&self) -> Option<SourceFiles<'_>> {
        let files = SourceFiles::new(self.name()?, self.text());
        Some(match self.declaration() {
            None => files,
            Some(declaration) => files.with_declaration(&declaration.name, &declaration.text),
        })
    }

    fn declaration(&self) -> Option<&DeclarationFile> {
        match self {
            Self::File { declaration, .. } => declaration.as_ref(),
            Self::Inline(_) | Self::Quoted { .. } => None,
        }
    }

    /// The text of the drawing.
    fn text(&self) -> &str {
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

    /// The location of the drawing, if rustc cannot point into it.
    pub(crate) fn location(&self) -> Option<Location> {
        match self {
            Self::Inline(_) => None,
            Self::Quoted { location, .. } => Some(location.clone()),
            Self::File { name, .. } => Some(Location { file: name.clone(), line: 1 }),
        }
    }

    /// The name of the drawing's file without folders and extension.
    pub(crate) fn stem(&self) -> String {
        let stem = self.name().and_then(|name| Path::new(name).file_stem());
        stem.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    }

    /// Creates items that make cargo rebuild the crate when a file changes.
    pub(crate) fn tracked(&self) -> Option<TokenStream> {
        let Self::File { path, .. } = self else { return None };
        let declaration = self.declaration().map(|declaration| &declaration.path);
        let paths = std::iter::once(path).chain(declaration).filter_map(|path| path.to_str());
        Some(quote!(#(const _: &[u8] = ::core::include_bytes!(#paths);)*))
    }
}

impl DeclarationFile {
    fn beside(drawing: &str, path: &Path) -> io::Result<Option<Self>> {
        let path = path.with_extension("data");
        let name = Path::new(drawing).with_extension("data").display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Self { text, name, path })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The location of a drawing in a string: `src/lib.rs:12`, relative to the crate's Cargo.toml.
///
/// If the string's lines are not lines of its file, because of escapes, this is line 1 of `drawing`.
fn location_of_string(text: &str, literal: Span) -> Location {
    let literal = literal.unwrap();
    let line_breaks = |text: &str| text.matches('\n').count();
    let has_same_lines =
        literal.source_text().is_some_and(|source| line_breaks(&source) == line_breaks(text));
    let file = literal.local_file().filter(|_| has_same_lines).and_then(|file| {
        let file = path::absolute(file).ok()?;
        Some(file.strip_prefix(root()).unwrap_or(&file).to_str()?.to_owned())
    });
    match file {
        Some(file) => Location { file, line: literal.line() },
        None => Location { file: "drawing".to_owned(), line: 1 },
    }
}

/// The folder of the crate's Cargo.toml.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default().into()
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
