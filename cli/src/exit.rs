//! What the program's exit code says.

use std::process::ExitCode;

use flowgen_codegen::finding::{Finding, Severity};

/// The command could not do its work: it was used wrongly, or a file could not be read or written.
pub(crate) const USAGE: u8 = 2;

/// Part of the help of every command whose answer is in its exit code.
pub(crate) const HELP: &str = "\
Exit codes:
  0  no error was found
  1  errors were found, or what --strict or --deny makes one, or --check found a stale file
  2  wrong usage, or a file that can't be read or written; nothing was written";

/// What a command that did its work found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is in the way.
    Pass,
    /// Something has to be mended first.
    Fail,
}

impl Verdict {
    /// `Fail` when a finding is an error, by itself or denied.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        if findings.iter().any(|finding| finding.severity() == Severity::Error) {
            Self::Fail
        } else {
            Self::Pass
        }
    }

    /// The worse of both.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Fail { self } else { other }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::SUCCESS,
            Verdict::Fail => Self::FAILURE,
        }
    }
}
