//! What rustc reports where a lane does not fit its drawing, and where rustc cannot point into the drawing.

use flowgen_codegen::Settings;
use flowgen_codegen::format::generate;

use crate::probe::{CHECKOUT, Probe};

const DRAWING: &str = r#"Shop { # Shop
n1: circle label:"Ordered"
n2: rectangle label:"Reserve book"
n3: rectangle label="Send book"
n4: diamond label:"Liked?"
n5: circle label:"Kept"
n6: circle label:"Sent back"
n7: rectangle label:"Release book"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left)
n3.handle(right) -> n4.handle(left)
n4.handle(right) -> n5.handle(left) [label="Yes"]
n4.handle(bottom) -> n7.handle(top) [label="No"]
n7.handle(right) -> n6.handle(left)
n2.handle(bottom) -> n7.handle(left) [label="compensated by"]
}
"#;

/// One mistake of each kind: E0046, E0050, E0053, E0271.
const LANE: &str = r"
use drawing::shop::{Compensation, Liked, Shop};
use flowgen::{Result, Visit};

struct Bookshop;

impl Shop<()> for Bookshop {
    async fn reserve_book(&self, (): &mut (), _: &Visit) -> Result {
        Ok(())
    }

    async fn send_book(&self, (): &(), _: &Visit) -> Result {
        Ok(())
    }

    async fn liked(&self, (): &()) -> Result<Liked> {
        Ok(if true { Liked::Yes } else { Liked::No })
    }
}

impl Compensation<()> for Bookshop {}

fn main() {
    drop(drawing::Flow { shop: Bookshop }.run(()));
}
";

/// A lane that returns one outcome of two.
const DECISION: &str = r"
struct Bookshop;

impl drawing::shop::Shop<()> for Bookshop {
    async fn paid(&self, (): &(), _: &flowgen::Visit) -> flowgen::Result<drawing::shop::Paid> {
        Ok(drawing::shop::Paid::Yes)
    }
}

fn main() {
    drop(drawing::Flow { shop: Bookshop }.run(()));
}
";

fn probe(name: &str, drawing: &str) -> Probe {
    Probe::new(name, &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"))
        .with("flow/shop.fz", DRAWING)
        .with("src/main.rs", &format!("{drawing}\n{LANE}"))
}

/// Asserts that rustc reports each mistake once, with the label, the id and the line in the file of the drawing.
fn assert_located(report: &str, file: &str, first_line: usize) {
    for (error, label, line) in [
        ("error[E0271]", "`Reserve book` (n2)", 3),
        ("error[E0053]", "`Send book` (n3)", 4),
        ("error[E0050]", "`Liked?` (n4)", 5),
        ("error[E0046]", "`Release book` (n7)", 8),
    ] {
        let located = format!("{label}, {file}:{}", first_line - 1 + line);
        let reports: Vec<&str> = report.split("\n\n").filter(|text| text.starts_with(error)).collect();
        let [one] = reports[..] else { panic!("{} times {error} in:\n{report}", reports.len()) };
        assert!(one.contains(&located), "`{located}` is not in:\n{one}");
        assert_eq!(report.matches(&located).count(), one.matches(&located).count(), "{report}");
    }
    assert_eq!(report.matches("\nerror[").count() + 1, 4, "{report}");
}

/// Comments on the lines that rustc quotes contain the location.
#[test]
fn written_code_has_locations_in_its_lines() {
    let (code, _) = generate("flow/shop.fz", DRAWING, &Settings::default()).unwrap();
    let probe = probe("incomplete-written", "mod drawing;").with("src/drawing.rs", &code);
    let report = probe.cargo(["check", "--quiet"]).fails();
    assert_located(&report, "flow/shop.fz", 1);
}

#[test]
fn a_macro_with_a_file_has_locations_in_its_errors() {
    let probe = probe("incomplete-file", "mod drawing { flowgen::flow!(\"flow/shop.fz\"); }");
    let report = probe.cargo(["check", "--quiet"]).fails();
    let (warning, errors) = report.split_at(report.find("error").unwrap());
    for words in ["attributes of a node are written with `:` [F006]", "flow/shop.fz:4:20"] {
        assert!(warning.contains(words), "`{words}` is not in:\n{report}");
    }
    assert_located(errors, "flow/shop.fz", 1);
}

#[test]
fn a_macro_with_a_string_has_locations_in_its_errors() {
    let probe =
        probe("incomplete-string", &format!("mod drawing {{\n    flowgen::flow!(r#\"{DRAWING}\"#); }}"));
    let report = probe.cargo(["check", "--quiet"]).fails();
    assert_located(&report[report.find("error").unwrap()..], "src/main.rs", 2);

    // The lines of this string are not lines of the file.
    probe.write("src/main.rs", &format!("mod drawing {{ flowgen::flow!({DRAWING:?}); }}\n{LANE}"));
    let report = probe.cargo(["check", "--quiet"]).fails();
    assert_located(&report[report.find("error").unwrap()..], "drawing", 1);
}

#[test]
fn a_macro_with_a_file_has_the_location_of_an_outcome_that_no_lane_returns() {
    let drawing = r#"Shop { # Shop
n1: circle label:"Ordered"
n2: diamond label:"Paid?"
n3: circle label:"Sold"
n4: circle label:"Not sold"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left) [label="Yes"]
n2.handle(bottom) -> n4.handle(top) [label="No"]
}
"#;
    let probe =
        Probe::new("incomplete-outcome", &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"))
            .with("flow/shop.fz", drawing)
            .with("src/main.rs", &format!("mod drawing {{ flowgen::flow!(\"flow/shop.fz\"); }}\n{DECISION}"));
    let report = probe.cargo(["check", "--quiet"]).well().stderr;
    for words in ["variant `No` is never constructed", "`No` of `Paid?` (n2), flow/shop.fz:8"] {
        assert!(report.contains(words), "`{words}` is not in:\n{report}");
    }
}
