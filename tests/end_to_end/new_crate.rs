//! `flowgen new --from DRAWING`: crates that build, and say what is to be written where.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::drawings;
use crate::probe::{Probe, flowgen};

#[test]
fn a_drawing_with_a_rollback() {
    builds_and_says("undo", "`Hold room` (n2) is not written yet: `hold_room` in src/lanes/hotel.rs");
}

#[test]
fn a_drawing_with_several_starts() {
    builds_and_says("doors", "`Order entry` (n4) is not written yet: `order_entry` in src/lanes/shop.rs");
}

#[test]
fn a_drawing_with_forks() {
    builds_and_says("forks", "`Open folder` (n2) is not written yet: `open_folder` in src/lanes/trip.rs");
}

#[test]
fn a_drawing_with_labels_that_mean_something_elsewhere() {
    builds_and_says("markup", "`Mix `flour` and ``water``` (n2) is not written yet");
}

#[test]
fn a_drawing_with_names_that_mean_something_elsewhere() {
    builds_and_says("crowded", "`Result?` (d0) is not written yet: `result` in src/lanes/node.rs");
}

#[test]
fn a_drawing_without_a_body_to_write() {
    builds_and_says("bare", "completed at End");
}

/// An edge that is drawn later is an outcome that no lane returns, and a test of the crate says so.
#[test]
fn an_outcome_that_no_lane_returns_fails_the_tests() {
    let probe = new_crate("outcomes", &drawings::named("outcomes").path);
    probe.cargo(["test", "--quiet"]).well();
    draw_another_outcome(&probe, "flow/new_outcomes.fz");
    probe.cargo(["test", "--quiet"]).refused(&["error: variant `NextWeek` is never constructed"]);
}

/// Repeats the first edge with a label under another label.
fn draw_another_outcome(probe: &Probe, path: &str) {
    let drawing = fs::read_to_string(probe.as_ref().join(path)).unwrap();
    let edge = drawing.lines().find(|line| line.contains("[label=\"")).unwrap();
    let (before, _) = edge.split_once("[label=").unwrap();
    let later = format!("{edge}\n{before}[label=\"Next week\"]");
    probe.write(path, &drawing.replacen(edge, &later, 1));
}

fn new_crate(name: &str, drawing: &Path) -> Probe {
    let probe = Probe::folder(&format!("new-{name}"));
    let args = ["new".as_ref(), "--from".as_ref(), drawing.as_os_str(), probe.as_ref().as_os_str()];
    flowgen(args.map(OsStr::new)).well();
    probe
}

fn builds_and_says(name: &str, said: &str) {
    let probe = new_crate(name, &drawings::named(name).path);
    // As rustfmt wants it where nobody tells it otherwise, as this checkout does.
    probe.write(".rustfmt.toml", "");
    probe.cargo(["fmt", "--check"]).well();
    // Some of the drawings have warnings of their own, which are uses of deprecated constants to rustc.
    let denied = ["--deny", "warnings", "--allow", "deprecated"];
    probe.cargo([&["clippy", "--quiet", "--all-targets", "--"], &denied[..]].concat()).well();
    probe.cargo(["test", "--quiet"]).well();
    let ran = probe.cargo(["run", "--quiet"]).well();
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}
