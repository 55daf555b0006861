//! Reports: what they show, and what they don't.

mod world;

use world::{draft, users, users_failing};

use ab_test::plan::{Better, Draft, Expected, Kind, Metric, Primary};
use ab_test::report::Report;
use ab_test::trial::{Effect, Recorded, Shape, Simulated, Trial};
use ab_test::{Experiment, flow};

async fn report<T: Trial>(draft: Draft, trial: T) -> Report {
    let ended = flow(trial).run(Experiment::new(draft)).await;
    ended.cx.report.unwrap()
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
async fn the_terminal_says_the_same() {
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
    assert_eq!(titles(&page), ["Plan", "Sample ratio"]);
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
        let primary = Primary { name: "time".to_owned(), better: Better::Lower, effect: 0.2, expected };
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
    let again = Recorded::read(data.as_slice(), &draft.metrics()).unwrap();
    let again = flow(again).run(Experiment::new(draft)).await.cx.report.unwrap();
    assert_eq!(again.to_string(), report.to_string(), "the data say the same again");
}
