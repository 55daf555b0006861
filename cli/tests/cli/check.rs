//! `flowgen check`: verdicts and both formats.

use serde_json::{Value, json};

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_good_drawing_passes() {
    let ran = Place::new().with("good.fz", GOOD).run(["check", "--strict", "good.fz"]).succeeded();
    assert_eq!(ran.stdout, "good.fz: no findings\n");
}

#[test]
fn the_standard_input_is_a_drawing() {
    let ran = Place::new().run_with(["check", "-"], GOOD).succeeded();
    assert_eq!(ran.stdout, "<stdin>: no findings\n");
}

#[test]
fn errors_fail() {
    let ran = Place::new().with("flow/broken.fz", BROKEN).run(["check", "flow/broken.fz"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    assert!(
        ran.stdout.starts_with(
            "error[F004]: unknown shape `hexagon`\n \
             --> flow/broken.fz:3:7\n  \
             |\n\
             3 |   n2: hexagon label:\"Pack order\"\n  \
             |       ^^^^^^^\n"
        ),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("error[F005]"));
    assert!(ran.stdout.ends_with("\nflow/broken.fz: 2 errors\n"));
}

#[test]
fn warnings_fail_under_strict() {
    let place = Place::new().with("untidy.fz", UNTIDY);
    let ran = place.run(["check", "untidy.fz"]).succeeded();
    assert!(ran.stdout.starts_with("warning[F006]") && ran.stdout.ends_with("\nuntidy.fz: 1 warning\n"));
    assert_eq!(place.run(["check", "untidy.fz", "--strict"]).code, Some(1));
}

#[test]
fn shows_a_mechanical_fix() {
    let ran = Place::new().with("untidy.fz", UNTIDY).run(["check", "untidy.fz"]).succeeded();
    assert!(ran.stdout.contains("2 -   n1: circle label=\"Start\"\n2 +   n1: circle label:\"Start\"\n"));
}

#[test]
fn one_bad_drawing_among_good_ones_fails() {
    let place = Place::new().with("a.fz", GOOD).with("b.fz", BROKEN).with("c.fz", GOOD);
    let ran = place.run(["check", "a.fz", "b.fz", "c.fz"]);
    assert_eq!(ran.code, Some(1));
    let at = |text: &str| ran.stdout.find(text).unwrap();
    assert!(at("a.fz: no findings") < at("error[F004]") && at("b.fz: 2 errors") < at("c.fz: no findings"));
}

#[test]
fn json_has_location_and_message() {
    let ran = Place::new().with("b.fz", BROKEN).run(["check", "b.fz", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let objects = objects(&ran.stdout);
    let [file] = objects.as_slice() else { panic!("{}", ran.stdout) };
    assert_eq!(file["file"], "b.fz");
    assert_eq!(file["counts"], json!({ "errors": 2, "warnings": 0, "notes": 0 }));
    assert_eq!(
        file["findings"][0],
        json!({
            "code": "F004",
            "name": "unknown-shape",
            "severity": "error",
            "message": "unknown shape `hexagon`",
            "help": "use circle, rectangle, diamond or taskbox",
            "span": { "start": 47, "end": 54, "line": 3, "column": 7, "end_line": 3, "end_column": 14 },
            "related": [],
            "path": [],
            "edits": [],
        })
    );
}

#[test]
fn json_is_an_object_for_each_drawing() {
    let place = Place::new().with("a.fz", GOOD).with("b.fz", UNTIDY);
    let ran = place.run(["check", "a.fz", "b.fz", "--format=json"]).succeeded();
    let files: Vec<Value> = objects(&ran.stdout).iter().map(|file| file["file"].clone()).collect();
    assert_eq!(files, ["a.fz", "b.fz"]);
}

#[test]
fn no_colors_without_a_terminal() {
    let place = Place::new().with("b.fz", BROKEN);
    for args in [&["check", "b.fz"][..], &["check", "no.fz"], &["explain", "--all"], &["--help"]] {
        let ran = place.run(args);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn control_characters_in_labels_are_escaped() {
    let text = BROKEN.replace("hexagon", "hex\u{1b}[31magon").replace("n3: circle", "n\u{1b}[2J: circle");
    let ran = Place::new().with("b.fz", text).run(["check", "b.fz"]);
    assert_eq!(ran.code, Some(1));
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn a_drawing_in_one_line_keeps_its_columns() {
    let text = GOOD.replace('\n', " ").replace("# Shop", "") + &" ".repeat(5_000) + "?";
    let column = text.len();
    let ran = Place::new().with("b.fz", &text).run(["check", "b.fz"]);
    assert!(ran.stdout.contains(&format!("b.fz:1:{column}")), "{}", ran.stdout);
    assert!(ran.stdout.len() < 2_000);
}
