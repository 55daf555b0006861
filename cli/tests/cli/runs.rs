//! `flowgen runs`, on files of a service in this process.

use std::fs;
use std::time::Duration;

use flowgen::{Effect, Fault, Result, Visit};
use flowgen_sqlite::Engine;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::program::{Place, Ran};

#[allow(missing_docs, unreachable_pub)]
mod flow {
    flowgen::flow! {
        // Paying is the last step.
        #![allow(F405)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Pay"
            n4: circle label:"Sold"
            n5: rectangle label:"Release goods"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
        }
    }
}

/// Sells orders that can be paid. The rollback of other orders fails until the shop is repaired.
struct Shop {
    has_room: bool,
}

impl flow::shop::Shop<String> for Shop {
    async fn reserve_goods(&self, _: &mut String, _: &Visit) -> Result<Effect> {
        Ok(Effect::Done)
    }

    async fn pay(&self, order: &mut String, _: &Visit) -> Result {
        match order.as_str() {
            "waits" => std::future::pending().await,
            "faults" => Err(Fault::new("no money")),
            _ => Ok(()),
        }
    }
}

impl flow::shop::Compensation<String> for Shop {
    async fn release_goods(&self, _: &mut String, _: &Visit) -> Result {
        if self.has_room { Ok(()) } else { Err(Fault::new("the shelf is full")) }
    }
}

type Runs = Engine<flow::Node, String>;

async fn service(place: &Place, has_room: bool) -> Runs {
    let runner = flow::Flow { shop: Shop { has_room } }.into_runner();
    Engine::open(place.path().join("orders.db"), runner).await.unwrap()
}

/// A service that has a file with a run that is sold, one that is stuck, and one that pays.
async fn serving() -> (Place, Runs) {
    let place = Place::new();
    let runs = service(&place, false).await;
    for (id, order) in [("sold", "pays"), ("stuck", "faults"), ("paying", "waits")] {
        let _ = runs.start(id, order.to_owned()).await.unwrap();
        if order != "waits" {
            let _ = runs.outcome(id).await.unwrap();
        }
    }
    while runs.show("paying").await.unwrap().report.at[0].node.label != "Pay" {
        tokio::task::yield_now().await;
    }
    (place, runs)
}

/// The same, once the service has stopped.
fn stopped() -> Place {
    Runtime::new().unwrap().block_on(async {
        let (place, runs) = serving().await;
        runs.shutdown(Duration::ZERO).await;
        place
    })
}

fn runs(place: &Place, args: &str) -> Ran {
    place.run(["runs", "orders.db"].into_iter().chain(args.split(' ')))
}

fn json(place: &Place, args: &str) -> Value {
    serde_json::from_str(&runs(place, &format!("{args} --format json")).succeeded().stdout).unwrap()
}

/// It did its work, and what it has found out is no good news.
#[track_caller]
fn failed(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(1), "", said), "{ran:?}");
}

#[test]
fn runs_can_be_read_but_not_changed_while_a_service_has_the_file() {
    Runtime::new().unwrap().block_on(async {
        let (place, service) = serving().await;
        let listed = runs(&place, "list").succeeded().stdout;
        let lines: Vec<&str> =
            listed.lines().map(|line| line.split("started").next().unwrap().trim()).collect();
        assert_eq!(lines, ["stuck   stuck", "paying  running", "sold    completed"]);
        let shown = runs(&place, "show paying").succeeded().stdout;
        assert!(shown.contains("at `Pay` (n3), visit 1, attempt 1"), "{shown}");
        assert!(runs(&place, "check").succeeded().stdout.contains("3 runs, no problems"));
        for change in ["cancel paying", "retry stuck", "abandon paying", "delete sold", "skip stuck n2"] {
            let holder = format!("in use by process {}", std::process::id());
            runs(&place, change).refused(&["orders.db", &holder, "help: stop the service"]);
        }
        service.shutdown(Duration::ZERO).await;
        assert_eq!(runs(&place, "delete sold").succeeded().stdout, "sold is deleted\n");
    });
}

#[test]
fn cancel_and_retry_take_effect_when_the_service_next_opens_the_database() {
    let place = stopped();
    let cancelled = "paying is cancelled: it rolls back when its service next opens the database\n";
    assert_eq!(runs(&place, "cancel paying").succeeded().stdout, cancelled);
    let retried =
        "stuck is retried: its failed compensations run again when its service next opens the database\n";
    assert_eq!(runs(&place, "retry stuck").succeeded().stdout, retried);
    failed(&runs(&place, "retry stuck"), "error: run `stuck` is not stuck\n");
    let listed = runs(&place, "list").succeeded().stdout;
    assert!(listed.starts_with("stuck   rolling back  started "), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("paying  running") && line.ends_with(", cancelled")));
    Runtime::new().unwrap().block_on(async {
        let runs = service(&place, true).await;
        assert_eq!(runs.resume().await.unwrap().runs, 2);
        assert_eq!(runs.outcome("stuck").await.unwrap().to_string(), "rolled back: `Pay` faulted: no money");
        assert_eq!(runs.outcome("paying").await.unwrap().to_string(), "rolled back: cancelled");
        runs.shutdown(Duration::from_secs(1)).await;
    });
}

#[test]
fn resolves_or_skips_a_stuck_step() {
    for (command, how) in [("resolve", "was undone by hand"), ("skip", "is not undone")] {
        let place = stopped();
        let stuck = runs(&place, "show stuck").succeeded().stdout;
        assert!(stuck.contains("stuck: `Reserve goods` (n2), visit 1, the shelf is full"), "{stuck}");
        let wrong = runs(&place, &format!("{command} stuck n2 --visit 2"));
        failed(&wrong, "error: run `stuck` is not stuck at `n2`, visit 2\n");
        let said = runs(&place, &format!("{command} stuck n2")).succeeded().stdout;
        assert_eq!(said, format!("stuck is rolled back: visit 1 of step n2 {how}\n"));
        assert_eq!(json(&place, "show stuck")["status"], "rolled_back");
    }
}

#[test]
fn abandons_a_run_with_pending_undos_and_deletes_it() {
    let place = stopped();
    let may_owe = "error: run `paying` is running, and may owe something: abandon it before it is deleted\n";
    failed(&runs(&place, "delete paying"), may_owe);
    let said = runs(&place, "abandon paying").succeeded().stdout;
    assert_eq!(
        said,
        "paying is abandoned, and has pending undos\n  pending undo: `Reserve goods` (n2), visit 1\n"
    );
    failed(&runs(&place, "abandon paying"), "error: run `paying` is over: it is abandoned\n");
    failed(&runs(&place, "cancel paying"), "error: run `paying` is over: it is abandoned\n");
    let abandoned = json(&place, "abandon stuck");
    assert_eq!((&abandoned["status"], &abandoned["at_next_open"]), (&"abandoned".into(), &false.into()));
    assert_eq!(abandoned["pending_undos"][0]["fault"], "the shelf is full");
    assert_eq!(json(&place, "list --status abandoned").as_array().unwrap().len(), 2);
    runs(&place, "delete paying").succeeded();
    failed(&runs(&place, "show paying"), "error: there is no run `paying`\n");
}

#[test]
fn lists_refused_runs_with_the_reason() {
    let place = stopped();
    let path = place.path().join("orders.db");
    Runtime::new().unwrap().block_on(async {
        let runner = flow::Flow { shop: Shop { has_room: true } }.into_runner();
        let options = flowgen_sqlite::Options::new().contexts(2, |_, _| Err("it is too old".into()));
        let runs: Runs = Engine::open_with(&path, runner, options).await.unwrap();
        assert_eq!(runs.resume().await.unwrap().refused.len(), 1);
        runs.shutdown(Duration::from_secs(1)).await;
    });
    let why = "the context of run `paying` does not become version 2 from version 1: it is too old";
    let listed = runs(&place, "list --status refused").succeeded().stdout;
    assert!(listed.starts_with("paying  refused") && listed.ends_with(&format!("\n  {why}\n")), "{listed}");
    assert_eq!(json(&place, "show paying")["refused"], why);
    let cancelled = runs(&place, "cancel paying").succeeded().stdout;
    assert!(
        cancelled.contains(&format!("database, unless the service refuses it again: {why}")),
        "{cancelled}"
    );
    runs(&place, "abandon paying").succeeded();
    assert_eq!(runs(&place, "list --status refused").succeeded().stdout, "no runs\n");
}

#[test]
fn check_reports_the_problems_of_a_file() {
    let place = stopped();
    let path = place.path().join("orders.db");
    let mut bytes = fs::read(&path).unwrap();
    // In the state of a run; the id of its drawing's node is elsewhere.
    let at = bytes.windows(12).rposition(|bytes| bytes == b"{\"observed\":").unwrap();
    bytes[at] = b'[';
    fs::write(&path, bytes).unwrap();
    let checked = runs(&place, "check");
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(1), ""), "{checked:?}");
    assert!(checked.stdout.ends_with("3 runs, 1 problem\n"), "{checked:?}");
    assert!(checked.stdout.contains("run `"), "{checked:?}");
    let checked = runs(&place, "check --format json");
    let report: Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!((checked.code, &report["runs"]), (Some(1), &3.into()));
    assert_eq!(report["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn pages_of_a_list_follow_one_another() {
    let place = stopped();
    let all = json(&place, "list");
    let seq = all[1]["seq"].as_i64().unwrap();
    let before = json(&place, &format!("list --before {seq}"));
    assert_eq!(before.as_array().unwrap().len(), 2, "{all}");
    assert_eq!(json(&place, "list --limit 0"), Value::Array(Vec::new()));
    assert_eq!(json(&place, "list --status completed,stuck").as_array().unwrap().len(), 2);
    let unknown = runs(&place, "list --status lost");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("known statuses: running, rolling-back, stuck, completed"),
        "{unknown:?}"
    );
}

#[test]
fn files_without_runs_are_not_changed() {
    let place = Place::new().with("orders.db", "Dear diary, ".repeat(500));
    runs(&place, "list").refused(&["orders.db", "is not an SQLite file"]);
    runs(&place, "cancel order-1").refused(&["is not an SQLite file"]);
    assert_eq!(place.entries(), ["orders.db"]);
    let place = Place::new();
    runs(&place, "list").refused(&["cannot open `orders.db`", "No such file"]);
    runs(&place, "delete order-1").refused(&["cannot open `orders.db`", "No such file"]);
    assert_eq!(place.entries(), [""; 0]);
}

#[test]
fn a_file_of_an_older_version_is_not_changed() {
    let place = stopped();
    let path = place.path().join("orders.db");
    let mut bytes = fs::read(&path).unwrap();
    // The version of the file is a number in its header.
    assert!(bytes[63] > 1);
    bytes[63] -= 1;
    fs::write(&path, &bytes).unwrap();
    for command in ["list", "delete sold"] {
        runs(&place, command).refused(&["open it with its service once"]);
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn control_characters_in_run_ids_are_escaped() {
    let place = Place::new();
    Runtime::new().unwrap().block_on(async {
        let runs = service(&place, true).await;
        let _ = runs.start("\u{1b}[31mred\n", "pays".to_owned()).await.unwrap();
        let _ = runs.outcome("\u{1b}[31mred\n").await.unwrap();
        runs.shutdown(Duration::from_secs(1)).await;
    });
    let listed = runs(&place, "list").succeeded().stdout;
    assert!(!listed.contains('\u{1b}') && listed.lines().count() == 1, "{listed:?}");
    assert_eq!(json(&place, "list")[0]["run"], "\u{1b}[31mred\n");
}
