//! The lane `Operator`: an operator can overrule the metrics.

use flowgen::{Result, Visit};

use crate::drawing::operator::{self as drawn, PromoteEarly};
use crate::release::Release;

/// Checks whether an operator has promoted the version while it was watched.
///
/// An abort is possible at any time and cancels the run.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl drawn::Operator<Release> for Operator {
    async fn promote_early(&self, release: &Release, _: &Visit) -> Result<PromoteEarly> {
        Ok(if release.is_promoted { PromoteEarly::Yes } else { PromoteEarly::No })
    }
}
