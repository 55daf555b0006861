//! All findings that flowgen can make, one file each.
//!
//! A file has its [`Rule`] (code, texts, a wrong and a right drawing) and `check`, the only function that
//! makes findings of it. Lower layers return plain data; messages, help and fixes are written here alone.
//!
//! To add a rule, add a file and its name to the list.

mod alternatives;
mod context;
pub(crate) mod text;

pub(crate) use context::RuleContext;

use crate::finding::{Findings, Rule};

macro_rules! rules {
    ($($rule:ident,)*) => {
        $(mod $rule;)*

        /// All rules, by code.
        pub static RULES: &[&Rule] = &[$(&$rule::RULE,)*];

        /// Checks all rules.
        pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
            $($rule::check(cx, findings);)*
        }
    };
}

rules! {
    f001_unexpected_text,
    f002_unclosed_lane,
    f003_unclosed_string,
    f004_unknown_shape,
    f005_unknown_direction,
    f006_separator_mixed_up,
    f007_node_outside_lane,
    f008_missing_handle,
    f101_duplicate_id,
    f102_duplicate_lane,
    f103_unknown_node,
    f104_wrong_lane,
    f105_missing_lane,
    f106_id_gap,
    f107_colliding_names,
    f108_unknown_attribute,
    f201_no_start,
    f202_no_end,
    f203_isolated_node,
    f204_unreachable_node,
    f205_dead_end,
    f206_decision_with_one_outcome,
    f207_outcome_without_label,
    f208_outcome_label_twice,
    f209_loop_over_nothing,
    f210_loop_without_way_back,
    f211_empty_drawing,
    f212_loop_over_end,
    f213_loop_bound_of_zero,
    f214_way_back_implied,
    f215_outcomes_of_step,
    f216_loop_bound,
    f217_loop_left_on_cycle,
    f218_async_misspelt,
    f301_no_way_to_end,
    f302_cycle_without_exit,
    f303_fork_never_joins,
    f304_end_reached_while_branch_runs,
    f305_not_decided,
    f306_branch_always_rolls_back,
    f307_cycle_without_step,
    f308_fork_without_end,
    f309_node_shared_by_branches,
    f310_messages_without_end,
    f401_unpaired_compensation,
    f402_two_compensations,
    f403_pair_inferred,
    f404_compensation_misdrawn,
    f405_step_without_compensation,
    f406_undo_order,
    f407_rollback_runs_in_circle,
    f408_compensation_never_owed,
    f409_several_triggers,
    f410_compensations_crossed,
    f411_compensated_by_misspelt,
    f412_compensation_passed_by,
    f501_input_not_given,
    f502_unknown_in_declaration,
    f503_given_at_once,
    f504_not_done_unasked,
    f505_decision_not_fused,
    f506_unused_output,
}

/// The rule with this code, in either case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}
