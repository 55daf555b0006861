//! The drawings that are tried: all in `tests/drawings`, and the order saga.

use std::fs;
use std::path::{Path, PathBuf};

use flowgen_codegen::Settings;
use flowgen_codegen::source::SourceFiles;

use crate::probe::{CHECKOUT, Probe};

/// A drawing.
pub(crate) struct Drawing {
    /// The name of its file, without the ending.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// The text of the declaration of its data, if there is one.
    pub(crate) declaration: Option<String>,
    /// Its file.
    pub(crate) path: PathBuf,
}

/// All drawings, in the order of their names.
pub(crate) fn all() -> Vec<Drawing> {
    let entries = fs::read_dir(Path::new(CHECKOUT).join("tests/drawings")).expect("a folder of drawings");
    let paths = entries.map(|entry| entry.expect("a folder that can be read").path());
    let drawings = paths.filter(|path| path.extension().is_some_and(|extension| extension == "fz"));
    let mut drawings: Vec<_> = drawings.map(read).chain([order_saga()]).collect();
    drawings.sort_by(|one, other| one.name.cmp(&other.name));
    drawings
}

/// The drawing of this name.
pub(crate) fn named(name: &str) -> Drawing {
    all().into_iter().find(|drawing| drawing.name == name).expect("a drawing of this name")
}

pub(crate) fn order_saga() -> Drawing {
    read(Path::new(CHECKOUT).join("codegen/tests/drawings/ok/order_saga.fz"))
}

fn read(path: PathBuf) -> Drawing {
    let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8").to_owned();
    let declaration = fs::read_to_string(path.with_extension("data")).ok();
    Drawing { name, text: fs::read_to_string(&path).expect("a drawing"), declaration, path }
}

impl Drawing {
    /// Is it made of what Rust takes for tokens, so that it can stand in `flow! { … }`?
    pub(crate) fn is_rust(&self) -> bool {
        !matches!(self.name.as_str(), "markup" | "names")
    }

    /// The declaration of its data, if there is one, and the drawing.
    pub(crate) fn whole(&self) -> String {
        let declaration =
            self.declaration.as_ref().map(|declaration| format!("#![data {{\n{declaration}}}]\n"));
        declaration.unwrap_or_default() + &self.text
    }

    /// The same without line breaks and without comments.
    pub(crate) fn on_one_line(&self) -> String {
        let whole = self.whole();
        let lines: Vec<&str> = whole.lines().filter(|line| !line.starts_with("//")).collect();
        lines.join(" ")
    }

    /// Adds the drawing and the declaration of its data to a crate.
    pub(crate) fn with_files(&self, probe: Probe) -> Probe {
        let probe = probe.with(&format!("flow/{}.fz", self.name), &self.text);
        match &self.declaration {
            Some(declaration) => probe.with(&format!("flow/{}.data", self.name), declaration),
            None => probe,
        }
    }

    /// The code that `flowgen gen` writes for it.
    pub(crate) fn written(&self) -> String {
        self.written_with(&Settings::default())
    }

    /// The code that `flowgen gen` writes for it with these settings.
    pub(crate) fn written_with(&self, settings: &Settings) -> String {
        let file = format!("flow/{}.fz", self.name);
        let declaration = format!("flow/{}.data", self.name);
        let files = SourceFiles::new(&file, &self.text);
        let files = match &self.declaration {
            Some(text) => files.with_declaration(&declaration, text),
            None => files,
        };
        match flowgen_codegen::format::generate_files(&files, settings) {
            Ok((code, _)) => code,
            Err(refused) => panic!("{}", refused.report_files(&files)),
        }
    }
}
