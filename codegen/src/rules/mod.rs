//! Every finding that flowgen can make, one file each.
//!
//! A file holds its [`Rule`] (code, texts, a wrong and a right drawing) and the only function that
//! makes findings of it: `report`, called by the stage that comes upon the fault, or `check`, called
//! on the finished model.

use crate::finding::Rule;

pub(crate) mod f001_unexpected_text;
pub(crate) mod f002_unclosed_lane;
pub(crate) mod f003_unclosed_string;
pub(crate) mod f004_unknown_shape;
pub(crate) mod f005_unknown_direction;
pub(crate) mod f006_separator_mixed_up;
pub(crate) mod f007_node_outside_lane;
pub(crate) mod f008_missing_handle;

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
];

/// The rule with this code, in either case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}
