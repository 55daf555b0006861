//! Every finding that flowgen can make, one file each.
//!
//! A file holds its [`Rule`] (code, texts, a wrong and a right drawing) and the only function that
//! makes findings of it: `report`, called by the stage that comes upon the fault, or `check`, called
//! on the finished model.

use crate::finding::Rule;

/// All rules, by code.
pub static RULES: &[&Rule] = &[];

/// The rule with this code, in either case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code))
}
