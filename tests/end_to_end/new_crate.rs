//! `flowgen new --from DRAWING`: crates that build, and say what is to be written where.

use std::ffi::OsStr;

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
fn a_drawing_of_which_nothing_is_to_be_written() {
    builds_and_says("bare", "completed at End");
}

fn builds_and_says(name: &str, said: &str) {
    let probe = Probe::folder(&format!("new-{name}"));
    let drawing = drawings::named(name);
    let args = ["new".as_ref(), "--from".as_ref(), drawing.path.as_os_str(), probe.as_ref().as_os_str()];
    flowgen(args.map(OsStr::new)).well();
    // As rustfmt wants it where nobody tells it otherwise, as this checkout does.
    probe.write(".rustfmt.toml", "");
    probe.cargo(["fmt", "--check"]).well();
    probe.cargo(["clippy", "--quiet", "--all-targets", "--", "--deny", "warnings"]).well();
    probe.cargo(["test", "--quiet"]).well();
    let ran = probe.cargo(["run", "--quiet"]).well();
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}
