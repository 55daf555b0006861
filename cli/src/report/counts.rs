//! The number of findings of each severity.

use std::fmt;

use flowgen_codegen::finding::{Finding, Severity};
use serde::Serialize;

/// The number of findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity() {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }
}

/// A number with its noun: `1 run`, `2 runs`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Writes `2 errors, 1 warning, 3 notes`, without severities that have no findings.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severities = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let words: Vec<String> = severities
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, what)| counted(count, what))
            .collect();
        if words.is_empty() { f.write_str("no findings") } else { f.write_str(&words.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_english() {
        let counts = |errors, warnings, notes| Counts { errors, warnings, notes }.to_string();
        assert_eq!(counts(2, 1, 3), "2 errors, 1 warning, 3 notes");
        assert_eq!(counts(0, 0, 1), "1 note");
        assert_eq!(counts(0, 0, 0), "no findings");
    }
}
