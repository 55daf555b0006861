//! `flowgen gen`

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use flowgen_codegen::finding::Finding;

use crate::args;
use crate::core::{analyse, generate};
use crate::exit::Verdict;
use crate::failure::Failure;
use crate::input::Input;
use crate::report::{Format, Report};
use crate::write::{file, stream};

pub(crate) fn run(args: &args::Gen) -> Result<Verdict, Failure> {
    let input = Input::read(&args.file)?;
    let analysis = analyse(&input.text);
    if Verdict::of(&analysis.findings, args.strict) == Verdict::Fail {
        return refuse(&input, &analysis.findings, args.format);
    }
    let code = generate(&analysis);
    match &args.output {
        None => print(&code),
        Some(path) if args.check => check(path, &code),
        Some(path) => file::write(path, &code, args.force).map(|()| Verdict::Pass),
    }
}

/// Says why nothing is written; the standard output is kept for code.
pub(crate) fn refuse(input: &Input, findings: &[Finding], format: Format) -> Result<Verdict, Failure> {
    let mut out = stream::stderr();
    format.write(&[Report::new(input, findings)], &mut out)?;
    out.flush()?;
    Ok(Verdict::Fail)
}

fn print(code: &str) -> Result<Verdict, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(code.as_bytes())?;
    out.flush()?;
    Ok(Verdict::Pass)
}

fn check(path: &Path, code: &str) -> Result<Verdict, Failure> {
    let trouble = match fs::read(path) {
        Ok(old) if old == code.as_bytes() => return Ok(Verdict::Pass),
        Ok(_) => "is stale",
        Err(why) if why.kind() == io::ErrorKind::NotFound => "is not there",
        Err(why) => return Err(Failure::Read { name: path.display().to_string(), why: why.into() }),
    };
    anstream::eprintln!("`{}` {trouble}: run the same command without `--check`", path.display());
    Ok(Verdict::Fail)
}
