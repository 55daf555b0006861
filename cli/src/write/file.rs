//! Files that are written completely or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::failure::Failure;

/// Writes a temporary file beside the target and renames it.
///
/// An existing file is not overwritten unless `overwrite` is set. An equal file is left unchanged.
pub(crate) fn write(path: &Path, contents: &str, overwrite: bool) -> Result<(), Failure> {
    let failed = |why| Failure::Write { path: path.to_owned(), why };
    let Ok(old) = fs::metadata(path) else {
        return create(path, contents, None).and_then(|new| keep_other(new, path)).map_err(failed);
    };
    if !old.is_file() {
        return Err(Failure::NotAFile(path.to_owned()));
    }
    if fs::read(path).is_ok_and(|old| old == contents.as_bytes()) {
        return Ok(());
    }
    if !overwrite {
        return Err(Failure::Exists(path.to_owned()));
    }
    replace(path, contents, old.permissions()).map_err(failed)
}

/// Follows symbolic links, so that the target of a link is replaced, and not the link.
fn replace(path: &Path, contents: &str, permissions: Permissions) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    create(&path, contents, Some(permissions))?.persist(&path)?;
    Ok(())
}

/// Does not overwrite a file that was created in the meantime.
fn keep_other(new: NamedTempFile, path: &Path) -> io::Result<()> {
    new.persist_noclobber(path)?;
    Ok(())
}

fn create(path: &Path, contents: &str, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    builder.prefix(".flowgen-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(contents.as_bytes())?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}
