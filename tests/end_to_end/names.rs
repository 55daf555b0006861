//! `flowgen new` under names that mean something elsewhere: the crate builds, or the name is refused.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::drawings;
use crate::probe::{CHECKOUT, Probe, Ran, flowgen};

/// Names of modules, of programs, of crates beside those of Rust, of tools and of primitive types.
const GOOD: [&str; 20] = [
    "app",
    "clippy",
    "drawing",
    "flow",
    "http",
    "lanes",
    "lib",
    "libc",
    "main",
    "order-flow",
    "serde",
    "shop",
    "src",
    "str",
    "target",
    "tests",
    "u8",
    "union",
    "world",
    "x2",
];

/// Keywords, crates of Rust and of flowgen, folders of cargo, devices of Windows, and names that are none.
const BAD: [&str; 24] = [
    "2pc",
    "a--b",
    "a_-b",
    "alloc",
    "async",
    "build",
    "con",
    "core",
    "deps",
    "examples",
    "flowgen",
    "flowgen-macros",
    "flowgen-sqlite",
    "gen",
    "incremental",
    "panic_unwind",
    "proc-macro",
    "proc_macro",
    "self",
    "std",
    "test",
    "tokio",
    "x.y",
    "注文",
];

/// The patterns that compile in seconds, because they have few dependencies.
const QUICK: [&str; 1] = ["rollback"];

/// Set by `.ci/run`: all patterns, which takes minutes.
const ALL_PATTERNS: &str = "FLOWGEN_ALL_PATTERNS";

#[test]
fn a_drawing_under_any_name() {
    let drawing = drawings::named("undo").path;
    builds_or_is_refused("drawing", &["--from".as_ref(), drawing.as_os_str()], &GOOD);
}

#[test]
fn the_quick_patterns_under_any_name() {
    for pattern in QUICK {
        let mut names = GOOD.map(str::to_owned).to_vec();
        names.extend(names_inside(pattern).into_iter().filter(|name| !BAD.contains(&name.as_str())));
        names.sort();
        names.dedup();
        assert!(names.len() > GOOD.len(), "{names:?}");
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        builds_or_is_refused(pattern, &[pattern.as_ref()], &names);
    }
}

/// Their Rust files are the same under every name, as a test of `templates` shows; so a few will do.
#[test]
fn every_other_pattern_under_some_names() {
    if std::env::var_os(ALL_PATTERNS).is_none() {
        eprintln!("left out: set {ALL_PATTERNS} to check all patterns");
        return;
    }
    for entry in fs::read_dir(Path::new(CHECKOUT).join("examples")).expect("the examples") {
        let pattern = entry.expect("an example").file_name().into_string().expect("a name in UTF-8");
        if !QUICK.contains(&pattern.as_str()) {
            builds_or_is_refused(&pattern, &[pattern.as_ref()], &["app", "http", "serde", "shop", "world"]);
        }
    }
}

/// Writes a crate for each name, and checks them all in one workspace.
fn builds_or_is_refused(kind: &str, what: &[&OsStr], good: &[&str]) {
    let probe = Probe::folder(&format!("names-{kind}"));
    let versions = fs::read_to_string(Path::new(CHECKOUT).join("Cargo.lock")).expect("a lock file");
    probe.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
    probe.write("Cargo.lock", &versions);
    for name in good {
        new(&probe, what, name).well();
    }
    for name in BAD {
        let ran = new(&probe, what, name);
        let help = format!("`{name}` cannot be the name of a crate: ");
        assert!(!ran.is_well() && ran.stderr.contains(&help), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("for example `--name "), "{name}: {}", ran.stderr);
    }
    let checked = probe.cargo(["check", "--workspace", "--tests"]).well();
    assert!(!checked.stderr.contains("warning"), "{}", checked.stderr);
}

fn new(probe: &Probe, what: &[&OsStr], name: &str) -> Ran {
    let folder = probe.as_ref().join("crates").join(name.replace('.', "-"));
    let rest = [folder.as_os_str(), "--name".as_ref(), name.as_ref()];
    flowgen(["new".as_ref()].into_iter().chain(what.iter().copied()).chain(rest))
}

/// The names of a pattern's modules, of its tests and of its dependencies.
fn names_inside(pattern: &str) -> Vec<String> {
    let example = Path::new(CHECKOUT).join("examples").join(pattern);
    let mut names = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for entry in fs::read_dir(example.join(folder)).expect("a folder of the example") {
            let path = entry.expect("a file").path();
            names.push(path.file_stem().and_then(OsStr::to_str).expect("a name in UTF-8").to_owned());
        }
    }
    let manifest = fs::read_to_string(example.join("Cargo.toml")).expect("a manifest");
    let after = manifest.split_once("[dependencies]\n").expect("dependencies").1;
    names.extend(after.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())));
    names
}
