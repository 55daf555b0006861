use proc_macro2::TokenStream;

use crate::analyze::model;
use crate::emit::{self, DrawingFile, LocatedLabel, Locations, Spans};
use crate::finding::{Finding, Severity};
use crate::model::Model;
use crate::settings::{Location, Settings};
use crate::source::Sources;
use crate::{Analysis, analyze_sources};

/// The code of a drawing, and its findings.
#[derive(Debug)]
pub struct Expansion {
    /// The items, of all parts of the drawing that could be understood.
    pub items: TokenStream,
    /// The findings in the order of the drawing, without those that are allowed.
    pub findings: Vec<Finding>,
    /// True if there is at least one error; the items must not be used.
    pub is_refused: bool,
}

/// Turns a drawing into code. `spans` maps parts of the text to rustc's spans.
///
/// Items are emitted beside errors: a front end that compiles both shows the one error of the drawing, and no
/// errors about missing code.
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
    expand_sources(&Sources::new(text), settings, spans)
}

/// Turns a drawing, and the declaration of its data if there is one, into code, as [`expand`] does.
#[must_use]
pub fn expand_sources(sources: &Sources<'_>, settings: &Settings, spans: Spans<'_>) -> Expansion {
    let Checked { model, findings, is_refused } = check(sources, settings);
    let items = items_of(&model, sources.drawing(), settings, spans);
    Expansion { items, findings, is_refused }
}

/// Emits the items of a drawing without a check. They are those of [`expand`].
#[must_use]
pub fn items(sources: &Sources<'_>, settings: &Settings, spans: Spans<'_>) -> TokenStream {
    items_of(&model(sources), sources.drawing(), settings, spans)
}

fn items_of(model: &Model, text: &str, settings: &Settings, spans: Spans<'_>) -> TokenStream {
    let location = settings.location.as_ref();
    let locations =
        location.map_or(Locations::Spans, |location| Locations::Docs(DrawingFile::at(location, text)));
    emit::items(model, spans, settings, &locations)
}

/// The labels of a drawing that begins at `location`: their spans are those that [`items`] looks up, and their
/// texts are for rustc to quote.
#[must_use]
pub fn labels(sources: &Sources<'_>, location: &Location) -> Vec<LocatedLabel> {
    emit::labels(&model(sources), &DrawingFile::at(location, sources.drawing()))
}

/// A checked drawing.
pub(crate) struct Checked {
    pub(crate) model: Model,
    pub(crate) findings: Vec<Finding>,
    pub(crate) is_refused: bool,
}

pub(crate) fn check(sources: &Sources<'_>, settings: &Settings) -> Checked {
    let Analysis { model, findings, .. } = analyze_sources(sources);
    let findings = settings.levels.apply(findings);
    let is_refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    Checked { model, findings, is_refused }
}
