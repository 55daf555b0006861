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

fn probe(name: &str, drawing: &str) -> Probe {
    Probe::new(name, &format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n"))
        .with("flow/shop.fz", DRAWING)
        .with("src/main.rs", &format!("{drawing}\n{LANE}"))
}

/// rustc quotes lines of the code, and the label, the id and the line of the drawing are on them.
#[test]
fn written_code_names_the_place_in_the_drawing() {
    let (code, _) = generate("flow/shop.fz", DRAWING, &Settings::default()).unwrap();
    let probe = probe("incomplete-written", "mod drawing;").with("src/drawing.rs", &code);
    let report = probe.cargo(["check", "--quiet"]).fails();
    for (error, place) in [
        ("error[E0271]", "`Reserve book` (n2), flow/shop.fz:3"),
        ("error[E0053]", "`Send book` (n3), flow/shop.fz:4"),
        ("error[E0050]", "`Liked?` (n4), flow/shop.fz:5"),
        ("error[E0046]", "`Release book` (n7), flow/shop.fz:8"),
    ] {
        let told = report.split("\n\n").find(|told| told.starts_with(error)).unwrap();
        assert!(told.contains(place), "`{place}` is not in:\n{told}");
    }
    assert_eq!(report.matches("\nerror[").count() + 1, 4, "{report}");
}

/// The file is not one of rustc's, so it quotes the macro; its warnings have the place in their texts.
#[test]
fn a_macro_with_a_file_names_the_file_and_the_methods() {
    let probe = probe("incomplete-file", "mod drawing { flowgen::flow!(\"flow/shop.fz\"); }");
    probe.cargo(["check", "--quiet"]).refused(&[
        "flowgen::flow!(\"flow/shop.fz\")",
        "missing: `release_book`",
        "`send_book` has an incompatible type",
        "on a node this is written with `:` [F006]",
        "flow/shop.fz:4:20",
    ]);
}
