//! `flowgen check`

use std::io::Write as _;
use std::path::Path;

use flowgen_codegen::analyse;

use crate::args;
use crate::exit::Verdict;
use crate::failure::Failure;
use crate::input::Input;
use crate::report::Report;
use crate::write::stream;

/// Reads every file before it says a word: an argument that is no drawing is a mistake of use.
pub(crate) fn run(args: &args::Check) -> Result<Verdict, Failure> {
    let inputs = args.files.iter().map(|file| Input::read(Path::new(file))).collect::<Result<Vec<_>, _>>()?;
    let findings: Vec<_> = inputs.iter().map(|input| analyse(&input.text).findings).collect();
    let reports: Vec<_> =
        inputs.iter().zip(&findings).map(|(input, findings)| Report::new(input, findings)).collect();

    let mut out = stream::stdout();
    args.format.write(&reports, &mut out)?;
    out.flush()?;

    Ok(findings.iter().fold(Verdict::Pass, |verdict, found| verdict.and(Verdict::of(found, args.strict))))
}
