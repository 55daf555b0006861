//! `flowgen list`

use std::io::Write as _;

use flowgen_templates::PATTERNS;

use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::write::stream;

pub(crate) fn run() -> Result<ExitStatus, Failure> {
    let width = PATTERNS.iter().map(|pattern| pattern.name.len()).max().unwrap_or_default();
    let mut out = stream::stdout();
    for pattern in PATTERNS {
        writeln!(out, "{:width$}  {}", pattern.name, pattern.summary)?;
    }
    out.flush()?;
    Ok(ExitStatus::Pass)
}
