//! The lane `Operator`: somebody may know better than the figures.

use flowgen::{Result, Visit};

use crate::drawing::operator::{self as drawn, PromoteEarly};
use crate::release::Release;

/// Goes by what an operator has said while the version was watched.
///
/// That the old version is to serve can be said at any time: it cancels the run.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl drawn::Operator<Release> for Operator {
    async fn promote_early(&self, release: &Release, _: &Visit) -> Result<PromoteEarly> {
        Ok(if release.is_promoted { PromoteEarly::Yes } else { PromoteEarly::No })
    }
}
