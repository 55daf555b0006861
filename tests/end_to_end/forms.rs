//! The ways in: whichever a drawing comes by, the code is the same.

use std::fmt::Write as _;

use crate::drawings::{self, Drawing};
use crate::probe::{CHECKOUT, Probe};

/// A program of whose flows nearly everything is unused.
#[test]
fn every_form_of_a_drawing_means_the_same() {
    let mut probe = Probe::new("forms", &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"));
    let mut main = "#![deny(warnings, unreachable_pub, clippy::all, clippy::pedantic)]\n#![allow(deprecated, reason = \"some drawings have warnings\")]\n\n".to_owned();
    let mut prints = String::new();
    let drawings = drawings::all();
    for drawing in &drawings {
        let name = &drawing.name;
        probe = drawing.with_files(probe);
        probe = probe.with(&format!("src/{name}/written.rs"), &drawing.written());
        probe = probe.with(&format!("src/{name}/mod.rs"), &modules(drawing));
        writeln!(main, "mod {name};").unwrap();
        for form in forms(drawing) {
            writeln!(prints, "    print::<{name}::{form}::Node>(\"{name} {form}\");").unwrap();
        }
    }
    writeln!(main, "{PRINT}fn main() {{\n{prints}}}").unwrap();
    let probe = probe.with("src/main.rs", &main);

    probe.cargo(["clippy", "--quiet"]).well();
    let printed = probe.cargo(["run", "--quiet"]).well().stdout;
    let mut lines = printed.lines();
    for drawing in &drawings {
        let mut meanings =
            lines.by_ref().take(forms(drawing).len()).map(|line| line.split_once('=').unwrap());
        let (_, expected) = meanings.next().unwrap();
        assert!(expected.contains("hash: "));
        for (form, meaning) in meanings {
            assert_eq!(meaning, expected, "{form}");
        }
    }
    assert_eq!(lines.next(), None);
}

const PRINT: &str = r#"
/// Everything that the code knows of the drawing.
fn print<N: flowgen::Node>(form: &str) {
    println!("{form}={:?} {:?}", N::ALL, N::PLAN);
}

"#;

fn forms(drawing: &Drawing) -> &'static [&'static str] {
    if drawing.is_rust() {
        &["written", "file", "quoted", "inline", "one_line"]
    } else {
        &["written", "file", "quoted"]
    }
}

fn modules(drawing: &Drawing) -> String {
    let (name, text) = (&drawing.name, drawing.whole());
    // rustc wants marks that turn the reading direction escaped, where it reads them.
    let quoted = if drawing.is_rust() { format!("r###\"{text}\"###") } else { format!("{text:?}") };
    let mut modules = format!(
        "#[allow(dead_code, unreachable_pub)]\npub(crate) mod written;\n\npub(crate) mod file {{\n    flowgen::flow!(\"flow/{name}.fz\");\n}}\n\npub(crate) mod quoted {{\n    flowgen::flow!({quoted});\n}}\n"
    );
    if drawing.is_rust() {
        let one_line = drawing.on_one_line();
        write!(
            modules,
            "\npub(crate) mod inline {{\n    flowgen::flow! {{\n{text}    }}\n}}\n\npub(crate) mod one_line {{\n    flowgen::flow! {{ {one_line} }}\n}}\n"
        )
        .unwrap();
    }
    modules
}
