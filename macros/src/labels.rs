//! A file with the labels of a drawing, for rustc to quote.
//!
//! rustc quotes only sources that it compiles, and a macro cannot create spans of other files. So `flow!` with
//! a file or a string writes the labels to a Rust file and includes it: a call of a macro whose arguments are
//! the labels, one on each line. The items get the spans of these arguments.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs, io, process};

use flowgen_codegen::LocatedLabel;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Writes the labels of a drawing to a file. Creates the items that include it and pass its labels to
/// `__flow_with_labels`.
///
/// Returns `None` if the file cannot be written, or if the caller is not rustc.
pub(crate) fn include(
    stem: &str,
    labels: &[LocatedLabel],
    runtime: &TokenStream,
    drawing: &TokenStream,
) -> Option<TokenStream> {
    let path = write(&output_folder()?, stem, &contents(labels)).ok()?;
    let path = path.to_str()?;
    Some(quote! {
        macro_rules! __flow_labels {
            ($($label:tt)*) => {
                #runtime::__flow_with_labels! { [$($label)*] #runtime => #drawing }
            };
        }
        ::core::include!(#path);
    })
}

fn contents(labels: &[LocatedLabel]) -> String {
    let mut contents =
        "// Written by flowgen for errors of rustc. Change the drawing, not this file.\n\n__flow_labels! {\n"
            .to_owned();
    for label in labels {
        let _ = writeln!(contents, "    {}", Literal::string(&label.text));
    }
    contents + "}\n"
}

/// The folder to which the calling rustc writes its own files.
///
/// An editor that expands macros itself has none. That of rustdoc is the documentation, which is published.
fn output_folder() -> Option<PathBuf> {
    let mut arguments = env::args_os();
    let program = PathBuf::from(arguments.next()?);
    if program.file_stem() == Some(OsStr::new("rustdoc")) {
        return None;
    }
    arguments.find(|argument| argument == "--out-dir")?;
    std::path::absolute(arguments.next()?).ok()
}

/// Writes a file that is named after its contents, unless it exists.
///
/// Several rustc may write the same file at the same time, so each writes one of its own and renames it.
fn write(folder: &Path, stem: &str, contents: &str) -> io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    let folder = folder.join("flow-labels");
    let path = folder.join(format!("{stem}-{:016x}.rs", hasher.finish()));
    if fs::read(&path).is_ok_and(|existing| existing == contents.as_bytes()) {
        return Ok(path);
    }
    fs::create_dir_all(&folder)?;
    let temporary = path.with_extension(process::id().to_string());
    let mut file = fs::File::create(&temporary)?;
    file.write_all(contents.as_bytes())?;
    file.set_modified(modification_time())?;
    drop(file);
    fs::rename(&temporary, &path)?;
    Ok(path)
}

/// 2000-01-01: the contents of a file with this name never change.
///
/// cargo would build the crate again if a file that it includes were newer than the start of the build.
fn modification_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800)
}

#[cfg(test)]
mod tests {
    use flowgen_codegen::source::Span;

    use super::*;
    use crate::literal;

    fn labels(texts: &[&str]) -> Vec<LocatedLabel> {
        texts.iter().map(|&text| LocatedLabel { span: Span::default(), text: text.to_owned() }).collect()
    }

    #[test]
    fn each_label_is_a_literal_on_a_line_of_its_own() {
        let texts = ["`Don't` (n1), a.fz:2", "a\"\\\n{ }\u{7}", "", "// */ #", "日本 ’"];
        let contents = contents(&labels(&texts));
        let lines: Vec<&str> = contents.lines().collect();
        let [_, "", "__flow_labels! {", literals @ .., "}"] = &lines[..] else { panic!("{contents}") };
        let values = literals.iter().map(|line| literal::string(line.trim()));
        assert!(values.eq(texts.map(|text| Some(text.to_owned()))), "{contents}");
        assert!(contents.parse::<TokenStream>().is_ok());
    }

    #[test]
    fn a_file_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "shop", "one").unwrap();
        let first = fs::metadata(&path).unwrap();
        assert_eq!(first.modified().unwrap(), modification_time());
        fs::File::open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(write(folder.path(), "shop", "one").unwrap(), path);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), SystemTime::UNIX_EPOCH);

        let other = write(folder.path(), "shop", "two").unwrap();
        assert_ne!(other, path);
        assert_eq!(fs::read(&other).unwrap(), b"two");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "shop", "one").unwrap();
        fs::write(&path, "on").unwrap();
        assert_eq!(write(folder.path(), "shop", "one").unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("flow-labels"), "").unwrap();
        assert!(write(folder.path(), "shop", "one").is_err());
    }
}
