//! `flowgen check --fix`

use std::io::{self, Write};
use std::path::Path;

use flowgen_codegen::finding::Finding;
use flowgen_codegen::fix::{FixOutcome, fix};
use flowgen_codegen::source::Sources;
use similar::TextDiff;

use super::check::show;
use crate::args;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::write::{file, stream};

/// Fixes all drawings before it writes the first one.
pub(super) fn run(
    args: &args::Check,
    inputs: &[Input],
    check: impl Fn(&Sources<'_>) -> Vec<Finding>,
) -> Result<ExitStatus, Failure> {
    let fixed: Vec<_> =
        inputs.iter().map(|input| fix(&input.text, |text| check(&input.sources_with(text)))).collect();
    let mut output_is_taken = args.dry_run;
    for ((path, input), fixed) in args.files.iter().zip(inputs).zip(&fixed) {
        if args.dry_run {
            write_diff(input, fixed, &mut stream::stdout())?;
        } else if input::is_standard(path) {
            output_is_taken = true;
            print(&fixed.text)?;
        } else {
            overwrite(path, fixed)?;
        }
    }
    show_what_is_left(args, inputs, fixed, output_is_taken)
}

fn write_diff(input: &Input, fixed: &FixOutcome, out: &mut impl Write) -> io::Result<()> {
    let diff = TextDiff::from_lines(input.text.as_str(), fixed.text.as_str());
    write!(out, "{}", diff.unified_diff().header(&input.name, &input.name))?;
    out.flush()
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn overwrite(path: &Path, fixed: &FixOutcome) -> Result<(), Failure> {
    if fixed.applied == 0 {
        return Ok(());
    }
    file::write(path, &fixed.text, true)?;
    let what = if fixed.applied == 1 { "finding" } else { "findings" };
    anstream::eprintln!("fixed {} {what} in `{}`", fixed.applied, path.display());
    Ok(())
}

/// Writes the report to the standard output, or to the standard error if a drawing or a diff uses the standard
/// output.
fn show_what_is_left(
    args: &args::Check,
    inputs: &[Input],
    fixed: Vec<FixOutcome>,
    output_is_taken: bool,
) -> Result<ExitStatus, Failure> {
    let (inputs, findings): (Vec<_>, Vec<_>) = inputs
        .iter()
        .zip(fixed)
        .map(|(input, fixed)| (Input { text: fixed.text, ..input.clone() }, fixed.remaining))
        .unzip();
    if output_is_taken {
        show(args, &inputs, &findings, &mut stream::stderr())
    } else {
        show(args, &inputs, &findings, &mut stream::stdout())
    }
}
