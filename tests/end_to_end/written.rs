//! The code that `flowgen gen` writes: always the same, and clean wherever it is put.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use crate::drawings;
use crate::probe::{CHECKOUT, Probe};

const STRICT: &str = "//! Drawings as Rust.\n\n#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms, rustdoc::all)]\n#![deny(clippy::all, clippy::pedantic)]\n\n";

#[test]
fn every_drawing_becomes_clean_and_documented_code() {
    let mut probe = Probe::new("written", &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"));
    let mut lib = STRICT.to_owned();
    for drawing in drawings::all() {
        let name = &drawing.name;
        probe = probe.with(&format!("src/{name}.rs"), &drawing.written());
        writeln!(lib, "/// What `{name}.fz` draws.\npub mod {name};").unwrap();
    }
    let probe = probe.with("src/lib.rs", &lib);
    probe.cargo(["clippy", "--quiet"]).well();
    probe.cargo(["doc", "--quiet", "--no-deps", "--document-private-items"]).well();
}

#[test]
fn the_same_drawing_gives_the_same_bytes() {
    for drawing in drawings::all() {
        assert!(drawing.written() == drawing.written(), "{}", drawing.name);
    }
}

/// To write the expected code anew, read the difference, and run with `FLOWGEN_BLESS=1`.
#[test]
fn the_order_saga_is_written_as_expected() {
    let path = Path::new(CHECKOUT).join("tests/golden/order_saga.rs");
    let written = drawings::order_saga().written();
    if env::var_os("FLOWGEN_BLESS").is_some_and(|bless| bless == "1") {
        fs::write(&path, &written).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    if let Some(differs) = first_difference(&expected, &written) {
        panic!("{}: {differs}", path.display());
    }
}

fn first_difference(expected: &str, written: &str) -> Option<String> {
    let at = expected.lines().zip(written.lines()).position(|(expected, written)| expected != written);
    let lines = |text: &str| text.lines().count();
    let at = at.or((lines(expected) != lines(written)).then(|| lines(expected).min(lines(written))))?;
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    Some(format!("line {}\nexpected: {}\nwritten:  {}", at + 1, line(expected), line(written)))
}
