//! The drawings that are tried: all in `tests/drawings`, and the order saga.

use std::fs;
use std::path::{Path, PathBuf};

use flowgen_codegen::Settings;

use crate::probe::CHECKOUT;

/// A drawing.
pub(crate) struct Drawing {
    /// The name of its file, without the ending.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// Its file.
    pub(crate) path: PathBuf,
}

/// All drawings, in the order of their names.
pub(crate) fn all() -> Vec<Drawing> {
    let entries = fs::read_dir(Path::new(CHECKOUT).join("tests/drawings")).expect("a folder of drawings");
    let paths = entries.map(|entry| entry.expect("a folder that can be read").path());
    let mut drawings: Vec<_> = paths.map(read).chain([order_saga()]).collect();
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
    Drawing { name, text: fs::read_to_string(&path).expect("a drawing"), path }
}

impl Drawing {
    /// Is it made of what Rust takes for tokens, so that it can stand in `flow! { … }`?
    pub(crate) fn is_rust(&self) -> bool {
        !matches!(self.name.as_str(), "markup" | "names")
    }

    /// The same without line breaks and without comments.
    pub(crate) fn on_one_line(&self) -> String {
        let lines: Vec<&str> = self.text.lines().filter(|line| !line.starts_with("//")).collect();
        lines.join(" ")
    }

    /// The code that `flowgen gen` writes for it.
    pub(crate) fn written(&self) -> String {
        self.written_with(&Settings::default())
    }

    /// The code that `flowgen gen` writes for it with these settings.
    pub(crate) fn written_with(&self, settings: &Settings) -> String {
        let file = format!("flow/{}.fz", self.name);
        match flowgen_codegen::format::generate(&file, &self.text, settings) {
            Ok((code, _)) => code,
            Err(refused) => panic!("{}", refused.report(&file, &self.text)),
        }
    }
}
