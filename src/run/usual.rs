//! Serde defaults. Common values are omitted, because a run is saved after each step.

use super::place::Standing;
use super::state::{Phase, Trace};

pub(super) fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_one(count: &u32) -> bool {
    *count == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_zero(count: &u32) -> bool {
    *count == 0
}

pub(super) fn begun() -> Standing {
    Standing::Begun
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_begun(standing: &Standing) -> bool {
    *standing == Standing::Begun
}

pub(super) fn done() -> Trace {
    Trace::Done
}

pub(super) fn is_forward(phase: &Phase) -> bool {
    matches!(phase, Phase::Forward)
}
