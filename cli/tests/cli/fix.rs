//! `flowgen check --fix`

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

#[test]
fn fixes_a_file_and_reports_the_remaining_findings() {
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
fn keeps_findings_without_a_fix() {
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
fn fixes_the_standard_input_to_the_standard_output() {
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
fn fixes_no_file_if_one_is_unreadable() {
    let place = Place::new().with("a.fz", UNTIDY);
    place.run(["check", "--fix", "a.fz", "b.fz"]).refused(&["`b.fz`"]);
    assert_eq!(place.read("a.fz"), UNTIDY);
}

/// With a gap before the decision, which has an outcome without a label.
const GAPS: &str = r#"Shop { # Shop
  n1: circle label:"Start"
  n3: diamond label:"In stock? (n3)"
  n5: circle label:"Sold"
  n1.handle(right) -> n3.handle(left) // n3
  n3.handle(right) -> n5.handle(left) [label="Yes"]
  n3.handle(bottom) -> Depot.n9.handle(top)
}
Depot { # Depot
  n9: rectangle label:"Order more"
  n9.handle(right) -> Shop.n3.handle(top)
}
loop [max 3] n3 Depot.n9
"#;

#[test]
fn closes_gaps_and_updates_references() {
    let place = Place::new().with("a.fz", GAPS);
    place.run(["check", "--fix", "a.fz"]);
    let fixed = GAPS
        .replace("n3:", "n2:")
        .replace("n3.", "n2.")
        .replace("n3 Depot", "n2 Depot")
        .replace("n5", "n3")
        .replace("n9", "n4")
        .replace("-> Depot.n4.handle(top)", "-> Depot.n4.handle(top) [label=\"No\"]");
    assert_eq!(place.read("a.fz"), fixed);
}

#[test]
fn shows_a_fix_with_many_edits_as_a_diff() {
    let place = Place::new().with("a.fz", GAPS);
    let shown = place.run(["check", "a.fz"]).stdout;
    assert!(shown.contains("= help: `flowgen check --fix` renumbers the nodes after it"), "{shown}");
    let diff = place.run(["check", "--fix", "--dry-run", "a.fz"]).stdout;
    assert!(diff.contains("-  n9: rectangle label:\"Order more\"\n"), "{diff}");
}
