use std::collections::BTreeMap;
use std::fmt;

use crate::finding::{Finding, Severity};
use crate::rules::text::quoted;
use crate::rules::{RULES, rule};
use crate::suggest::closest;

/// A user's setting for the findings of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Suppress them.
    Allow,
    /// Treat them as errors.
    Deny,
}

/// Severity overrides by rule. Rules without one keep their default severity.
///
/// ```
/// use flowgen_codegen::finding::Severity;
/// use flowgen_codegen::{Level, Levels, analyze};
///
/// let drawing = "Shop {\n n1: circle label=\"Start\"\n n3: circle label:\"End\"\n n1.handle(right) -> n3.handle(left)\n}";
/// let mut levels = Levels::default();
/// levels.set("F006", Level::Allow)?;
/// levels.set("F106", Level::Deny)?;
/// let findings = levels.apply(analyze(drawing).findings);
/// assert_eq!(findings.len(), 1);
/// assert_eq!((findings[0].rule.code, findings[0].severity()), ("F106", Severity::Error));
/// # Ok::<(), flowgen_codegen::LevelError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Levels {
    strict: bool,
    by_code: BTreeMap<&'static str, Level>,
}

impl Levels {
    /// Denies all warnings, except those that are allowed.
    pub fn deny_warnings(&mut self) {
        self.strict = true;
    }

    /// Sets the level of the rule with this code.
    ///
    /// # Errors
    ///
    /// If no rule has this code, if the rule is an error and would be allowed, or if the rule has the other
    /// level.
    pub fn set(&mut self, code: &str, level: Level) -> Result<(), LevelError> {
        let rule = rule(code).ok_or_else(|| LevelError::unknown(code))?;
        if level == Level::Allow && rule.severity == Severity::Error {
            return Err(LevelError::AllowedError(rule.code));
        }
        match self.by_code.insert(rule.code, level) {
            Some(before) if before != level => Err(LevelError::Contradiction(rule.code)),
            _ => Ok(()),
        }
    }

    /// Removes allowed findings, and turns denied ones into errors.
    #[must_use]
    pub fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain(|finding| self.by_code.get(finding.rule.code) != Some(&Level::Allow));
        for finding in &mut findings {
            let is_denied = self.by_code.contains_key(finding.rule.code);
            if is_denied || self.strict && finding.severity() == Severity::Warning {
                finding.deny();
            }
        }
        findings
    }
}

/// Error of an invalid level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LevelError {
    /// No rule has this code.
    Unknown {
        /// The code, as written.
        code: String,
        /// The code that was probably meant.
        closest: Option<&'static str>,
    },
    /// An error cannot be allowed: the code of such a drawing must not run.
    AllowedError(&'static str),
    /// The same rule is both allowed and denied.
    Contradiction(&'static str),
}

impl LevelError {
    fn unknown(code: &str) -> Self {
        Self::Unknown { code: code.to_owned(), closest: closest(code, RULES.iter().map(|rule| rule.code)) }
    }

    /// How to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Unknown { closest: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { closest: None, .. } => "`flowgen explain --all` lists all findings".to_owned(),
            Self::AllowedError(code) => {
                format!("fix the drawing; `flowgen explain {code}` explains the finding")
            }
            Self::Contradiction(_) => "remove one of the two".to_owned(),
        }
    }
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { code, .. } => write!(f, "unknown finding {}", quoted(code)),
            Self::AllowedError(code) => write!(f, "`{code}` is an error and cannot be allowed"),
            Self::Contradiction(code) => write!(f, "`{code}` is both allowed and denied"),
        }
    }
}

impl std::error::Error for LevelError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze;

    /// One warning (F006) and one note (F106).
    const UNTIDY: &str = "Shop {\n n1: circle label=\"Start\"\n n3: circle label:\"End\"\n n1.handle(right) -> n3.handle(left)\n}";

    fn found(levels: &Levels) -> Vec<(&'static str, Severity)> {
        let findings = levels.apply(analyze(UNTIDY).findings);
        findings.iter().map(|finding| (finding.rule.code, finding.severity())).collect()
    }

    #[test]
    fn by_default_each_rule_has_its_own_severity() {
        assert_eq!(found(&Levels::default()), [("F006", Severity::Warning), ("F106", Severity::Note)]);
    }

    #[test]
    fn strict_denies_warnings_but_neither_notes_nor_allowed_codes() {
        let mut levels = Levels::default();
        levels.deny_warnings();
        assert_eq!(found(&levels), [("F006", Severity::Error), ("F106", Severity::Note)]);
        levels.set("f006", Level::Allow).unwrap();
        assert_eq!(found(&levels), [("F106", Severity::Note)]);
    }

    #[test]
    fn a_wish_that_makes_no_sense_is_refused() {
        let mut levels = Levels::default();
        let unknown = levels.set("F0006", Level::Deny).unwrap_err();
        assert_eq!(unknown, LevelError::Unknown { code: "F0006".into(), closest: Some("F006") });
        assert_eq!(levels.set("F205", Level::Allow), Err(LevelError::AllowedError("F205")));
        levels.set("F106", Level::Deny).unwrap();
        levels.set("F106", Level::Deny).unwrap();
        assert_eq!(levels.set("F106", Level::Allow), Err(LevelError::Contradiction("F106")));
    }
}
