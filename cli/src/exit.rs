//! The program's exit codes.

use std::process::ExitCode;

use flowgen_codegen::finding::{Finding, Severity};

/// Exit code if a command could not do its work: wrong usage, or a file that could not be read or written.
pub(crate) const USAGE: u8 = 2;

/// Part of the help of every command whose result is its exit code.
pub(crate) const HELP: &str = "\
Exit codes:
  0  no error was found
  1  errors were found (including those from --strict or --deny), or --check found a stale file
  2  wrong usage, or a file that cannot be read or written; nothing was written";

/// The result of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// No error was found.
    Pass,
    /// There is an error to fix first.
    Fail,
}

impl ExitStatus {
    /// `Fail` if a finding is an error, by default or because it is denied.
    pub(crate) fn new(findings: &[Finding]) -> Self {
        if findings.iter().any(|finding| finding.severity() == Severity::Error) {
            Self::Fail
        } else {
            Self::Pass
        }
    }

    /// Returns the worse of the two verdicts.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Fail { self } else { other }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Pass => Self::SUCCESS,
            ExitStatus::Fail => Self::FAILURE,
        }
    }
}
