//! Wrong usage: one clear message, exit code 2, and nothing written.

use crate::program::{GOOD, Place};

/// Every command that reads a drawing, with the place of its path.
const READERS: [&[&str]; 3] = [&["check"], &["gen", "-o", "out.rs"], &["new", "made", "--from"]];

#[track_caller]
fn refuses(place: &Place, file: &str, words: &[&str]) {
    let before = place.entries();
    for reader in READERS {
        place.run(reader.iter().chain(&[file])).refused(words);
        assert_eq!(place.entries(), before, "{reader:?}");
    }
}

#[test]
fn a_file_that_does_not_exist() {
    refuses(&Place::new(), "saga.fz", &["`saga.fz`", "no such file", "help: "]);
}

#[test]
fn a_file_that_is_not_utf8() {
    let place = Place::new().with("saga.fz", b"Lane {\n  n1\xE9\n}");
    refuses(&place, "saga.fz", &["`saga.fz`", "not UTF-8", "offset 11", "help: "]);
}

#[test]
fn a_file_in_utf16() {
    let place = Place::new().with("saga.fz", b"\xFF\xFEL\0a\0");
    refuses(&place, "saga.fz", &["offset 0", "UTF-16"]);
}

#[test]
fn an_empty_file() {
    for text in ["", "\u{feff}", " \r\n\t\n"] {
        refuses(&Place::new().with("saga.fz", text), "saga.fz", &["`saga.fz`", "empty", "help: "]);
    }
}

#[test]
fn an_empty_standard_input() {
    Place::new().run(["check", "-"]).refused(&["`<stdin>`", "empty"]);
}

#[test]
fn a_folder_for_a_file() {
    let place = Place::new().with("flow/saga.fz", GOOD);
    refuses(&place, "flow", &["`flow`", "it is a folder", "help: "]);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read() {
    let place = Place::new();
    std::os::unix::fs::symlink("loop.fz", place.path().join("loop.fz")).unwrap();
    refuses(&place, "loop.fz", &["`loop.fz`"]);
}

#[test]
fn one_bad_file_among_good_ones() {
    let place = Place::new().with("good.fz", GOOD);
    place.run(["check", "good.fz", "bad.fz"]).refused(&["`bad.fz`"]);
}

#[test]
fn an_unknown_pattern() {
    let place = Place::new();
    place.run(["new", "sgaa"]).refused(&["`sgaa`", "did you mean `saga`"]);
    place.run(["new", "blockchain"]).refused(&["`blockchain`", "known patterns: saga"]);
    assert!(place.entries().is_empty());
}

#[test]
fn a_pattern_beside_a_drawing() {
    let place = Place::new().with("a.fz", GOOD);
    place.run(["new", "saga", "made", "--from", "a.fz"]).refused(&["cannot be combined with a pattern"]);
    assert_eq!(place.entries(), ["a.fz"]);
}

#[test]
fn a_folder_that_is_not_empty() {
    let place = Place::new().with("made/mine.txt", "");
    place.run(["new", "saga", "made"]).refused(&["`made`", "not empty", "help: "]);
    assert_eq!(place.entries(), ["made", "made/mine.txt"]);
}

#[test]
fn a_file_where_the_folder_should_be() {
    let place = Place::new().with("made", "");
    place.run(["new", "saga", "made"]).refused(&["`made`", "not a folder"]);
    place.run(["new", "saga", "made/deeper"]).refused(&["made"]);
    assert_eq!(place.entries(), ["made"]);
}

#[test]
fn a_folder_without_a_name() {
    Place::new().run(["new", "saga", ""]).refused(&["a value is required"]);
}

#[test]
fn a_crate_name_that_is_not_valid() {
    let place = Place::new();
    for (name, suggestion) in [
        ("2pc", "flow-2pc"),
        ("my saga", "my-saga"),
        ("async", "async-flow"),
        ("test", "test-flow"),
        ("", "my-flow"),
    ] {
        let words = [format!("`{name}`"), format!("--name {suggestion}`")];
        let words = words.each_ref().map(String::as_str);
        place.run(["new", "saga", "made", "--name", name]).refused(&words);
        if !name.is_empty() {
            place.run(["new", "saga", name]).refused(&words);
        }
    }
    assert!(place.entries().is_empty());
}

#[test]
fn a_checkout_that_does_not_exist() {
    let place = Place::new();
    place.run(["new", "saga", "--flowgen", "nowhere"]).refused(&["nowhere", "`--flowgen`"]);
    assert!(place.entries().is_empty());
}

#[test]
fn an_unknown_finding() {
    let place = Place::new();
    place.run(["explain", "F0004"]).refused(&["`F0004`", "did you mean `F004`", "--all"]);
    place.run(["explain", "whatever"]).refused(&["`whatever`", "--all"]);
}

#[test]
fn arguments_that_are_not_valid() {
    let place = Place::new().with("a.fz", GOOD);
    for args in [&["chekc"][..], &["check"], &["gen", "a.fz", "--check"], &["new"], &["explain"], &[]] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(!ran.stderr.is_empty());
    }
}
