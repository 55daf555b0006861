//! Every finding that flowgen can make, one file each.
//!
//! A file holds its [`Rule`] (code, texts, a wrong and a right drawing) and the only function that
//! makes findings of it: `report`, called by the stage that comes upon the fault, or `check`, called
//! on the finished model.

use std::collections::HashSet;

use crate::finding::{Rule, Sink};
use crate::model::Model;
use crate::model::fork::{escapes, shared};

pub(crate) mod f001_unexpected_text;
pub(crate) mod f002_unclosed_lane;
pub(crate) mod f003_unclosed_string;
pub(crate) mod f004_unknown_shape;
pub(crate) mod f005_unknown_direction;
pub(crate) mod f006_separator_mixed_up;
pub(crate) mod f007_node_outside_lane;
pub(crate) mod f008_missing_handle;
pub(crate) mod f101_duplicate_id;
pub(crate) mod f102_duplicate_lane;
pub(crate) mod f103_unknown_node;
pub(crate) mod f104_wrong_lane;
pub(crate) mod f105_missing_lane;
pub(crate) mod f106_id_gap;
pub(crate) mod f107_colliding_names;
pub(crate) mod f108_unknown_attribute;
pub(crate) mod f201_no_start;
pub(crate) mod f202_no_end;
pub(crate) mod f203_isolated_node;
pub(crate) mod f204_unreachable_node;
pub(crate) mod f205_dead_end;
pub(crate) mod f206_decision_with_one_outcome;
pub(crate) mod f207_outcome_without_label;
pub(crate) mod f208_outcome_label_twice;
pub(crate) mod f209_loop_over_nothing;
pub(crate) mod f210_loop_without_way_back;
pub(crate) mod f211_empty_drawing;
pub(crate) mod f212_loop_over_end;
pub(crate) mod f213_loop_bound_of_zero;
pub(crate) mod f214_way_back_implied;
pub(crate) mod f215_outcomes_of_step;
pub(crate) mod f216_loop_bound;
pub(crate) mod f217_loop_left_on_cycle;
pub(crate) mod f218_async_misspelt;
pub(crate) mod f301_no_way_to_end;
pub(crate) mod f302_cycle_without_exit;
pub(crate) mod f303_fork_never_joins;
pub(crate) mod f304_end_reached_while_branch_runs;
pub(crate) mod f305_not_decided;
pub(crate) mod f306_branch_always_rolls_back;
pub(crate) mod f307_cycle_without_step;
pub(crate) mod f308_fork_without_end;
pub(crate) mod f309_node_shared_by_branches;
pub(crate) mod f310_messages_without_end;
pub(crate) mod f401_unpaired_compensation;
pub(crate) mod f402_two_compensations;
pub(crate) mod f403_pair_inferred;
pub(crate) mod f404_compensation_misdrawn;
pub(crate) mod f405_step_without_compensation;
pub(crate) mod f406_undo_order;
pub(crate) mod f407_rollback_runs_in_circle;
pub(crate) mod f408_compensation_never_owed;
pub(crate) mod f409_several_triggers;
pub(crate) mod f410_compensations_crossed;
pub(crate) mod f411_compensated_by_misspelt;
pub(crate) mod f412_compensation_passed_by;
pub(crate) mod f504_not_done_unasked;

mod alternatives;
mod circle;
mod course;
mod endless;
mod owing;
mod reach;
mod walk;
pub(crate) mod wording;

/// All rules, by code.
pub static RULES: &[&Rule] = &[
    &f001_unexpected_text::RULE,
    &f002_unclosed_lane::RULE,
    &f003_unclosed_string::RULE,
    &f004_unknown_shape::RULE,
    &f005_unknown_direction::RULE,
    &f006_separator_mixed_up::RULE,
    &f007_node_outside_lane::RULE,
    &f008_missing_handle::RULE,
    &f101_duplicate_id::RULE,
    &f102_duplicate_lane::RULE,
    &f103_unknown_node::RULE,
    &f104_wrong_lane::RULE,
    &f105_missing_lane::RULE,
    &f106_id_gap::RULE,
    &f107_colliding_names::RULE,
    &f108_unknown_attribute::RULE,
    &f201_no_start::RULE,
    &f202_no_end::RULE,
    &f203_isolated_node::RULE,
    &f204_unreachable_node::RULE,
    &f205_dead_end::RULE,
    &f206_decision_with_one_outcome::RULE,
    &f207_outcome_without_label::RULE,
    &f208_outcome_label_twice::RULE,
    &f209_loop_over_nothing::RULE,
    &f210_loop_without_way_back::RULE,
    &f211_empty_drawing::RULE,
    &f212_loop_over_end::RULE,
    &f213_loop_bound_of_zero::RULE,
    &f214_way_back_implied::RULE,
    &f215_outcomes_of_step::RULE,
    &f216_loop_bound::RULE,
    &f217_loop_left_on_cycle::RULE,
    &f218_async_misspelt::RULE,
    &f301_no_way_to_end::RULE,
    &f302_cycle_without_exit::RULE,
    &f303_fork_never_joins::RULE,
    &f304_end_reached_while_branch_runs::RULE,
    &f305_not_decided::RULE,
    &f306_branch_always_rolls_back::RULE,
    &f307_cycle_without_step::RULE,
    &f308_fork_without_end::RULE,
    &f309_node_shared_by_branches::RULE,
    &f310_messages_without_end::RULE,
    &f401_unpaired_compensation::RULE,
    &f402_two_compensations::RULE,
    &f403_pair_inferred::RULE,
    &f404_compensation_misdrawn::RULE,
    &f405_step_without_compensation::RULE,
    &f406_undo_order::RULE,
    &f407_rollback_runs_in_circle::RULE,
    &f408_compensation_never_owed::RULE,
    &f409_several_triggers::RULE,
    &f410_compensations_crossed::RULE,
    &f411_compensated_by_misspelt::RULE,
    &f412_compensation_passed_by::RULE,
    &f504_not_done_unasked::RULE,
];

/// The rule with this code, in either case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Checks a finished model. What was wrong on the way to it has been reported.
pub fn check(model: &Model, sink: &mut Sink) {
    f211_empty_drawing::check(model, sink);
    if model.nodes.is_empty() {
        return;
    }
    let reach = reach::Reach::of(model);
    f201_no_start::check(model, &reach, sink);
    f202_no_end::check(model, &reach, sink);
    f203_isolated_node::check(model, &reach, sink);
    f204_unreachable_node::check(model, &reach, sink);
    f205_dead_end::check(model, &reach, sink);
    f206_decision_with_one_outcome::check(model, sink);
    f207_outcome_without_label::check(model, sink);
    f208_outcome_label_twice::check(model, sink);
    if !model.incomplete {
        check_courses(model, &reach, sink);
    }
}

/// Checks what is about whole walks. An arrow that could not be read might have made another one.
fn check_courses(model: &Model, reach: &reach::Reach, sink: &mut Sink) {
    let course = course::Course::of(model);
    f301_no_way_to_end::check(model, &course, sink);
    f302_cycle_without_exit::check(model, &course, sink);
    let finishes = endless::finishes(model, &course.control);
    let endless_forks = endless::forks(model, &course, &finishes);
    let mut escapes = escapes(model);
    // What becomes of the other branches of an endless fork is not known before that one is mended.
    let is_endless: HashSet<_> = endless_forks.iter().flatten().collect();
    escapes.found.retain(|escape| !is_endless.contains(&escape.fork));
    f303_fork_never_joins::check(model, &escapes.found, sink);
    f304_end_reached_while_branch_runs::check(model, &escapes.found, sink);
    f305_not_decided::check_forks(model, &escapes, sink);
    f306_branch_always_rolls_back::check(model, &finishes, sink);
    f217_loop_left_on_cycle::check(model, &course, sink);
    f307_cycle_without_step::check(model, &course, reach, sink);
    f308_fork_without_end::check(model, &endless_forks, sink);
    f309_node_shared_by_branches::check(model, shared(model, &finishes), sink);
    let endless_messages = endless::messages(model, &course, reach, &finishes);
    f310_messages_without_end::check(model, &endless_messages, sink);
    f405_step_without_compensation::check(model, &course, sink);
    f406_undo_order::check(model, &course, sink);
    f407_rollback_runs_in_circle::check(model, &course, sink);
    f408_compensation_never_owed::check(model, &course, sink);
    f409_several_triggers::check(model, sink);
    f410_compensations_crossed::check(model, sink);
    f504_not_done_unasked::check(model, &course, sink);
}
