//! Folders that are written completely or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use flowgen_templates::File;
use tempfile::{Builder, TempDir};

use crate::failure::Failure;

/// Fails if the target exists and is not an empty folder. `shown` is the path as given by the user.
pub(crate) fn expect_empty(shown: &Path, target: &Path) -> Result<(), Failure> {
    match fs::read_dir(target) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::FolderNotEmpty(shown.to_owned())),
        },
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) if !target.is_dir() => Err(Failure::NotAFolder(shown.to_owned())),
        Err(why) => Err(Failure::Write { path: shown.to_owned(), why }),
    }
}

/// Writes the files to a temporary folder beside `target`, an absolute path, and moves it there.
///
/// Missing parent folders are created with the same rename, so that a failure leaves none of them behind.
pub(crate) fn create(target: &Path, files: &[File]) -> Result<(), Failure> {
    let done = if target.is_dir() { fill(target, files) } else { appear(target, files) };
    done.map_err(|why| Failure::Write { path: target.to_owned(), why })
}

/// Creates a missing folder with one rename.
fn appear(target: &Path, files: &[File]) -> io::Result<()> {
    let mut missing = target;
    let mut above = target.parent().unwrap_or(target);
    while !above.exists() && above.parent().is_some() {
        missing = above;
        above = above.parent().unwrap_or(above);
    }
    let draft = draft_in(above)?;
    let drafted = |path: &Path| path.strip_prefix(above).map(|path| draft.path().join(path));
    write_all(&drafted(target).map_err(io::Error::other)?, files)?;
    fs::rename(drafted(missing).map_err(io::Error::other)?, missing)
}

/// Moves the entries into an empty folder. The folder is not replaced, because it may be the current folder of
/// a process.
fn fill(target: &Path, files: &[File]) -> io::Result<()> {
    let draft = draft_in(target)?;
    write_all(draft.path(), files)?;
    let entries = fs::read_dir(draft.path())?.collect::<io::Result<Vec<_>>>()?;
    let mut moved = Vec::new();
    for entry in entries {
        let to = target.join(entry.file_name());
        if let Err(why) = fs::rename(entry.path(), &to) {
            take_back(&moved);
            return Err(why);
        }
        moved.push(to);
    }
    Ok(())
}

fn take_back(moved: &[PathBuf]) {
    for path in moved {
        // An entry that cannot be removed is not reported: the caller reports the error that led here.
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

fn draft_in(folder: &Path) -> io::Result<TempDir> {
    Builder::new().prefix(".flowgen-").tempdir_in(folder)
}

fn write_all(folder: &Path, files: &[File]) -> io::Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, &file.contents)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> File {
        File { path: path.into(), contents: path.into() }
    }

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn missing_folders_are_made() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a/b/c");
        create(&target, &[file("x/y"), file("z")]).unwrap();
        assert_eq!(fs::read_to_string(target.join("x/y")).unwrap(), "x/y");
        assert_eq!(entries(&target), ["x", "z"]);
        assert_eq!(entries(root.path()), ["a"]);
    }

    #[test]
    fn an_empty_folder_is_filled() {
        let root = tempfile::tempdir().unwrap();
        create(root.path(), &[file("x/y"), file("z")]).unwrap();
        assert_eq!(entries(root.path()), ["x", "z"]);
    }

    #[test]
    fn nothing_remains_of_a_failure() {
        let clash = [file("x"), file("x/y")];
        let root = tempfile::tempdir().unwrap();
        create(&root.path().join("a/b"), &clash).unwrap_err();
        create(root.path(), &clash).unwrap_err();
        assert!(entries(root.path()).is_empty());
    }
}
