//! The variants, and their assignment to units.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One of the two implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Variant {
    /// The current implementation.
    A,
    /// The candidate.
    B,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
        })
    }
}

/// Assigns a variant to each unit: always the same one, in every process, without stored state.
///
/// The SHA-256 hash of salt and unit decides, as a fraction of all hashes. Experiments with different salts divide
/// the same units independently of each other.
#[derive(Clone, Debug)]
pub struct Assignment {
    salt: Sha256,
    share_of_b: f64,
}

impl Assignment {
    /// An assignment that gives B to this share of the units.
    #[must_use]
    pub fn new(salt: &str, share_of_b: f64) -> Self {
        // A byte that occurs in no text separates salt and unit, so that different pairs have different input.
        Self { salt: Sha256::new_with_prefix(salt).chain_update([0xFF]), share_of_b }
    }

    /// The variant of this unit.
    #[must_use]
    pub fn variant(&self, unit: &str) -> Variant {
        let hash = self.salt.clone().chain_update(unit).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        if fraction(u64::from_be_bytes(first)) < self.share_of_b { Variant::B } else { Variant::A }
    }
}

/// A fraction from 0 to below 1, with the precision of an `f64`.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `hashlib.sha256(b"salt\xff" + unit)`. These values must never change, or units of running
    /// experiments would get another variant.
    #[test]
    fn a_unit_keeps_its_variant_for_good() {
        let assignment = Assignment::new("salt", 0.5);
        let variants = ["user-1", "user-2", "user-3", "user-4", "user-5", "user-6", "ü"];
        assert_eq!(variants.map(|unit| assignment.variant(unit).to_string()).concat(), "BAABABB");
    }

    #[test]
    fn a_share_is_kept_and_another_salt_divides_anew() {
        let (one, other) = (Assignment::new("one", 0.2), Assignment::new("other", 0.2));
        let units: Vec<String> = (0..20_000).map(|unit| format!("user-{unit}")).collect();
        let gets_b = |by: &Assignment, unit: &String| by.variant(unit) == Variant::B;
        let in_one = units.iter().filter(|unit| gets_b(&one, unit)).count();
        let in_both = units.iter().filter(|unit| gets_b(&one, unit) && gets_b(&other, unit)).count();
        assert!((3_770..4_230).contains(&in_one), "{in_one} of 20,000, four deviations around 4,000");
        assert!((690..910).contains(&in_both), "{in_both} of 20,000, four deviations around 800");
    }

    #[test]
    fn salt_and_unit_do_not_run_into_each_other() {
        let fractions = |salt: &str, unit: &str| {
            (1..100_u32)
                .map(|share| Assignment::new(salt, f64::from(share) / 100.0).variant(unit))
                .collect::<Vec<_>>()
        };
        assert_ne!(fractions("checkout1", "2"), fractions("checkout", "12"));
    }
}
