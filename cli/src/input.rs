//! Drawings as input.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use flowgen_codegen::source::{SourceFiles, Sources};

use crate::failure::{Failure, Unreadable};

/// The text of a drawing, and the name of its source.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// The path as given; `<stdin>` for the standard input.
    pub(crate) name: String,
    /// The text. Not blank.
    pub(crate) text: String,
    /// The declaration of its data, if there is a file beside it: `saga.data` beside `saga.fz`.
    pub(crate) declaration: Option<DeclarationFile>,
}

/// A declaration of data beside a drawing.
#[derive(Clone, Debug)]
pub(crate) struct DeclarationFile {
    /// The path.
    pub(crate) name: String,
    /// The text.
    pub(crate) text: String,
}

impl Input {
    /// Reads a file and the declaration beside it, or the standard input for `-`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let (name, bytes) = if is_standard(path) {
            ("<stdin>".to_owned(), standard_input())
        } else {
            (path.display().to_string(), fs::read(path))
        };
        match bytes.map_err(|why| unreadable(path, why)).and_then(text) {
            Ok(text) => Ok(Self { name, text, declaration: DeclarationFile::beside(path)? }),
            Err(why) => Err(Failure::Read { name, why }),
        }
    }

    /// The drawing and its declaration.
    pub(crate) fn sources(&self) -> Sources<'_> {
        self.sources_with(&self.text)
    }

    /// Another text of the drawing, and the declaration.
    pub(crate) fn sources_with<'t>(&self, drawing: &'t str) -> Sources<'t> {
        match &self.declaration {
            Some(declaration) => Sources::with_declaration(drawing, &declaration.text),
            None => Sources::new(drawing),
        }
    }

    /// The files, for locations in reports.
    pub(crate) fn files(&self) -> SourceFiles<'_> {
        let files = SourceFiles::new(&self.name, &self.text);
        match &self.declaration {
            Some(declaration) => files.with_declaration(&declaration.name, &declaration.text),
            None => files,
        }
    }
}

impl DeclarationFile {
    /// Reads the file beside a drawing, if there is one.
    fn beside(drawing: &Path) -> Result<Option<Self>, Failure> {
        let path = drawing.with_extension("data");
        if is_standard(drawing) || path == drawing || !path.is_file() {
            return Ok(None);
        }
        let name = path.display().to_string();
        match fs::read(&path).map_err(|why| unreadable(&path, why)).and_then(utf8) {
            Ok(text) => Ok(Some(Self { name, text })),
            Err(why) => Err(Failure::Read { name, why }),
        }
    }
}

/// Whether this argument names the standard input.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

fn standard_input() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Checks for a folder, because not every system reports one in the error of a read.
fn unreadable(path: &Path, why: io::Error) -> Unreadable {
    if why.kind() == io::ErrorKind::NotFound {
        Unreadable::Missing
    } else if path.is_dir() {
        Unreadable::Folder
    } else {
        Unreadable::Io(why)
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, Unreadable> {
    String::from_utf8(bytes).map_err(|error| Unreadable::NotUtf8 {
        offset: error.utf8_error().valid_up_to(),
        utf16: matches!(error.as_bytes(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]),
    })
}

fn text(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let text = utf8(bytes)?;
    let is_blank = text.trim_start_matches('\u{feff}').trim().is_empty();
    if is_blank { Err(Unreadable::Empty) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_byte_is_named() {
        let error = text(b"Lane {\xFF}".to_vec()).unwrap_err();
        assert!(matches!(error, Unreadable::NotUtf8 { offset: 6, utf16: false }));
    }

    #[test]
    fn utf16_is_recognised() {
        let error = text(b"\xFF\xFEL\0".to_vec()).unwrap_err();
        assert!(matches!(error, Unreadable::NotUtf8 { offset: 0, utf16: true }));
    }

    #[test]
    fn blank_is_empty() {
        assert!(matches!(text("\u{feff}\r\n\t".into()), Err(Unreadable::Empty)));
    }
}
