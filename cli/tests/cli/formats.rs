//! `--format sarif` and `--format github`

use std::path::{Path, PathBuf};
use std::process::Command;

use flowgen_codegen::rules::RULES;
use serde_json::{Value, json};

use crate::program::{BROKEN, GOOD, Place, UNTIDY};

/// The schema that OASIS publishes for SARIF 2.1.0, as `serde-sarif` keeps it.
fn schema() -> Value {
    let text = std::fs::read_to_string(package("serde-sarif").join("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // Two patterns in it are no regular expressions (a `]` too many), and flowgen writes no language.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some(), "{object}");
    }
    assert!(schema["$id"].as_str().unwrap().ends_with("/Schemata/sarif-schema-2.1.0.json"));
    schema
}

/// Where cargo has unpacked a package that Cargo.lock names.
fn package(name: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == name);
    Path::new(package.unwrap()["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

fn sarif(place: &Place, files: &[&str]) -> Value {
    let ran = place.run(["check", "--format", "sarif"].iter().chain(files));
    assert_eq!((ran.code.is_some_and(|code| code < 2), ran.stderr.as_str()), (true, ""), "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn every_sarif_log_is_valid_against_the_schema() {
    let validator = jsonschema::draft7::new(&schema()).unwrap();
    let mut place = Place::new().with("good.fz", GOOD).with("all/broken one.fz", BROKEN);
    let mut files = vec!["good.fz".to_owned(), "all/broken one.fz".to_owned()];
    for rule in RULES {
        let file = format!("{}.fz", rule.name);
        place = place.with(&file, rule.wrong);
        files.push(file);
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for log in [sarif(&place, &files[..1]), sarif(&place, &files)] {
        let errors: Vec<_> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn a_log_with_a_wrong_member_is_not_valid() {
    let validator = jsonschema::draft7::new(&schema()).unwrap();
    let mut log = sarif(&Place::new().with("a.fz", UNTIDY), &["a.fz"]);
    assert!(validator.is_valid(&log));
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = json!(0);
    assert!(!validator.is_valid(&log));
}

#[test]
fn sarif_knows_every_rule() {
    let log = sarif(&Place::new().with("good.fz", GOOD), &["good.fz"]);
    let run = &log["runs"][0];
    assert_eq!(run["results"], json!([]));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, RULES.iter().map(|rule| rule.code).collect::<Vec<_>>());
    assert!(rules[0]["help"]["markdown"].as_str().unwrap().contains("```text\nShop {"));
}

#[test]
fn sarif_has_location_message_and_fix() {
    let log = sarif(&Place::new().with("flow/a b.fz", UNTIDY), &["flow/a b.fz"]);
    let [result] = log["runs"][0]["results"].as_array().unwrap().as_slice() else { panic!("{log}") };
    let region = json!({ "startLine": 2, "startColumn": 19, "endLine": 2, "endColumn": 20 });
    let artifact = json!({ "uri": "flow/a%20b.fz" });
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("F006"), &json!("warning")));
    assert_eq!(
        result["locations"],
        json!([{ "physicalLocation": { "artifactLocation": artifact, "region": region } }])
    );
    let replacement = json!({ "deletedRegion": region, "insertedContent": { "text": ":" } });
    let change = json!({ "artifactLocation": artifact, "replacements": [replacement] });
    assert_eq!(
        result["fixes"],
        json!([{ "description": { "text": "write `:`" }, "artifactChanges": [change] }])
    );
}

#[test]
fn writes_a_github_command_for_each_finding() {
    let place = Place::new().with("flow/a,b.fz", UNTIDY).with("good.fz", GOOD);
    let ran = place.run(["check", "--format", "github", "flow/a,b.fz", "good.fz"]).succeeded();
    assert_eq!(
        ran.stdout,
        "::warning file=flow/a%2Cb.fz,line=2,col=19,endLine=2,endColumn=20,title=F006\
         ::attributes of a node are written with `:` [F006]%0Ahelp: write `:`\n"
    );
}

#[test]
fn gen_reports_errors_in_the_same_formats() {
    let place = Place::new().with("b.fz", BROKEN);
    let github = place.run(["gen", "b.fz", "--format", "github"]);
    assert_eq!((github.code, github.stdout.as_str()), (Some(1), ""));
    assert!(github.stderr.starts_with("::error file=b.fz,line=3,"), "{}", github.stderr);
}
