//! Reports of findings, with one file per format.

pub(crate) mod counts;
mod github;
mod human;
mod json;
mod sarif;
mod windows;

use std::io::{self, Write};

use clap::ValueEnum;
use flowgen_codegen::finding::Finding;
use flowgen_codegen::source::SourceFiles;

use crate::input::Input;

pub(crate) use json::HELP as JSON_HELP;

/// The findings of one drawing.
pub(crate) struct Report<'a> {
    /// The drawing, named as given by the user, and its declaration.
    files: SourceFiles<'a>,
    /// In the order of the drawing.
    findings: &'a [Finding],
}

impl<'a> Report<'a> {
    pub(crate) fn new(input: &'a Input, findings: &'a [Finding]) -> Self {
        Self { files: input.files(), findings }
    }
}

/// A format of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal: each finding with the lines of the drawing
    #[default]
    Human,
    /// For programs: one JSON object per drawing and line
    Json,
    /// For code scanning: one SARIF 2.1.0 log for all drawings
    Sarif,
    /// For GitHub Actions: workflow commands, shown beside the lines of a pull request
    Github,
}

impl Format {
    /// Writes the reports of all drawings.
    pub(crate) fn write(self, reports: &[Report<'_>], out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Human => human::write(reports, out),
            Self::Json => json::write(reports, out),
            Self::Sarif => sarif::write(reports, out),
            Self::Github => github::write(reports, out),
        }
    }
}
