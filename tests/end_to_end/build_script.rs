//! Drawings compiled by a build script.

use crate::probe::{CHECKOUT, Probe};

const BUILD: &str = r#"
fn main() -> Result<(), flowgen::build::Error> {
    flowgen::build::compile("flow/walk.fz")
}
"#;

const MAIN: &str = r#"
mod walk {
    include!(concat!(env!("OUT_DIR"), "/walk.rs"));
}

fn main() {
    println!("{:?}", <walk::Node as flowgen::Node>::ALL);
}
"#;

const DRAWING: &str = r#"Walk { # Walk
n1: circle label:"Home"
n2: rectangle label:"Walk"
n3: circle label:"Park"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left)
}
"#;

#[test]
fn a_build_script_compiles_the_drawing_whenever_it_changes() {
    let dependencies = format!(
        "[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n\n[build-dependencies]\nflowgen = {{ path = {CHECKOUT:?}, features = [\"build\"] }}\n"
    );
    let probe = Probe::new("build-script", &dependencies)
        .with("build.rs", BUILD)
        .with("src/main.rs", MAIN)
        .with("flow/walk.fz", DRAWING);
    let run = ["run", "--quiet"];
    assert_eq!(probe.cargo(run).well().stdout, "[Home, Walk, Park]\n");

    probe.write("flow/walk.fz", &DRAWING.replace("Park", "Pub"));
    assert_eq!(probe.cargo(run).well().stdout, "[Home, Walk, Pub]\n");

    probe.write("flow/walk.fz", &DRAWING.replace("-> n3", "-> n4").replace("n1: circle", "n1: oval"));
    probe.cargo(run).refused(&["flow/walk.fz:2:5", "F004", "flow/walk.fz:6:21", "F103", "n4.handle(left)"]);

    std::fs::remove_file(probe.as_ref().join("flow/walk.fz")).unwrap();
    probe.cargo(run).refused(&["cannot read `flow/walk.fz`: "]);
}
