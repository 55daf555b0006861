//! Is a file what would be written?

use std::fs;
use std::io;
use std::path::Path;

use crate::exit::Verdict;
use crate::failure::Failure;

/// How a stale file is written anew: what the user called for, but for `--check`.
pub(crate) const WITH_FORCE: &str = "run the same command with `--force` in place of `--check`";
pub(crate) const WITHOUT_CHECK: &str = "run the same command without `--check`";

/// Says so where a file is not there or `is_fresh` says no, and what to do about a stale one.
pub(crate) fn expect(
    path: &Path,
    is_fresh: impl FnOnce(&str) -> bool,
    remedy: &str,
) -> Result<Verdict, Failure> {
    let (trouble, remedy) = match fs::read_to_string(path) {
        Ok(old) if is_fresh(&old) => return Ok(Verdict::Pass),
        Ok(_) => ("is stale", remedy),
        Err(why) if why.kind() == io::ErrorKind::NotFound => ("is not there", WITHOUT_CHECK),
        Err(why) => return Err(Failure::Read { name: path.display().to_string(), why: why.into() }),
    };
    anstream::eprintln!("`{}` {trouble}: {remedy}", path.display());
    Ok(Verdict::Fail)
}
