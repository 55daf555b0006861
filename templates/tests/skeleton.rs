//! The crate for any drawing: whole, and valid Rust, whatever the labels are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use flowgen_templates::{Crate, File, Lane, Outline, Role, Source, Step, skeleton};

const LABELS: [&str; 5] =
    ["Pack order", "*/ `end` \"of\" comment \\", "new\r\nline\u{2028}\u{202E}", "注文を出す", ""];

fn step(at: usize, label: &str, role: Role) -> Step {
    Step { id: format!("n{at}"), label: label.into(), method: format!("step_{at}"), role }
}

fn decision() -> Role {
    Role::Decision { answers: "Answers".into(), outcomes: vec!["Yes".into(), "No".into()] }
}

/// A lane for each label: with every role, with decisions alone, with nothing to write.
fn outline(label: &str) -> Outline {
    let all = vec![
        step(1, label, Role::Step { compensable: false }),
        step(2, label, decision()),
        step(3, label, Role::Step { compensable: true }),
        step(4, label, Role::Compensation),
        step(5, label, Role::Compensation),
    ];
    let lane = |module: &str, type_name: &str, steps| Lane {
        label: label.into(),
        module: module.into(),
        type_name: type_name.into(),
        steps,
    };
    let decisions = vec![step(6, label, decision())];
    let lanes = vec![
        lane("order_service", "OrderService", all),
        lane("gate", "Gate", decisions),
        lane("quiet", "Quiet", Vec::new()),
    ];
    Outline {
        name: "order_flow".into(),
        drawing: format!("// ``` {label}\n"),
        lanes,
        start: None,
        forks: true,
    }
}

fn files(label: &str) -> Vec<File> {
    let new = Crate { name: "order-flow", flowgen: &Source::Path("C:\\flow \"gen\"".to_owned()) };
    skeleton(&new, &outline(label)).unwrap()
}

fn is_rust(file: &File) -> bool {
    Path::new(&file.path).extension().is_some_and(|extension| extension == "rs")
}

fn is_valid(code: &str) -> bool {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    rustfmt.stdin.take().unwrap().write_all(code.as_bytes()).unwrap();
    rustfmt.wait().unwrap().success()
}

#[test]
fn every_file_is_rust_for_any_labels() {
    for label in LABELS {
        for file in files(label).iter().filter(|file| is_rust(file)) {
            assert!(is_valid(&file.contents), "{} with {label:?}:\n{}", file.path, file.contents);
        }
    }
}

#[test]
fn every_step_has_one_body_that_names_it() {
    let files = files("Pack order");
    let lane = files.iter().find(|file| file.path == "src/lanes/order_service.rs").unwrap();
    for at in 1..=5 {
        assert_eq!(lane.contents.matches(&format!("async fn step_{at}(")).count(), 1);
        assert_eq!(lane.contents.matches(&format!("`Pack order` (n{at}) is not written yet")).count(), 1);
    }
}

#[test]
fn the_drawing_is_kept_to_the_byte() {
    for label in LABELS {
        let files = files(label);
        let drawing = files.iter().find(|file| file.path == "flow/order_flow.fz").unwrap();
        assert_eq!(drawing.contents, outline(label).drawing);
    }
}

#[test]
fn paths_are_unique() {
    let mut paths: Vec<String> = files("Pack order").into_iter().map(|file| file.path).collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count);
}

#[test]
fn no_file_has_a_name_that_windows_keeps_for_a_device() {
    let mut outline = outline("Pack order");
    outline.name = "aux".into();
    outline.lanes[1].module = "con".into();
    let new = Crate { name: "order-flow", flowgen: &Source::Path("../flowgen".to_owned()) };
    let files = skeleton(&new, &outline).unwrap();
    let contents = |path: &str| files.iter().find(|file| file.path == path).unwrap().contents.as_str();
    assert!(
        contents("src/lanes/mod.rs").contains("#[path = \"con_.rs\"]\npub mod con;\npub mod order_service;")
    );
    assert!(contents("src/lanes/con_.rs").contains("in src/lanes/con_.rs"));
    assert!(contents("src/lib.rs").contains("flow!(\"flow/aux_.fz\")"));
    assert!(files.iter().any(|file| file.path == "flow/aux_.fz"));
}
