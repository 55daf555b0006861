//! `flow!("flow/x.fz")`: cargo builds again when the drawing changes, and only then.

use crate::probe::{CHECKOUT, Probe};

const MAIN: &str = r#"
mod walk {
    flowgen::flow!("flow/walk.fz");
}

fn main() {
    println!("{:?}", <walk::Node as flowgen::Node>::ALL);
}
"#;

const DRAWING: &str = r#"Walk { # Walk
n1: circle label:"Home"
n2: circle label:"Park"
n1.handle(right) -> n2.handle(left)
}
"#;

#[test]
fn cargo_builds_again_when_the_drawing_changes() {
    let dependencies = format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n");
    // No earlier run has written the labels of this drawing.
    let drawing = DRAWING.replace("# Walk", &format!("# Walk {}", std::process::id()));
    let probe = Probe::new("file", &dependencies).with("src/main.rs", MAIN).with("flow/walk.fz", &drawing);
    let run = ["run", "--quiet"];
    assert_eq!(probe.cargo(run).well().stdout, "[Home, Park]\n");

    let unchanged = probe.cargo(["build", "--verbose"]).well().stderr;
    assert!(unchanged.contains("Fresh file v0.0.0"), "{unchanged}");
    assert!(!unchanged.contains("Running "), "{unchanged}");

    probe.write("flow/walk.fz", &DRAWING.replace("Park", "Pub"));
    assert_eq!(probe.cargo(run).well().stdout, "[Home, Pub]\n");

    probe.write("flow/walk.fz", &DRAWING.replace("> n2", "> n3"));
    probe.cargo(run).refused(&["`n3` [F103]", "flow/walk.fz:4:21", "n3.handle(left)"]);

    // A build that failed is not taken for one that is up to date.
    probe.cargo(run).refused(&["flow/walk.fz:4:21"]);
    probe.write("flow/walk.fz", DRAWING);
    assert_eq!(probe.cargo(run).well().stdout, "[Home, Park]\n");
}

const TYPED_MAIN: &str = r#"
mod walk {
    flowgen::flow!("flow/walk.fz");
}

fn main() {
    println!("{:?}", walk::End::Park { way: std::sync::Arc::new(1) });
}
"#;

#[test]
fn cargo_builds_again_when_the_declaration_changes() {
    let dependencies = format!("[dependencies]\nflowgen = {{ path = {CHECKOUT:?} }}\n");
    let probe = Probe::new("declaration", &dependencies)
        .with("src/main.rs", TYPED_MAIN)
        .with("flow/walk.fz", DRAWING)
        .with("flow/walk.data", "home -> way: u8; park(way);\n");
    let run = ["run", "--quiet"];
    assert_eq!(probe.cargo(run).well().stdout, "Park { way: 1 }\n");

    let unchanged = probe.cargo(["build", "--verbose"]).well().stderr;
    assert!(unchanged.contains("Fresh declaration v0.0.0"), "{unchanged}");

    probe.write("flow/walk.data", "home -> way: u8; park(wy);\n");
    probe.cargo(run).refused(&["`wy`", "[F502]", "flow/walk.data:1:23"]);

    probe.write("flow/walk.data", "home -> way: u16;\npark(way);\n");
    assert_eq!(probe.cargo(run).well().stdout, "Park { way: 1 }\n");
}
