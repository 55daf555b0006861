//! Code as formatted text, for build scripts and programs.

use std::fmt::{self, Write as _};

use proc_macro2::{Span, TokenStream};

use crate::emit::{self, DrawingFile, Locations, docs, with_comments};
use crate::expand::{Checked, check};
use crate::finding::Finding;
use crate::source::SourceFiles;
use crate::{Settings, render};

/// Error of [`generate`].
#[derive(Debug)]
pub enum GenerateError {
    /// The drawing has errors, or findings that are denied.
    Findings(Vec<Finding>),
    /// The emitted tokens are not valid Rust. This is a bug in flowgen, and not in the drawing.
    Emission(syn::Error),
}

/// Turns the drawing in the file `name` into the text of a Rust module. The same drawing always gives the
/// same text. Returns warnings and notes beside it.
///
/// # Examples
///
/// ```
/// use flowgen_codegen::Settings;
/// use flowgen_codegen::format::generate;
///
/// let drawing = r#"Shop { # Shop
///   n1: circle label:"Ordered"
///   n2: circle label:"Sold"
///   n1.handle(right) -> n2.handle(left)
/// }"#;
/// let (code, findings) = generate("shop.fz", drawing, &Settings::default())?;
/// assert!(code.starts_with("// Written by flowgen from `shop.fz`."));
/// assert!(findings.is_empty());
/// # Ok::<(), flowgen_codegen::format::GenerateError>(())
/// ```
///
/// # Errors
///
/// [`GenerateError`] if the drawing has errors.
pub fn generate(
    name: &str,
    text: &str,
    settings: &Settings,
) -> Result<(String, Vec<Finding>), GenerateError> {
    generate_files(&SourceFiles::new(name, text), settings)
}

/// Turns a drawing, and the declaration of its data if there is one, into the text of a Rust module, as [`generate`]
/// does.
///
/// # Errors
///
/// [`GenerateError`] if the drawing or the declaration has errors.
pub fn generate_files(
    files: &SourceFiles<'_>,
    settings: &Settings,
) -> Result<(String, Vec<Finding>), GenerateError> {
    let Checked { model, findings, is_refused } = check(&files.sources(), settings);
    let (name, text) = (files.drawing().name, files.drawing().text);
    if is_refused {
        return Err(GenerateError::Findings(findings));
    }
    let locations = Locations::Comments(DrawingFile::new(name, text));
    let items = emit::items(&model, &|_| Span::call_site(), settings, &locations);
    let file: syn::File = syn::parse2(items).map_err(GenerateError::Emission)?;
    let code = with_comments(&formatted(file, &settings.runtime)?);
    let drawing = docs::code(name);
    let header = format!("// Written by flowgen from {drawing}. Change the drawing, not this file.\n\n");
    Ok((header + &code, findings))
}

/// Parses the path of the crate `flowgen` in generated code: `::workflows`.
///
/// # Errors
///
/// If the text is not a path.
pub fn crate_path(text: &str) -> Result<TokenStream, NotAPath> {
    let is_plain = |path: syn::Path| path.segments.iter().all(|segment| segment.arguments.is_none());
    let is_path = syn::parse_str(text).is_ok_and(is_plain);
    text.parse().ok().filter(|_| is_path).ok_or_else(|| NotAPath(text.to_owned()))
}

/// Error of a text that is no path of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAPath(String);

impl fmt::Display for NotAPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the path of a crate; write one like `::workflows`", self.0)
    }
}

impl std::error::Error for NotAPath {}

/// Do two texts contain the same code, formatting and comments aside?
#[must_use]
pub fn is_same_code(one: &str, other: &str) -> bool {
    let canonical = |text: &str| syn::parse_file(text).map(|file| prettyplease::unparse(&file));
    one == other || matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}

/// Formats the items, also those in a `__if_serde!` at the end, which prettyplease leaves as they are.
fn formatted(mut file: syn::File, runtime: &TokenStream) -> Result<String, GenerateError> {
    let is_conditional = |item: &syn::ItemMacro| {
        item.mac.path.segments.last().is_some_and(|segment| segment.ident == "__if_serde")
    };
    let last = file.items.pop_if(|item| matches!(item, syn::Item::Macro(item) if is_conditional(item)));
    let Some(syn::Item::Macro(syn::ItemMacro { mac: last, .. })) = last else {
        return Ok(spaced(&prettyplease::unparse(&file)));
    };
    let inner: syn::File = syn::parse2(last.tokens).map_err(GenerateError::Emission)?;
    let mut text = spaced(&prettyplease::unparse(&file));
    let path = format!("{runtime}::__if_serde").replace(' ', "");
    let _ = writeln!(text, "\n{path}! {{");
    for line in spaced(&prettyplease::unparse(&inner)).lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        let _ = writeln!(text, "{indent}{line}");
    }
    text.push_str("}\n");
    Ok(text)
}

/// Adds an empty line between items, which prettyplease does not.
fn spaced(code: &str) -> String {
    let mut spaced = String::with_capacity(code.len() + code.len() / 16);
    let (mut is_after_item, mut is_after_import) = (false, false);
    for line in code.lines() {
        let text = line.trim_start();
        if is_after_import || is_after_item && begins_item(text) {
            spaced.push('\n');
        }
        is_after_import = text.starts_with("use ");
        is_after_item = text == "}" || text.ends_with(';');
        spaced.push_str(line);
        spaced.push('\n');
    }
    spaced
}

fn begins_item(text: &str) -> bool {
    ["///", "#[", "pub ", "impl", "fn ", "async fn ", "const ", "type "]
        .iter()
        .any(|beginning| text.starts_with(beginning))
}

impl GenerateError {
    /// A report with lines and columns of the file `name`.
    #[must_use]
    pub fn report(&self, name: &str, text: &str) -> String {
        self.report_files(&SourceFiles::new(name, text))
    }

    /// A report with lines and columns of the files.
    #[must_use]
    pub fn report_files(&self, files: &SourceFiles<'_>) -> String {
        match self {
            Self::Findings(findings) => {
                let reports = findings.iter().map(|finding| {
                    let severity = render::severity(finding.severity());
                    format!("{severity}: {}\n", render::located(finding, files))
                });
                reports.collect()
            }
            Self::Emission(error) => {
                format!("flowgen generated code that is not Rust, which is a bug in flowgen: {error}\n")
            }
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings(findings) => write!(f, "{} findings", findings.len()),
            Self::Emission(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for GenerateError {}
