//! The command line, as its users meet it: real processes, files and sockets.

mod served;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use served::{Answer, Served};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// It ended with this code. What it printed, errors first.
#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let said = text(&output.stderr) + &text(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// A folder with the example's plan, frozen.
fn planned() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = run(folder.path(), &["plan", "--example"]);
    fs::write(folder.path().join("plan.toml"), ended(&example, 0)).unwrap();
    let said = ended(&run(folder.path(), &["plan", "plan.toml"]), 0);
    assert!(said.contains("It takes 7"), "{said}");
    ended(&run(folder.path(), &["plan", "plan.toml", "--freeze"]), 0);
    folder
}

/// Data of so many units in each variant, of which so many of B bought.
fn data(units: usize, bought: usize) -> String {
    let mut data = "variant,unit,failed,bought,revenue\n".to_owned();
    for unit in 0..units {
        let bought_in_b = u8::from(unit % 100 < bought);
        let bought_in_a = u8::from(unit % 10 == 0);
        data += &format!("A,a{unit},0,{bought_in_a},{}\n", unit % 7);
        data += &format!("B,b{unit},0,{bought_in_b},{}\n", unit % 7);
    }
    data
}

fn analyse(folder: &Path, data: &str) -> Output {
    fs::write(folder.join("data.csv"), data).unwrap();
    run(folder, &["analyse", "data.csv", "--plan", "plan.toml", "--report", "report"])
}

#[test]
fn data_from_elsewhere_are_analysed_after_the_plan() {
    let folder = planned();
    let said = ended(&analyse(folder.path(), &data(4_000, 14)), 0);
    assert!(said.starts_with("checkout button: Ship"), "{said}");
    let page = fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    assert!(
        page.contains("<svg") && !page.contains("http://") && !page.contains("https://"),
        "it needs nothing else"
    );

    // What the report wrote is data of the same kind, with the same result.
    let written = fs::read_to_string(folder.path().join("report/data.csv")).unwrap();
    let again = ended(&analyse(folder.path(), &written), 0);
    assert!(again.starts_with("checkout button: Ship"), "{again}");
}

#[test]
fn every_verdict_has_its_exit_code() {
    let folder = planned();
    let said = ended(&analyse(folder.path(), &data(4_000, 10)), 0);
    assert!(said.starts_with("checkout button: Keep"), "{said}");
    let said = ended(&analyse(folder.path(), &data(50, 12)), 3);
    assert!(said.starts_with("checkout button: Inconclusive"), "{said}");
    let crossed = data(50, 12) + "A,b7,0,0,0\n";
    let said = ended(&analyse(folder.path(), &crossed), 3);
    assert!(said.starts_with("checkout button: Invalid — a unit got both variants"), "{said}");
}

/// A plan for a mean, of 126 units: one look, alpha 5 %, an effect of half a deviation.
fn planned_mean(primary: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plan = format!(
        "name = \"basket\"\nsalt = \"basket-1\"\nalpha = 0.05\npower = 0.8\n\n\
         [primary]\nname = \"value\"\nbetter = \"higher\"\neffect = 0.5\n{primary}\n"
    );
    fs::write(folder.path().join("plan.toml"), plan).unwrap();
    ended(&run(folder.path(), &["plan", "plan.toml", "--freeze"]), 0);
    folder
}

/// 0.1 of all users was once shipped in one experiment out of three.
#[test]
fn values_that_are_all_the_same_are_not_shipped() {
    let folder = planned_mean("kind = \"mean\"\ndeviation = 1.0");
    for (seed, value) in [(1, "0.1"), (2, "0.1"), (3, "0.3"), (4, "1000000000000.1"), (5, "1e-9")] {
        let mut random = fastrand::Rng::with_seed(seed);
        let lines =
            (0..126).map(|unit| format!("u{unit},{},{value}\n", if random.bool() { "A" } else { "B" }));
        let said =
            ended(&analyse(folder.path(), &format!("unit,variant,value\n{}", lines.collect::<String>())), 3);
        assert!(said.starts_with("basket: Inconclusive — the values do not vary"), "{seed}: {said}");
    }
}

#[test]
fn units_beyond_the_planned_sample_are_counted() {
    let folder = planned_mean("kind = \"mean\"\ndeviation = 1.0");
    let line = |unit: u32| {
        let variant = if unit.is_multiple_of(2) { "A" } else { "B" };
        format!("u{unit},{variant},{}\n", unit * 7919 % 1009)
    };
    let data = format!("unit,variant,value\n{}", (0..1260).map(line).collect::<String>());
    let said = ended(&analyse(folder.path(), &data), 3);
    let note = "Note: 1134 of 1260 units in the data file are not analyzed: the planned sample is full after the first 126.";
    assert_eq!(said.lines().nth(1), Some(note), "{said}");
    assert!(said.contains("data.csv, 1260 units") && said.contains("1134 units"), "{said}");
    let digest = ab_test::plan::Digest::of(data.as_bytes()).to_string();
    assert!(said.contains(&digest), "{said}");
}

/// A fifth of a unit is too little to be found, unless what is known from before explains the rest.
#[test]
fn a_covariate_finds_an_effect_that_is_missed_without_it() {
    let mut random = fastrand::Rng::with_seed(11);
    let mut lines = |unit: u32| {
        let (variant, effect) = if unit.is_multiple_of(2) { ("A", 0.0) } else { ("B", 0.2) };
        let before = 10.0 + random.f64() * 8.0;
        let value = before + effect + random.f64() - 0.5;
        format!("u{unit},{variant},{value},{before}\n")
    };
    let data = format!("unit,variant,value,before\n{}", (0..126).map(&mut lines).collect::<String>());
    let plain = planned_mean("kind = \"mean\"\ndeviation = 1.0");
    let said = ended(&analyse(plain.path(), &data), 3);
    assert!(said.starts_with("basket: Inconclusive"), "{said}");
    let adjusted = planned_mean("kind = \"mean\"\ndeviation = 1.0\ncovariate = \"before\"");
    let said = ended(&analyse(adjusted.path(), &data), 0);
    assert!(said.starts_with("basket: Ship"), "{said}");
    assert!(said.contains("t-test of adjusted means (CUPED)"), "{said}");
    assert!(said.contains("adjusted by before") && said.contains("variance reduced by 9"), "{said}");
    assert!(said.contains("relative to A"), "{said}");
    let written = fs::read_to_string(adjusted.path().join("report/data.csv")).unwrap();
    assert_eq!(written, data, "the covariate is among the data");
    let said = ended(&analyse(adjusted.path(), "unit,variant,value\nu1,A,1\n"), 1);
    assert!(said.contains("there is no column `before`"), "{said}");
    let said = ended(&analyse(adjusted.path(), "unit,variant,value,before\nu1,A,1,\n"), 1);
    assert!(said.contains("line 2: `` in `before` is not a finite number"), "{said}");
}

#[test]
fn a_plan_changed_after_it_was_frozen_makes_it_invalid() {
    let folder = planned();
    let path = folder.path().join("plan.toml");
    let changed = fs::read_to_string(&path).unwrap().replace("effect = 0.02", "effect = 0.05");
    fs::write(&path, changed).unwrap();
    let said = ended(&analyse(folder.path(), &data(4_000, 14)), 3);
    assert!(said.starts_with("checkout button: Invalid — the plan was changed"), "{said}");
    assert!(!said.contains("Primary metric"), "no results are shown");
}

#[test]
fn data_that_can_not_be_used_are_refused_with_their_line() {
    let folder = planned();
    let head = "unit,variant,bought,revenue,failed\n";
    for (data, wanted) in [
        ("", "there is no column"),
        ("unit,variant,bought\n", "there is no column `revenue`"),
        (head, "there are no units"),
        (&format!("{head}u1,C,0,0,0\n"), "line 2: `C` is neither `A` nor `B`"),
        (&format!("{head}u1,A,0,0,0\nu2,A,2,0,0\n"), "line 3: `2` in `bought` is not 0 or 1"),
        (&format!("{head}u1,A,0,NaN,0\n"), "line 2: `NaN` in `revenue` is not a finite number"),
        (&format!("{head}u1,A,0,,0\n"), "line 2: `` in `revenue` is not a finite number"),
        (&format!("{head}u1,A,0\n"), "not CSV"),
        (&format!("{head}u1,A,0,0,0\nu1,A,1,0,0\n"), "line 3: `u1` was there before"),
        (&format!("{head}u1,A,0,0,0\n,A,0,0,0\n"), "line 3: the id of the unit is empty"),
        (&format!("{head} ,B,0,0,0\n"), "line 2: the id of the unit is empty"),
        ("unit,variant,bought,revenue,failed,bought\n", "there is more than one column `bought`"),
    ] {
        let said = ended(&analyse(folder.path(), data), 1);
        assert!(said.starts_with("error: data.csv: ") && said.contains(wanted), "{data}: {said}");
    }
}

#[test]
fn plans_that_can_not_be_used_are_refused() {
    let folder = planned();
    let said = ended(&run(folder.path(), &["plan", "plan.toml", "--freeze"]), 1);
    assert!(said.contains("frozen already"), "{said}");
    let said = ended(&run(folder.path(), &["plan", "nowhere.toml"]), 1);
    assert!(said.starts_with("error: nowhere.toml: "), "{said}");
    fs::write(folder.path().join("draft.toml"), "name = 1").unwrap();
    let said = ended(&run(folder.path(), &["plan", "draft.toml"]), 1);
    assert!(said.contains("not a plan"), "{said}");
    ended(&run(folder.path(), &["plan"]), 2);
}

#[test]
fn two_endpoints_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (slow, fast) = (Served::answering(Answer::SlowlyBy(4)), Served::answering(Answer::AtOnce));
    let arguments =
        ["http", &slow.url(), &fast.url(), "--effect", "0.2", "--looks", "2", "--report", "report"];
    let said = ended(&run(folder.path(), &arguments), 0);
    assert!(said.contains(": Ship — B is better") && said.contains("latency_ms"), "{said}");
    assert!(folder.path().join("report/report.html").exists());
}

#[test]
fn an_endpoint_that_fails_more_often_is_not_shipped_even_if_faster() {
    let folder = tempfile::tempdir().unwrap();
    let (slow, failing) =
        (Served::answering(Answer::SlowlyBy(2)), Served::answering(Answer::FailingAfter(3)));
    let arguments = ["http", &slow.url(), &failing.url(), "--effect", "0.2", "--warm-up", "2"];
    let said = ended(&run(folder.path(), &arguments), 0);
    assert!(said.contains(": Keep — B harms `failed`"), "{said}");
}

#[test]
fn an_unreachable_endpoint_is_reported_before_any_measurement() {
    let folder = tempfile::tempdir().unwrap();
    let there = Served::answering(Answer::AtOnce);
    let gone = Served::answering(Answer::AtOnce).url();
    let said = ended(&run(folder.path(), &["http", &there.url(), &gone]), 1);
    assert!(said.contains("can't be compared"), "{said}");
    let said = ended(&run(folder.path(), &["http", &there.url(), "no url"]), 1);
    assert!(said.contains("no url can't be compared"), "{said}");
    let failing = Served::answering(Answer::FailingAfter(0));
    let said = ended(&run(folder.path(), &["http", &there.url(), &failing.url()]), 1);
    assert!(said.contains("it says 500"), "{said}");
}

#[cfg(unix)]
#[test]
fn two_commands_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["commands", "sleep 0.03", "true", "--effect", "0.3", "--power", "0.8", "--warm-up", "1"];
    let said = ended(&run(folder.path(), &arguments), 0);
    assert!(said.contains(": Ship"), "{said}");
}

#[test]
fn arguments_that_can_not_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, wanted) in [
        (&["commands", "", "true"][..], "a command is empty"),
        (&["commands", "echo 'a", "true"], "a quote in `echo 'a` is not closed"),
        (&["commands", "no-such-command-at-all", "true"], "`no-such-command-at-all` can't be compared"),
        (&["commands", "true", "true", "--effect", "0"], "`effect` has to be above 0"),
        (&["commands", "true", "true", "--effect", "0.01"], "and --most allows 20000"),
        (&["commands", "true", "true", "--timeout", "0"], "--timeout has to be above 0"),
        (&["commands", "true", "true", "--timeout", "NaN"], "--timeout has to be above 0"),
    ] {
        let said = ended(&run(folder.path(), arguments), 1);
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
}
