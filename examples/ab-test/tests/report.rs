//! Reports: what they show, and what they don't.

mod world;

use std::time::{Duration, SystemTime};

use world::{draft, users, users_failing};

use ab_test::exposure::ExposureLog;
use ab_test::lanes::Experimenter;
use ab_test::plan::{Better, Digest, Draft, Expected, Kind, Metric, Primary};
use ab_test::report::Report;
use ab_test::trial::{Effect, Recorded, Shape, Simulated, Trial};
use ab_test::{Experiment, Source, flow_with};

async fn report<T: Trial>(draft: Draft, trial: T) -> Report {
    report_of(Experiment::new(draft), trial).await
}

async fn report_of<T: Trial>(experiment: Experiment, trial: T) -> Report {
    let experimenter = Experimenter::default().with_clock(noon);
    let flow = flow_with(trial, experimenter, ExposureLog::default());
    flow.run(experiment).await.cx.report.unwrap()
}

/// 2026-03-01 at noon.
fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400)
}

fn titles(page: &str) -> Vec<&str> {
    page.split("<h2>").skip(1).filter_map(|after| after.split("</h2>").next()).collect()
}

#[tokio::test]
async fn a_page_shows_everything_and_needs_nothing() {
    let page = report(draft(), users(0.6)).await.page().unwrap();
    let wanted = [
        "Improvement by B",
        "Shares",
        "Evidence at each look",
        "Plan",
        "Data",
        "Sample ratio",
        "Guardrails",
        "Primary metric",
        "Secondary metrics",
        "Looks",
    ];
    assert_eq!(titles(&page), wanted);
    assert_eq!(page.matches("<svg").count(), 3);
    for outside in ["NaN", "inf", "http:", "https:", "<script", "<link", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn the_terminal_report_has_the_values_of_the_page() {
    let report = report(draft(), users(0.6)).await;
    let (text, page) = (report.to_string(), report.page().unwrap());
    assert!(text.starts_with("button: Ship — B is better"));
    assert!(text.contains(&draft().digest().to_string()));
    for line in text.lines().filter(|line| line.starts_with("  bought ")) {
        for cell in line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()) {
            assert!(page.contains(&format!("<td>{cell}</td>")), "{cell}");
        }
    }
}

#[tokio::test]
async fn an_invalid_experiment_shows_no_results() {
    let report = report(draft(), users(0.6).losing_in_b(0.5)).await;
    let page = report.page().unwrap();
    assert_eq!(titles(&page), ["Plan", "Data", "Sample ratio"]);
    assert_eq!(page.matches("<svg").count(), 0);
    assert!(!report.to_string().contains("Primary metric"));
}

#[tokio::test]
async fn a_harmed_guardrail_is_shown() {
    let text = report(draft(), users_failing(0.4, 0.2)).await.to_string();
    let line = text.lines().find(|line| line.starts_with("  failed")).unwrap();
    assert!(line.ends_with("harmed") && !line.contains("not shown"), "{line}");
}

#[tokio::test]
async fn means_and_orders_are_drawn_as_distributions() {
    let skewed = Effect {
        a: Shape::LogNormal { median: 9.0, deviation: 0.5 },
        b: Shape::LogNormal { median: 5.0, deviation: 0.5 },
    };
    for expected in [Expected::Mean { deviation: 6.0 }, Expected::Order] {
        let primary = Primary {
            name: "time".to_owned(),
            better: Better::Lower,
            effect: 0.2,
            covariate: None,
            expected,
        };
        let draft = Draft { primary, secondary: Vec::new(), guardrails: Vec::new(), looks: 20, ..draft() };
        let report = report(draft, Simulated::new(3, vec![skewed])).await;
        let page = report.page().unwrap();
        assert!(page.contains("<h2>Distribution</h2>") && !page.contains("NaN"), "{page}");
        assert!(report.to_string().contains("Ship — B is better"), "lower is better: {report}");
    }
}

#[tokio::test]
async fn names_are_text_and_nothing_else() {
    let evil = "<script>alert(1)</script>";
    let mut draft = Draft { name: evil.to_owned(), ..draft() };
    draft.primary.name = evil.to_owned();
    draft.secondary = vec![Metric::new("a,\"b\"", Kind::Mean, Better::Higher)];
    let report = report(draft.clone(), users(0.6)).await;
    assert!(!report.page().unwrap().contains("<script"));

    let mut data = Vec::new();
    report.data(&mut data).unwrap();
    let again = Recorded::read(data.as_slice(), &draft).unwrap();
    let again = report_of(Experiment::new(draft), again).await;
    assert_eq!(again.to_string(), report.to_string(), "the data say the same again");
}

/// A source of which the first units are analyzed.
fn source(units: usize) -> Option<Source> {
    Some(Source { file: "march.csv".to_owned(), digest: Digest::of(b"unit,variant\n"), units })
}

#[tokio::test]
async fn a_report_has_its_date_and_the_digest_of_its_data() {
    let experiment = Experiment { source: source(0), ..Experiment::new(draft()) };
    let report = report_of(experiment, users(0.4)).await;
    for text in [report.to_string(), report.page().unwrap()] {
        assert!(text.contains("2026-03-01T12:00:00Z") && text.contains("march.csv, 0 units"), "{text}");
        assert!(text.contains(&Digest::of(b"unit,variant\n").to_string()), "{text}");
    }

    // Units that were measured by the program: the digest is that of the file that it writes.
    let folder = tempfile::tempdir().unwrap();
    let report = report_of(Experiment::new(draft()), users(0.4)).await;
    report.write_to(folder.path()).unwrap();
    let written = std::fs::read(folder.path().join("data.csv")).unwrap();
    assert!(report.to_string().contains(&Digest::of(&written).to_string()), "{report}");
}

#[tokio::test]
async fn a_date_that_can_not_be_written_is_replaced() {
    for (clock, date) in [
        ((|| SystemTime::UNIX_EPOCH - Duration::from_secs(1)) as fn() -> _, "1970-01-01T00:00:00Z"),
        (|| SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40), "9999-12-31T23:59:59Z"),
    ] {
        let experimenter = Experimenter::default().with_clock(clock);
        let ended = flow_with(users(0.6), experimenter, ExposureLog::default());
        let report = ended.run(Experiment::new(draft())).await.cx.report.unwrap().to_string();
        assert!(report.contains(date), "{report}");
    }
}

#[tokio::test]
async fn units_that_are_not_analyzed_are_counted() {
    for (bought_in_b, units, why) in
        [(0.335, 10_000, "the planned sample is full"), (0.6, 9_000, "the experiment ended")]
    {
        let experiment = Experiment { source: source(units), ..Experiment::new(draft()) };
        let report = report_of(experiment, users(bought_in_b)).await;
        let analyzed = units - report.unused();
        let wanted = format!(
            "{} of {units} units in the data file are not analyzed: {why} after the first {analyzed}.",
            report.unused()
        );
        for text in [report.to_string(), report.page().unwrap()] {
            assert!(text.contains(&wanted), "{wanted}: {text}");
        }
    }
    let experiment = Experiment { source: source(10), ..Experiment::new(draft()) };
    let report = report_of(experiment, users(0.4).users(10)).await;
    assert!(!report.to_string().contains("Note:"), "{report}");
}
