//! The program, as it is called.

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")))).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn without_options_it_shows_every_way() {
    let output = run(&[]);
    assert!(output.status.success());
    let said = said(&output);
    assert_eq!(said.matches("completed at Sold").count(), 1, "{said}");
    assert_eq!(said.matches("rolled back: ").count(), 8, "{said}");
}

#[test]
fn an_effect_that_lands_after_its_undo_is_refused() {
    for step in ["reserve", "charge", "ship"] {
        let output = run(&["--late", step]);
        assert!(output.status.success());
        let said = said(&output);
        assert!(said.contains("has been undone, so this attempt came too late and did nothing"), "{said}");
        assert!(said.ends_with("on disk  nothing\n\n"), "{said}");
    }
}

#[test]
fn a_failing_step_is_undone_in_reverse() {
    let output = run(&["--fail-at", "charge"]);
    assert!(output.status.success());
    assert!(said(&output).contains("undone   Charge, Reserve\n"), "{}", said(&output));
}

#[test]
fn a_failing_compensation_is_seen_to_by_an_operator() {
    let stuck = "pending undos: `Reserve` (the connection was lost)\n  on disk  a book set aside\n";
    let ends = [
        ("retry", "Release (undid `Reserve`)", "nothing"),
        ("resolve", "Release (`Reserve` was undone by hand)", "nothing"),
        ("skip", "Release (`Reserve` is not to be undone)", "a book set aside"),
    ];
    for (operator, undo, left) in ends {
        let output = run(&["--fail-undo", "release", "--operator", operator]);
        assert!(output.status.success());
        let said = said(&output);
        assert!(said.contains(stuck), "{operator}: {said}");
        let report = said.rsplit_once("as the operator decided:\n").unwrap().1;
        assert!(report.contains(undo), "{operator}: {report}");
        assert!(said.ends_with(&format!("on disk  {left}\n\n")), "{operator}: {said}");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_list() {
    let output = run(&["--fail-at", "nothing"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("[possible values: reserve, charge, paid, ship]"), "{said}");
}
