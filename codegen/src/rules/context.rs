use crate::analysis::{FlowAnalysis, Reachability};
use crate::model::{DataError, Model, ModelError};
use crate::syntax::{Drawing, SyntaxError};

/// How many nodes all paths that one rule shows may have together. Further findings show none, so that
/// drawings with thousands of errors far from the start are checked in near-linear time.
pub(super) const LONGEST_PATHS: usize = 1_000_000;

/// Everything that rules check.
pub(crate) struct RuleContext<'a> {
    /// The drawing and the declaration, which all spans are about.
    pub(crate) text: &'a str,
    pub(crate) drawing: &'a Drawing,
    pub(crate) syntax_errors: &'a [SyntaxError],
    pub(crate) model: &'a Model,
    pub(crate) model_errors: &'a [ModelError],
    pub(crate) data_errors: &'a [DataError],
    pub(crate) reachability: &'a Reachability,
    /// `None` if the model is empty or incomplete: an edge that could not be read may make another path.
    pub(crate) flow: Option<&'a FlowAnalysis>,
}
