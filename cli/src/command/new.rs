//! `flowgen new`

use std::path::Path;

use flowgen_codegen::analyze_sources;
use flowgen_templates::{Crate, File, PATTERNS, Pattern, skeleton};

use crate::args;
use crate::command::generate::{fail, print_findings};
use crate::crate_name;
use crate::dependency::{absolute, source};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::input::Input;
use crate::nearest::nearest;
use crate::outline::outline;
use crate::report::Format;
use crate::workspace::detach_stranger;
use crate::write::folder;

pub(crate) fn run(args: &args::New) -> Result<ExitStatus, Failure> {
    match &args.from {
        Some(drawing) => from_drawing(args, drawing),
        None => from_pattern(args),
    }
}

fn from_pattern(args: &args::New) -> Result<ExitStatus, Failure> {
    let pattern = find(&args.first.to_string_lossy())?;
    let dir = args.second.clone().unwrap_or_else(|| pattern.name.into());
    create(args, &dir, |new| Ok(pattern.files(new)))
}

fn from_drawing(args: &args::New, drawing: &Path) -> Result<ExitStatus, Failure> {
    if args.second.is_some() {
        return Err(Failure::Usage {
            message: "`--from` cannot be combined with a pattern",
            help: "`flowgen new --from FILE DIR`, or `flowgen new PATTERN DIR`",
        });
    }
    let input = Input::read(drawing)?;
    let analysis = analyze_sources(&input.sources());
    if ExitStatus::new(&analysis.findings) == ExitStatus::Fail {
        return fail(&input, &analysis.findings, Format::Human);
    }
    print_findings(&input, &analysis.findings, Format::Human)?;
    if analysis.model.data.is_some() {
        return Err(Failure::DeclaredData(input.name));
    }
    create(args, &args.first, |new| {
        skeleton(new, &outline(&analysis.model, &new.name.replace('-', "_"), &input.text))
    })
}

fn find(name: &str) -> Result<&'static Pattern, Failure> {
    PATTERNS.iter().find(|pattern| pattern.name == name).ok_or_else(|| Failure::UnknownPattern {
        name: name.to_owned(),
        nearest: nearest(name, PATTERNS.iter().map(|pattern| pattern.name)),
        known: PATTERNS.iter().map(|pattern| pattern.name).collect::<Vec<_>>().join(", "),
    })
}

/// Creates the crate. All inputs are checked before the first file is written.
fn create(
    args: &args::New,
    dir: &Path,
    files: impl FnOnce(&Crate<'_>) -> Result<Vec<File>, flowgen_templates::Error>,
) -> Result<ExitStatus, Failure> {
    let target = absolute(dir)?;
    folder::expect_empty(dir, &target)?;
    let name = args.name.clone().unwrap_or_else(|| name_of(&target));
    let new =
        Crate { name: crate_name::checked(&name)?, flowgen: &source(&target, args.flowgen.as_deref())? };
    let files = files(&new)?;
    folder::create(&target, &files)?;
    if let Some(manifest) = files.iter().find(|file| file.path == "Cargo.toml") {
        detach_stranger(&target, &manifest.contents)?;
    }
    anstream::eprintln!("wrote the crate `{name}` to `{}`", dir.display());
    Ok(ExitStatus::Pass)
}

/// The name of a crate in this folder: the folder's name in lower case, because it is only a proposal.
fn name_of(target: &Path) -> String {
    target.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}
