//! `flowgen gen`

use std::io::Write as _;

use flowgen_codegen::Settings;
use flowgen_codegen::finding::Finding;
use flowgen_codegen::format::{Refused, generate, is_same_code};

use crate::args;
use crate::exit::Verdict;
use crate::failure::Failure;
use crate::input::Input;
use crate::report::{Format, Report};
use crate::write::{file, fresh, stream};

pub(crate) fn run(args: &args::Gen) -> Result<Verdict, Failure> {
    let settings = Settings { levels: args.levels.read()?, ..Settings::default() };
    let input = Input::read(&args.file)?;
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let code = match generate(&name, &input.text, &settings) {
        Ok((code, findings)) => {
            tell(&input, &findings, args.format)?;
            code
        }
        Err(Refused::Findings(findings)) => return refuse(&input, &findings, args.format),
        Err(Refused::Emission(error)) => return Err(Failure::Emission(error.to_string())),
    };
    match &args.output {
        None => stream::print(&code),
        Some(path) if args.check => fresh::expect(path, |old| is_same_code(old, &code), fresh::WITH_FORCE),
        Some(path) => file::write(path, &code, args.force).map(|()| Verdict::Pass),
    }
}

/// Says why nothing is written.
pub(crate) fn refuse(input: &Input, findings: &[Finding], format: Format) -> Result<Verdict, Failure> {
    tell(input, findings, format)?;
    Ok(Verdict::Fail)
}

/// Says what was found, if anything; the standard output is kept for code.
pub(crate) fn tell(input: &Input, findings: &[Finding], format: Format) -> Result<(), Failure> {
    if findings.is_empty() {
        return Ok(());
    }
    let mut out = stream::stderr();
    format.write(&[Report::new(input, findings)], &mut out)?;
    out.flush()?;
    Ok(())
}
