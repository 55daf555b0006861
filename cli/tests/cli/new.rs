//! `flowgen new`

use std::path::Path;

use flowgen_templates::PATTERNS;

use crate::program::{BROKEN, GOOD, Place};

#[test]
fn every_pattern_becomes_a_crate() {
    for pattern in PATTERNS {
        let place = Place::new();
        let ran = place.run(["new", pattern.name]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        let manifest = place.read(&format!("{}/Cargo.toml", pattern.name));
        assert!(manifest.contains(&format!("name = \"{}\"", pattern.name)));
        assert_eq!(place.read(&format!("{0}/flow/{0}.fz", pattern.name)), pattern.drawing);
        let page = place.read(&format!("{}/README.md", pattern.name));
        assert!(page.contains(&format!("](flow/{}.svg)", pattern.name)), "no picture in {page}");
        assert!(page.contains(&format!("](flow/{}.fz)", pattern.name)), "no drawing in {page}");
        let (drawing, picture) = (format!("flow/{}.fz", pattern.name), format!("flow/{}.svg", pattern.name));
        let stands = Place::new().with("a.fz", place.read(&format!("{}/{drawing}", pattern.name)));
        let stands = stands.with("a.svg", place.read(&format!("{}/{picture}", pattern.name)));
        stands.run(["render", "a.fz", "-o", "a.svg", "--check"]).succeeded();
    }
}

#[test]
fn the_folder_names_the_crate() {
    let place = Place::new();
    assert_eq!(place.run(["new", "saga", "shop/Order-Flow"]).code, Some(0));
    assert!(place.read("shop/Order-Flow/Cargo.toml").contains("name = \"order-flow\""));
    assert_eq!(place.run(["new", "saga", "other", "--name", "named"]).code, Some(0));
    assert!(place.read("other/Cargo.toml").contains("name = \"named\""));
}

#[test]
fn an_empty_folder_is_filled() {
    let place = Place::new();
    let made = place.path().join("made");
    std::fs::create_dir(&made).unwrap();
    let ran = place.run(["new", "saga", "made"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!place.entries().iter().any(|entry| entry.contains(".flowgen-")));
    assert!(place.read("made/Cargo.toml").contains("name = \"made\""));
}

#[test]
fn it_depends_on_the_checkout_that_built_the_program() {
    let place = Place::new();
    place.run(["new", "saga"]);
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = place.read("saga/Cargo.toml");
    let wanted = format!("flowgen = {{ path = {:?}, ", checkout.to_str().unwrap());
    assert!(manifest.contains(&wanted), "no {wanted} in {manifest}");
    let wanted =
        format!("flowgen-sqlite = {{ path = {:?} }}", checkout.join("engines/sqlite").to_str().unwrap());
    assert!(manifest.contains(&wanted), "no {wanted} in {manifest}");
}

#[test]
fn a_relative_flowgen_counts_from_the_new_crate_first() {
    let flowgen = "[package]\nname = \"flowgen\"\n";
    let place = Place::new().with("flowgen/Cargo.toml", flowgen);
    let manifest = |dir: &str, path: &str| {
        let ran = place.run(["new", "saga", dir, "--flowgen", path]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        place.read(&format!("{dir}/Cargo.toml"))
    };
    assert!(manifest("a", "../flowgen").contains("path = \"../flowgen\""));
    let full = place.path().canonicalize().unwrap().join("flowgen");
    assert!(manifest("b", "flowgen").contains(&format!("path = {full:?}")));
}

#[test]
fn flowgen_can_come_from_a_registry_or_a_repository() {
    let place = Place::new().with("a.fz", GOOD);
    let run = |args: &[&str]| {
        let ran = place.run(args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    run(&["new", "saga", "--flowgen", "0.1"]);
    let manifest = place.read("saga/Cargo.toml");
    assert!(manifest.contains("flowgen = { version = \"0.1\", "), "{manifest}");
    assert!(manifest.contains("flowgen-sqlite = { version = \"0.1\" }"), "{manifest}");
    run(&["new", "--from", "a.fz", "mine", "--flowgen", "https://example.org/flowgen#v0.1.0"]);
    let manifest = place.read("mine/Cargo.toml");
    let wanted = "flowgen = { git = \"https://example.org/flowgen\", rev = \"v0.1.0\" }";
    assert!(manifest.contains(wanted), "{manifest}");
}

#[test]
fn a_drawing_becomes_a_crate() {
    let place = Place::new().with("a.fz", GOOD);
    let ran = place.run(["new", "--from", "a.fz", "my-crate"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(place.read("my-crate/flow/my_crate.fz"), GOOD);
    assert!(place.read("my-crate/src/main.rs").contains("my_crate::"));
    assert!(place.entries().contains(&"my-crate/tests/flow.rs".to_owned()));
}

#[test]
fn a_broken_drawing_becomes_nothing() {
    let place = Place::new().with("b.fz", BROKEN);
    let ran = place.run(["new", "--from", "b.fz", "my-crate"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains("error[F004]"));
    assert_eq!(place.entries(), ["b.fz"]);
}

#[test]
fn a_workspace_around_it_does_not_get_in_the_way() {
    let workspace = "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"out\"]\n";
    let place = Place::new()
        .with("Cargo.toml", workspace)
        .with("crates/first/Cargo.toml", "[package]\nname = \"first\"\nversion = \"0.1.0\"\n")
        .with("crates/first/src/lib.rs", "");
    let stands_alone = |dir: &str| {
        let ran = place.run(["new", "saga", dir]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        place.read(&format!("{dir}/Cargo.toml")).contains("\n[workspace]\n")
    };
    assert!(stands_alone("stranger"));
    assert!(!stands_alone("crates/member"));
    assert!(!stands_alone("out/excluded"));
}
