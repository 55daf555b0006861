//! Serde defaults. Common values are omitted, because a run is saved after each step.

use super::branch::BranchState;
use super::path_entry::VisitOutcome;
use super::state::Phase;
use crate::routing::ValueId;

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

pub(super) fn first_value() -> ValueId {
    ValueId::FIRST
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_first_value(id: &ValueId) -> bool {
    *id == ValueId::FIRST
}

pub(super) fn begun() -> BranchState {
    BranchState::Begun
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_begun(state: &BranchState) -> bool {
    *state == BranchState::Begun
}

pub(super) fn done() -> VisitOutcome {
    VisitOutcome::Done
}

pub(super) fn is_forward(phase: &Phase) -> bool {
    matches!(phase, Phase::Forward)
}
