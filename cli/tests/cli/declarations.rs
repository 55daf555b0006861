//! The declaration of data beside a drawing.

use serde_json::Value;

use crate::program::Place;

const DRAWING: &str = r#"Shop { # Shop
  n1: circle label:"Ordered"
  n2: diamond label:"In stock?"
  n3: rectangle label:"Pack order"
  n4: circle label:"Closed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Yes"]
  n2.handle(bottom) -> n4.handle(top) [label="No"]
  n3.handle(right) -> n4.handle(left)
}
"#;

const WRONG: &str = "ordered -> order: String;\npack_order(order) -> parcel: String;\nclosed(parcel);\n";

fn shop(declaration: &str) -> Place {
    Place::new().with("flow/shop.fz", DRAWING).with("flow/shop.data", declaration)
}

#[test]
fn a_finding_points_into_the_declaration_and_shows_the_path() {
    let ran = shop(WRONG).run(["check", "flow/shop.fz"]);
    assert_eq!(ran.code, Some(1));
    let expected = "\
error[F501]: `Closed` (n4) takes `parcel`, which a path to it does not give
 --> flow/shop.data:3:8
  |
2 | pack_order(order) -> parcel: String;
  |                      ------ given here
3 | closed(parcel);
  |        ^^^^^^
  |
  = path: Ordered (n1)
          → In stock? (n2)
          → Closed (n4)
  = help: take it as `parcel?`, or let a node on every path give it

flow/shop.fz: 1 error
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn a_finding_about_both_files_shows_both() {
    let ran = shop("in_stock -> Yes(parcel: String), No;").run(["check", "flow/shop.fz"]);
    assert!(ran.stdout.contains(" --> flow/shop.data:1:1\n"), "{}", ran.stdout);
    let ran = shop("pack_order -> Yes(parcel: String), No;").run(["check", "flow/shop.fz"]);
    assert!(ran.stdout.contains("error[F505]"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("flow/shop.data:1:1\n") && ran.stdout.contains("flow/shop.fz:9:3\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_declaration_without_findings_passes() {
    let ran =
        shop(&WRONG.replace("closed(parcel)", "closed(parcel?)")).run(["check", "--strict", "flow/shop.fz"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "flow/shop.fz: no findings\n"));
    assert_eq!(shop("").run(["check", "flow/shop.fz"]).code, Some(0));
}

#[test]
fn json_names_the_file_of_a_declaration() {
    let ran = shop(WRONG).run(["check", "--format", "json", "flow/shop.fz"]);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(object["file"], "flow/shop.fz");
    let finding = &object["findings"][0];
    assert_eq!(finding["span"]["file"], "flow/shop.data");
    let span = &finding["span"];
    assert_eq!(
        (span["line"].as_u64(), span["column"].as_u64(), span["start"].as_u64()),
        (Some(3), Some(8), Some(70))
    );
    let first = &finding["path"][0];
    assert_eq!(first["id"], "n1");
    assert!(first["span"].get("file").is_none(), "{finding}");
}

#[test]
fn github_and_sarif_name_the_file_of_a_declaration() {
    let place = shop(WRONG);
    let ran = place.run(["check", "--format", "github", "flow/shop.fz"]);
    assert!(ran.stdout.starts_with("::error file=flow/shop.data,line=3,col=8,"), "{}", ran.stdout);
    let ran = place.run(["check", "--format", "sarif", "flow/shop.fz"]);
    let log: Value = serde_json::from_str(&ran.stdout).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "flow/shop.data");
    assert_eq!(location["region"]["startLine"], 3);
}

#[test]
fn fixing_a_drawing_keeps_its_declaration() {
    let untidy = DRAWING.replace("label:\"Ordered\"", "label=\"Ordered\"");
    let place = Place::new().with("shop.fz", &untidy).with("shop.data", WRONG);
    let ran = place.run(["check", "--fix", "shop.fz"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("error[F501]") && !ran.stdout.contains("F006"), "{}", ran.stdout);
}

#[test]
fn an_unreadable_declaration_is_named() {
    let place = Place::new().with("flow/shop.fz", DRAWING).with("flow/shop.data", b"ordered\xFF");
    let ran = place.run(["check", "flow/shop.fz"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("flow/shop.data"), "{}", ran.stderr);
}

#[test]
fn findings_of_declarations_are_explained() {
    let ran = Place::new().run(["explain", "F501"]).succeeded();
    assert!(ran.stdout.starts_with("F501 input-not-given (error)"), "{}", ran.stdout);
}

#[test]
fn code_is_generated_from_a_drawing_and_its_declaration() {
    let declaration =
        "ordered -> order: String;\npack_order(order) -> parcel: String;\nclosed(order, parcel?);\n";
    let place = shop(declaration);
    let ran = place.run(["gen", "flow/shop.fz", "--output", "flow/shop.rs"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(place.run(["gen", "flow/shop.fz", "--output", "flow/shop.rs", "--check"]).code, Some(0));

    let changed = place.with("flow/shop.data", declaration.replace("(order) ->", " ->"));
    assert_eq!(changed.run(["gen", "flow/shop.fz", "--output", "flow/shop.rs", "--check"]).code, Some(1));
}

#[test]
fn no_crate_is_written_for_a_drawing_with_declared_data() {
    let declaration = WRONG.replace("closed(parcel)", "closed(parcel?)");
    let inline = format!("#![data {{\n{declaration}}}]\n{DRAWING}");
    for place in [shop(&declaration), Place::new().with("flow/shop.fz", inline)] {
        let ran = place.run(["new", "--from", "flow/shop.fz", "shop"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("cannot write a crate for `flow/shop.fz`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("flowgen gen flow/shop.fz"), "{}", ran.stderr);
        assert!(!place.path().join("shop").exists());
    }
}
