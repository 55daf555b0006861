//! The workspace around a new crate.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::write::file;

/// The section that makes a package the root of its own workspace.
const OWN_WORKSPACE: &str = "
# The workspace around this crate does not have it as a member.
[workspace]
";

/// Makes a new crate its own workspace if it is inside the folder of a workspace without being a member, which
/// would keep it from being built.
///
/// Only cargo can determine the members. Without cargo nothing is changed, and nothing can be built either.
pub(crate) fn detach_stranger(folder: &Path, manifest: &str) -> Result<(), Failure> {
    let path = folder.join("Cargo.toml");
    if has_manifest_above(folder) && is_stranger(&path) {
        file::write(&path, &format!("{manifest}{OWN_WORKSPACE}"), true)?;
    }
    Ok(())
}

fn has_manifest_above(folder: &Path) -> bool {
    folder.ancestors().skip(1).any(|above| above.join("Cargo.toml").exists())
}

fn is_stranger(manifest: &Path) -> bool {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["locate-project", "--workspace", "--manifest-path"])
        .arg(manifest)
        .output()
        .is_ok_and(|output| {
            !output.status.success()
                && String::from_utf8_lossy(&output.stderr).contains("believes it's in a workspace")
        })
}
