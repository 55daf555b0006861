//! `flowgen gen`

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Component, Path};

use flowgen_codegen::finding::Finding;
use flowgen_codegen::format::{GenerateError, crate_path, generate_files, is_same_code};
use flowgen_codegen::source::SourceFiles;
use flowgen_codegen::{Settings, Visibility};

use crate::args;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::input::Input;
use crate::report::{Format, Report};
use crate::write::{file, staleness, stream};

pub(crate) fn run(args: &args::Gen) -> Result<ExitStatus, Failure> {
    let settings = Settings {
        runtime: crate_path(&args.place.crate_path)?,
        visibility: if args.place.pub_crate { Visibility::Crate } else { Visibility::Public },
        diagnostic_attributes: !args.place.no_implicit_prelude,
        levels: args.levels.read()?,
        ..Settings::default()
    };
    let input = Input::read(&args.file)?;
    let name = name(&args.file);
    let declaration_name = self::name(&args.file.with_extension("data"));
    let files = SourceFiles::new(&name, &input.text);
    let files = match &input.declaration {
        Some(declaration) => files.with_declaration(&declaration_name, &declaration.text),
        None => files,
    };
    let code = match generate_files(&files, &settings) {
        Ok((code, findings)) => {
            print_findings(&input, &findings, args.format)?;
            code
        }
        Err(GenerateError::Findings(findings)) => return fail(&input, &findings, args.format),
        Err(GenerateError::Emission(error)) => return Err(Failure::Emission(error.to_string())),
    };
    match &args.output {
        None => stream::print(&code),
        Some(path) if args.check => {
            staleness::expect(path, |old| is_same_code(old, &code), staleness::WITH_FORCE)
        }
        Some(path) => file::write(path, &code, args.force).map(|()| ExitStatus::Pass),
    }
}

/// The name of the drawing in the generated code: the path as given, without folders that only this machine
/// has. For an absolute path, or one with `..`, this is only the file name.
fn name(file: &Path) -> String {
    let components = file.components().filter(|component| *component != Component::CurDir);
    let names: Option<Vec<_>> = components
        .map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy()),
            _ => None,
        })
        .collect();
    let names = names.unwrap_or_else(|| file.file_name().map(OsStr::to_string_lossy).into_iter().collect());
    names.join("/")
}

/// Reports the findings that prevent the output.
pub(crate) fn fail(input: &Input, findings: &[Finding], format: Format) -> Result<ExitStatus, Failure> {
    print_findings(input, findings, format)?;
    Ok(ExitStatus::Fail)
}

/// Reports the findings, if any, to the standard error. The standard output is for code only.
pub(crate) fn print_findings(input: &Input, findings: &[Finding], format: Format) -> Result<(), Failure> {
    if findings.is_empty() {
        return Ok(());
    }
    let mut out = stream::stderr();
    format.write(&[Report::new(input, findings)], &mut out)?;
    out.flush()?;
    Ok(())
}
