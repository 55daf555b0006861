//! `--strict`, `--allow` and `--deny`

use crate::program::{GOOD, Place, UNTIDY};

/// A drawing with one note: an id is left out (F106).
fn gap() -> String {
    GOOD.replace("n3", "n4")
}

#[test]
fn denied_findings_fail() {
    let place = Place::new().with("a.fz", gap());
    place.run(["check", "--strict", "a.fz"]).succeeded();
    let ran = place.run(["check", "--deny", "F106", "a.fz"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.starts_with("error[F106]") && ran.stdout.ends_with("a.fz: 1 error\n"), "{ran:?}");
    let ran = place.run(["gen", "--deny", "f106", "a.fz"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("error[F106]"));
}

#[test]
fn allowed_findings_are_suppressed() {
    let place = Place::new().with("a.fz", UNTIDY).with("b.fz", gap());
    let ran = place.run(["check", "--strict", "--allow", "F006,F106", "a.fz", "b.fz"]).succeeded();
    assert_eq!(ran.stdout, "a.fz: no findings\nb.fz: no findings\n");
    place.run(["gen", "--strict", "--allow=F006", "a.fz"]).succeeded();
}

#[test]
fn allowed_findings_are_not_fixed() {
    let place = Place::new().with("a.fz", UNTIDY);
    place.run(["check", "--fix", "--allow", "F006", "a.fz"]).succeeded();
    assert_eq!(place.read("a.fz"), UNTIDY);
}

#[test]
fn contradicting_levels_are_refused() {
    let place = Place::new().with("a.fz", GOOD);
    for command in ["check", "gen"] {
        let run = |args: &[&str]| place.run([command, "a.fz"].iter().chain(args));
        run(&["--deny", "F0006"]).refused(&["`F0006`", "did you mean `F006`"]);
        run(&["--allow", "whatever"]).refused(&["`whatever`", "explain --all"]);
        run(&["--allow", "F205"]).refused(&["`F205` is an error", "flowgen explain F205"]);
        run(&["--allow", "F106", "--deny", "F106"]).refused(&["both allowed and denied"]);
    }
}
