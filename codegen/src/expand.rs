//! The whole way, from the text of a drawing to the tokens of its code.

use proc_macro2::TokenStream;

use crate::emit::{self, Places, Spans};
use crate::finding::{Finding, Severity};
use crate::model::Model;
use crate::settings::Settings;
use crate::source::Lines;
use crate::{Analysis, analyse};

/// What came of a drawing.
#[derive(Debug)]
pub struct Expansion {
    /// The items, as far as the drawing could be understood.
    pub items: TokenStream,
    /// Everything there is to say about the drawing, in its order; without what is allowed.
    pub findings: Vec<Finding>,
    /// Something was found that makes the code unfit to run.
    pub is_refused: bool,
}

/// Turns a drawing into code. `spans` says where a piece of the text stands for rustc.
///
/// The items are emitted beside the errors: a front end that compiles them together shows its user
/// the one fault of the drawing, and not that half of the code is missing.
///
/// # Examples
///
/// ```
/// use flowgen_codegen::{Settings, expand};
/// use proc_macro2::Span;
///
/// let drawing = r#"
///     Shop { # Shop
///       n1: circle label:"Ordered"
///       n2: rectangle label:"Pack book"
///       n1.handle(right) -> n2.handle(left)
///     }
/// "#;
/// let expansion = expand(drawing, &Settings::default(), &|_| Span::call_site());
/// assert!(expansion.is_refused, "nothing says how the flow ends");
/// assert!(expansion.items.to_string().contains("fn pack_book"), "and yet there is code");
/// ```
#[must_use]
pub fn expand(text: &str, settings: &Settings, spans: Spans<'_>) -> Expansion {
    let Judged { model, findings, is_refused } = judge(text, settings);
    let places = settings.file.as_deref().map_or(Places::Spans, |file| Places::Docs(file, Lines::new(text)));
    let items = emit::items(&model, spans, settings, &places);
    Expansion { items, findings, is_refused }
}

/// What is known before anything is emitted.
pub(crate) struct Judged {
    pub(crate) model: Model,
    pub(crate) findings: Vec<Finding>,
    pub(crate) is_refused: bool,
}

pub(crate) fn judge(text: &str, settings: &Settings) -> Judged {
    let Analysis { model, findings, .. } = analyse(text);
    let findings = settings.levels.apply(findings);
    let is_refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    Judged { model, findings, is_refused }
}
