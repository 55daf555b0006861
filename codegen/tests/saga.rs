//! The order saga means what its drawing says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use flowgen_codegen::analyze;
use flowgen_codegen::model::{Kind, Model, NodeIx};

const SAGA: &str = include_str!("drawings/ok/order_saga.fz");

fn node(model: &Model, id: &str) -> NodeIx {
    model.indices().find(|&node| model[node].id.text == id).unwrap()
}

#[test]
fn reports_the_rollback_cycle_and_the_inferred_pairs() {
    let found: Vec<_> =
        analyze(SAGA).findings.into_iter().map(|finding| (finding.rule.code, finding.message)).collect();
    let expected = [
        (
            "F407",
            "the drawn rollback reaches no end, but leads back to `Trigger compensations` (n5)"
                .to_owned(),
        ),
        (
            "F504",
            "`Reserve inventory` (n9) may return `NotDone`, and `Coordinate saga steps` (n3) follows without a decision"
                .to_owned(),
        ),
        ("F403", "inferred as the compensation of `Create order record` (n7)".to_owned()),
        ("F403", "inferred as the compensation of `Process payment` (n11)".to_owned()),
        ("F403", "inferred as the compensation of `Reserve inventory` (n9)".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn shows_the_cycle_of_the_rollback() {
    let found = analyze(SAGA).findings.remove(0);
    assert_eq!(&SAGA[found.span.range()], "n5");
    let path: Vec<_> = found.path.iter().map(|stop| stop.id.as_str()).collect();
    assert_eq!(path, ["n5", "n15", "n16", "n10", "n5"]);
    assert!(found.path.iter().all(|stop| SAGA[stop.span.range()] == stop.id));
}

#[test]
fn compensations_are_paired_and_the_trigger_is_found() {
    let model = analyze(SAGA).model;
    for (compensation, step) in [("n15", "n11"), ("n16", "n9"), ("n10", "n7")] {
        let (compensation, step) = (node(&model, compensation), node(&model, step));
        assert_eq!(model[compensation].undoes, [step]);
        assert_eq!(model[step].undone_by, Some(compensation));
        assert!(model[compensation].rolls_back);
    }
    assert_eq!(model.trigger, Some(node(&model, "n5")));
    assert_eq!(model.nodes.iter().filter(|node| node.is_compensation()).count(), 3);
}

#[test]
fn it_has_a_start_an_end_and_no_forks() {
    let model = analyze(SAGA).model;
    assert_eq!(
        (model.starts.as_slice(), model.ends.as_slice()),
        (&[node(&model, "n1")][..], &[node(&model, "n6")][..])
    );
    assert!(model.nodes.iter().all(|node| !node.is_fork() && node.join.is_none()));
    assert_eq!(model[node(&model, "n8")].kind, Kind::Decision);
}

#[test]
fn names_come_from_labels() {
    let model = analyze(SAGA).model;
    let lanes: Vec<_> =
        model.lanes.iter().map(|lane| (lane.module.as_str(), lane.type_name.as_str())).collect();
    assert_eq!(lanes[..2], [("orchestrator", "Orchestrator"), ("order_service", "OrderService")]);
    let created = &model[node(&model, "n8")];
    assert_eq!(
        (created.names.method.as_str(), created.names.type_name.as_str()),
        ("order_created", "OrderCreated")
    );
    let outcomes: Vec<_> = created.next.iter().map(|arrow| arrow.outcome.as_str()).collect();
    assert_eq!(outcomes, ["Yes", "No"]);
}
