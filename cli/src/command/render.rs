//! `flowgen render`

use std::fs;

use flowgen_codegen::analyze_sources;
use flowgen_picture::{is_picture, svg};

use super::generate::fail;
use crate::args;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::input::Input;
use crate::write::{file, staleness, stream};

pub(crate) fn run(args: &args::Render) -> Result<ExitStatus, Failure> {
    let input = Input::read(&args.file)?;
    let analysis = analyze_sources(&input.sources());
    if ExitStatus::new(&analysis.findings) == ExitStatus::Fail {
        return fail(&input, &analysis.findings, args.format);
    }
    let picture = svg(&analysis);
    let Some(path) = &args.output else { return stream::print(&picture) };
    // An existing picture is overwritten. Other files are kept without `--force`.
    let is_ours = || fs::read_to_string(path).is_ok_and(|old| is_picture(&old));
    if args.check {
        let remedy = if is_ours() { staleness::WITHOUT_CHECK } else { staleness::WITH_FORCE };
        return staleness::expect(path, |old| same_lines(old, &picture), remedy);
    }
    file::write(path, &picture, args.force || is_ours()).map(|()| ExitStatus::Pass)
}

/// Compares by lines, because version control may have changed the line endings.
fn same_lines(one: &str, other: &str) -> bool {
    one.lines().eq(other.lines())
}
