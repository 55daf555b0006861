//! `flowgen gen`

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

#[test]
fn without_an_output_it_writes_to_the_standard_output() {
    let place = Place::new().with("a.fz", GOOD);
    let ran = place.run(["gen", "a.fz"]).succeeded();
    assert!(!ran.stdout.is_empty());
    assert_eq!(place.entries(), ["a.fz"]);
}

#[test]
fn the_output_file_equals_the_standard_output() {
    let place = Place::new().with("a.fz", GOOD);
    let printed = place.run(["gen", "a.fz"]).succeeded().stdout;
    place.run(["gen", "a.fz", "-o", "flow.rs"]).succeeded();
    assert_eq!(place.read("flow.rs"), printed);
    let from_input = place.run_with(["gen", "-"], GOOD).succeeded().stdout;
    let behind_header = |code: &str| code.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    // Comments name the drawing, which is `-` for standard input.
    assert_eq!(behind_header(&from_input.replace(" -:", " a.fz:")), behind_header(&printed));
}

#[test]
fn nothing_is_overwritten_without_force() {
    let place = Place::new().with("a.fz", GOOD).with("flow.rs", "mine");
    place.run(["gen", "a.fz", "-o", "flow.rs"]).refused(&["`flow.rs`", "`--force`"]);
    assert_eq!(place.read("flow.rs"), "mine");
    place.run(["gen", "a.fz", "-o", "flow.rs", "--force"]).succeeded();
    assert_ne!(place.read("flow.rs"), "mine");
    assert_eq!(place.entries(), ["a.fz", "flow.rs"]);
}

#[test]
fn an_up_to_date_output_is_not_written() {
    let place = Place::new().with("a.fz", GOOD);
    place.run(["gen", "a.fz", "-o", "flow.rs"]).succeeded();
    place.run(["gen", "a.fz", "-o", "flow.rs"]).succeeded();
}

#[test]
fn check_passes_on_a_fresh_output_and_fails_on_a_stale_one() {
    let place = Place::new().with("a.fz", GOOD);
    let check = || place.run(["gen", "a.fz", "-o", "flow.rs", "--check"]);
    let missing = check();
    assert!(missing.code == Some(1) && missing.stderr.contains("`flow.rs` does not exist"), "{missing:?}");
    assert_eq!(place.entries(), ["a.fz"]);

    place.run(["gen", "a.fz", "-o", "flow.rs"]).succeeded();
    check().succeeded();

    std::fs::write(place.path().join("flow.rs"), "old").unwrap();
    let stale = check();
    assert!(stale.code == Some(1) && stale.stderr.contains("`flow.rs` is stale"), "{stale:?}");
    assert_eq!(place.read("flow.rs"), "old");
}

#[test]
fn a_broken_drawing_writes_nothing() {
    let place = Place::new().with("b.fz", BROKEN);
    let ran = place.run(["gen", "b.fz", "-o", "flow.rs"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("error[F004]") && ran.stderr.contains("error[F005]"));
    let ran = place.run(["gen", "b.fz", "--format", "json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("{\"file\":\"b.fz\""));
    assert_eq!(place.entries(), ["b.fz"]);
}

#[test]
fn warnings_stop_it_under_strict() {
    let place = Place::new().with("a.fz", UNTIDY);
    let ran = place.run(["gen", "a.fz"]);
    assert_eq!((ran.code, ran.stdout.is_empty()), (Some(0), false));
    assert!(ran.stderr.starts_with("warning[F006]"), "{}", ran.stderr);
    let ran = place.run(["gen", "a.fz", "--strict"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
}

#[test]
fn an_output_in_a_folder_that_does_not_exist() {
    let place = Place::new().with("a.fz", GOOD);
    place.run(["gen", "a.fz", "-o", "src/flow.rs"]).refused(&["src"]);
    assert_eq!(place.entries(), ["a.fz"]);
}

#[test]
fn an_output_that_is_not_a_file() {
    let place = Place::new().with("a.fz", GOOD).with("src/lib.rs", "");
    place.run(["gen", "a.fz", "-o", "src", "--force"]).refused(&["`src`", "not a file"]);
    assert_eq!(place.entries(), ["a.fz", "src", "src/lib.rs"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let place = Place::new().with("a.fz", GOOD).with("real.rs", "old");
    let real = place.path().join("real.rs");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real.rs", place.path().join("flow.rs")).unwrap();

    place.run(["gen", "a.fz", "-o", "flow.rs", "--force"]).succeeded();

    assert!(place.path().join("flow.rs").is_symlink());
    assert_ne!(place.read("real.rs"), "old");
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn the_code_can_name_flowgen_otherwise_and_stay_in_its_crate() {
    let place = Place::new().with("a.fz", GOOD);
    let options = ["gen", "a.fz", "--crate-path", "::workflows", "--pub-crate", "--no-implicit-prelude"];
    let code = place.run(options).succeeded().stdout;
    assert!(code.contains("::workflows::Node") && !code.contains("flowgen::"), "{code}");
    assert!(code.contains("pub(crate) enum Node") && !code.contains("pub enum"), "{code}");
    assert!(!code.contains("#[diagnostic::"), "{code}");
    place.run(["gen", "a.fz", "--crate-path", "my crate"]).refused(&["`my crate`", "`::workflows`"]);
}

#[test]
fn the_code_names_the_drawing_as_given_but_no_folder_of_this_machine() {
    let place = Place::new().with("flow/a.fz", GOOD);
    let header = |file: &str| place.run(["gen", file]).succeeded().stdout.lines().next().map(str::to_owned);
    let expected =
        |name: &str| Some(format!("// Written by flowgen from `{name}`. Change the drawing, not this file."));
    assert_eq!(header("flow/a.fz"), expected("flow/a.fz"));
    assert_eq!(header("./flow/a.fz"), expected("flow/a.fz"));
    let full = place.path().join("flow/a.fz");
    assert_eq!(header(full.to_str().unwrap()), expected("a.fz"));
}
