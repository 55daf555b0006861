//! `flowgen render`

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

#[test]
fn without_an_output_it_writes_to_the_standard_output() {
    let place = Place::new().with("a.fz", GOOD);
    let ran = place.run(["render", "a.fz"]).succeeded();
    assert!(ran.stdout.starts_with("<svg ") && ran.stdout.ends_with("</svg>\n"));
    assert_eq!(place.entries(), ["a.fz"]);
    assert_eq!(place.run_with(["render", "-"], GOOD).succeeded().stdout, ran.stdout);
}

#[test]
fn the_output_file_equals_the_standard_output() {
    let place = Place::new().with("a.fz", GOOD);
    let printed = place.run(["render", "a.fz"]).succeeded().stdout;
    place.run(["render", "a.fz", "-o", "a.svg"]).succeeded();
    assert_eq!(place.read("a.svg"), printed);
    assert_eq!(place.entries(), ["a.fz", "a.svg"]);
}

#[test]
fn an_older_picture_is_replaced() {
    let place = Place::new().with("a.fz", GOOD).with("other.fz", UNTIDY.replace("Pack", "Send"));
    place.run(["render", "other.fz", "-o", "a.svg"]).succeeded();
    place.run(["render", "a.fz", "-o", "a.svg"]).succeeded();
    assert!(place.read("a.svg").contains("Pack order"));
}

#[test]
fn anything_else_is_only_overwritten_with_force() {
    let place = Place::new().with("a.fz", GOOD).with("a.svg", "<svg>mine</svg>");
    place.run(["render", "a.fz", "-o", "a.svg"]).refused(&["`a.svg`", "`--force`"]);
    assert_eq!(place.read("a.svg"), "<svg>mine</svg>");
    place.run(["render", "a.fz", "-o", "a.svg", "--force"]).succeeded();
    assert!(place.read("a.svg").contains("Pack order"));
}

#[test]
fn a_drawing_is_never_overwritten_by_a_picture() {
    let place = Place::new().with("a.fz", GOOD);
    place.run(["render", "a.fz", "-o", "a.fz"]).refused(&["`a.fz`"]);
    assert_eq!(place.read("a.fz"), GOOD);
}

#[test]
fn check_passes_on_a_fresh_picture_and_fails_on_a_stale_one() {
    let place = Place::new().with("a.fz", GOOD);
    let check = || place.run(["render", "a.fz", "-o", "a.svg", "--check"]);
    let missing = check();
    assert!(missing.code == Some(1) && missing.stderr.contains("`a.svg` does not exist"), "{missing:?}");
    assert_eq!(place.entries(), ["a.fz"]);

    place.run(["render", "a.fz", "-o", "a.svg"]).succeeded();
    check().succeeded();
    let fresh = place.read("a.svg");
    std::fs::write(place.path().join("a.svg"), fresh.replace('\n', "\r\n")).unwrap();
    check().succeeded();

    let old = fresh.replace("Pack", "Send");
    std::fs::write(place.path().join("a.svg"), &old).unwrap();
    let stale = check();
    assert!(stale.code == Some(1) && stale.stderr.contains("is stale"), "{stale:?}");
    assert!(stale.stderr.contains("without `--check`"), "{stale:?}");
    assert_eq!(place.read("a.svg"), old);
}

#[test]
fn a_broken_drawing_writes_nothing() {
    let place = Place::new().with("b.fz", BROKEN);
    let ran = place.run(["render", "b.fz", "-o", "b.svg"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("error[F004]") && ran.stderr.contains("error[F005]"));
    assert_eq!(place.entries(), ["b.fz"]);
    let ran = place.run(["render", "b.fz", "--format", "json"]);
    assert!(ran.stdout.is_empty() && ran.stderr.starts_with("{\"file\":\"b.fz\""));
}

#[test]
fn warnings_do_not_stop_it() {
    let place = Place::new().with("a.fz", UNTIDY);
    place.run(["render", "a.fz", "-o", "a.svg"]).succeeded();
}

#[test]
fn an_output_in_a_folder_that_does_not_exist() {
    let place = Place::new().with("a.fz", GOOD);
    place.run(["render", "a.fz", "-o", "pictures/a.svg"]).refused(&["pictures"]);
    assert_eq!(place.entries(), ["a.fz"]);
}
