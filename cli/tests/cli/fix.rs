//! `flowgen check --fix`

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

#[test]
fn a_file_is_mended_and_what_is_left_is_shown() {
    let place = Place::new().with("untidy.fz", UNTIDY).with("good.fz", GOOD);
    let ran = place.run(["check", "--strict", "--fix", "untidy.fz", "good.fz"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout, "untidy.fz: no findings\ngood.fz: no findings\n");
    assert_eq!(ran.stderr, "fixed 1 finding in `untidy.fz`\n");
    assert_eq!(place.read("untidy.fz"), GOOD);
    place.run(["check", "--strict", "--fix", "untidy.fz"]).succeeded();
    assert_eq!(place.entries(), ["good.fz", "untidy.fz"]);
}

#[test]
fn no_other_byte_is_changed() {
    let text = format!("\u{feff}// “a”\t\r\n{}\r\n\r\n  ", UNTIDY.replace('\n', " \r\n"));
    let place = Place::new().with("a.fz", &text);
    place.run(["check", "--fix", "a.fz"]);
    assert_eq!(place.read("a.fz"), text.replace("label=", "label:"));
}

#[test]
fn what_nobody_can_mend_is_left() {
    let text = BROKEN.replace("circle label:", "circle label=");
    let place = Place::new().with("b.fz", &text);
    let ran = place.run(["check", "--fix", "b.fz"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("error[F004]") && !ran.stdout.contains("[F006]"), "{}", ran.stdout);
    assert!(place.read("b.fz").contains("n2: hexagon") && !place.read("b.fz").contains("label="));
}

#[test]
fn a_dry_run_shows_the_diff_and_writes_nothing() {
    let place = Place::new().with("flow/untidy.fz", UNTIDY).with("good.fz", GOOD);
    let ran = place.run(["check", "--fix", "--dry-run", "flow/untidy.fz", "good.fz"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let diff = "\
--- flow/untidy.fz
+++ flow/untidy.fz
@@ -1,5 +1,5 @@
 Shop { # Shop
-  n1: circle label=\"Start\"
+  n1: circle label:\"Start\"
   n2: rectangle label:\"Pack order\"
   n3: circle label:\"Packed\"
   n1.handle(right) -> n2.handle(left)
";
    assert_eq!(ran.stdout, diff);
    assert_eq!(ran.stderr, "flow/untidy.fz: no findings\ngood.fz: no findings\n");
    assert_eq!(place.read("flow/untidy.fz"), UNTIDY);
}

#[test]
fn the_standard_input_is_mended_to_the_standard_output() {
    let ran = Place::new().run_with(["check", "--fix", "-"], UNTIDY);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), GOOD), "{ran:?}");
    assert_eq!(ran.stderr, "<stdin>: no findings\n");
    assert_eq!(Place::new().run_with(["check", "--fix", "-"], GOOD).stdout, GOOD);
}

#[test]
fn a_dry_run_without_fix_is_wrong_usage() {
    let place = Place::new().with("a.fz", GOOD);
    assert_eq!(place.run(["check", "--dry-run", "a.fz"]).code, Some(2));
}

#[cfg(unix)]
#[test]
fn one_unreadable_file_and_nothing_is_mended() {
    let place = Place::new().with("a.fz", UNTIDY);
    place.run(["check", "--fix", "a.fz", "b.fz"]).refused(&["`b.fz`"]);
    assert_eq!(place.read("a.fz"), UNTIDY);
}
