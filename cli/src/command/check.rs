//! `flowgen check`

use std::io::Write;

use flowgen_codegen::analyze_sources;
use flowgen_codegen::finding::Finding;
use flowgen_codegen::source::Sources;

use super::fix;
use crate::args;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::input::Input;
use crate::report::Report;
use crate::write::stream;

/// Reads every file before the first report: an argument that is not a drawing is wrong usage.
pub(crate) fn run(args: &args::Check) -> Result<ExitStatus, Failure> {
    let levels = args.levels.read()?;
    let check = |sources: &Sources<'_>| levels.apply(analyze_sources(sources).findings);
    let inputs = args.files.iter().map(|file| Input::read(file)).collect::<Result<Vec<_>, _>>()?;
    if args.fix {
        return fix::run(args, &inputs, check);
    }
    let findings: Vec<_> = inputs.iter().map(|input| check(&input.sources())).collect();
    show(args, &inputs, &findings, &mut stream::stdout())
}

/// Writes the findings of each drawing, and returns the verdict.
pub(super) fn show(
    args: &args::Check,
    inputs: &[Input],
    findings: &[Vec<Finding>],
    out: &mut impl Write,
) -> Result<ExitStatus, Failure> {
    let reports: Vec<_> =
        inputs.iter().zip(findings).map(|(input, findings)| Report::new(input, findings)).collect();
    args.format.write(&reports, out)?;
    out.flush()?;
    Ok(findings.iter().fold(ExitStatus::Pass, |status, found| status.and(ExitStatus::new(found))))
}
