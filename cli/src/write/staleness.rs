//! Whether an existing file equals the output.

use std::fs;
use std::io;
use std::path::Path;

use crate::exit::ExitStatus;
use crate::failure::Failure;

/// Remedies for a stale file: the user's command without `--check`.
pub(crate) const WITH_FORCE: &str = "run the same command with `--force` instead of `--check`";
pub(crate) const WITHOUT_CHECK: &str = "run the same command without `--check`";

/// Fails if the file is missing or `is_fresh` returns false. Prints the remedy, which is `remedy` for a stale
/// file.
pub(crate) fn expect(
    path: &Path,
    is_fresh: impl FnOnce(&str) -> bool,
    remedy: &str,
) -> Result<ExitStatus, Failure> {
    let (trouble, remedy) = match fs::read_to_string(path) {
        Ok(old) if is_fresh(&old) => return Ok(ExitStatus::Pass),
        Ok(_) => ("is stale", remedy),
        Err(why) if why.kind() == io::ErrorKind::NotFound => ("does not exist", WITHOUT_CHECK),
        Err(why) => return Err(Failure::Read { name: path.display().to_string(), why: why.into() }),
    };
    anstream::eprintln!("`{}` {trouble}: {remedy}", path.display());
    Ok(ExitStatus::Fail)
}
