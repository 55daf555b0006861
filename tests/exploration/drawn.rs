//! Drawings, read as users' drawings are.

use std::path::{Path, PathBuf};

use crate::explorer::{Bounds, explore};
use crate::plan::{index, plan_of};
use crate::tally;

/// Every drawing below this folder of the project.
fn drawings(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut drawings = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "fz") {
                drawings.push(path);
            }
        }
    }
    drawings.sort();
    drawings
}

fn explore_drawings(folder: &str) {
    let bounds = Bounds { situations: 4_000, visits: 2, ..Bounds::ALL };
    for path in drawings(folder) {
        // What fuzzing has found need not be text.
        let bytes = std::fs::read(&path).unwrap();
        let model = flowgen_codegen::analyze(&String::from_utf8_lossy(&bytes)).model;
        let plan = plan_of(&model);
        let reports = model.starts.iter().map(|start| {
            let report = explore(plan, index(*start), bounds);
            report.unwrap_or_else(|violation| panic!("{}: {violation}", path.display()))
        });
        let (_, report) = tally(reports);
        eprintln!("{}: {report:?}", path.display());
    }
}

#[test]
fn the_built_in_patterns() {
    explore_drawings("examples");
}

/// Those with errors too: what can be understood of a drawing keeps to the rules.
#[test]
fn the_drawings_of_other_tests() {
    explore_drawings("codegen/tests/drawings");
}

/// A step with the call that it makes beside it, a message, a loop and a person's task.
#[test]
fn a_drawing_with_everything() {
    let model = flowgen_codegen::analyze(
        r#"
Shop { # Shop
n1: circle label:"Order comes"
n2: rectangle label:"Reserve goods"
n3: rectangle label:"Prepare"
n4: rectangle label:"Pack"
n5: rectangle label:"Print label"
n6: diamond label:"Packed well?"
n7: circle label:"Packed"
n8: taskbox label:"Hand over"
n9: circle label:"Gone"
n10: rectangle label:"Give up"
n11: rectangle label:"Release goods"
n12: circle label:"Given up"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left)
n2.handle(bottom) -> n11.handle(top) [label="compensated by"]
n2.handle(top) -> Post.n20.handle(top) [label="async: Announce"]
n3.handle(right) -> n4.handle(left)
n3.handle(bottom) -> n5.handle(left)
n4.handle(right) -> n6.handle(left)
n5.handle(right) -> n7.handle(left)
n6.handle(right) -> n7.handle(left) [label="Yes"]
n6.handle(top) -> n4.handle(top) [label="No"]
n6.handle(bottom) -> n10.handle(top) [label="Hopeless"]
n7.handle(right) -> n8.handle(left)
n8.handle(right) -> n9.handle(left)
n10.handle(right) -> n11.handle(left)
n11.handle(right) -> n12.handle(left)
loop [up to 2 times] n4 n6
}
Post { # Post
n20: rectangle label:"Plan pickup"
n21: circle label:"Planned"
n20.handle(right) -> n21.handle(left)
}
"#,
    )
    .model;
    let plan = plan_of(&model);
    let report = explore(plan, 0, Bounds::ALL).unwrap_or_else(|violation| panic!("{violation}"));
    assert_eq!(report.pruned, 0, "{report:?}");
    assert!(report.endings.keys().eq(&["completed", "failed", "rolled back", "stuck"]), "{report:?}");
}
