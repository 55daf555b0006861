//! Drawings, tidy, untidy and broken, are read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod spans;
mod support;

use flowgen_codegen::syntax::{Item, print};
use support::{bare, read};

const SAGA: &str = include_str!("../drawings/ok/order_saga.fz");

#[test]
fn the_order_saga_is_read() {
    let (drawing, findings) = read(SAGA);
    assert!(findings.is_empty(), "{findings:?}");
    assert!(!drawing.incomplete);
    let lanes: Vec<_> = drawing
        .items
        .iter()
        .map(|item| match item {
            Item::Lane(lane) => (lane.name.text.as_str(), lane.items.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        lanes,
        [("Orchestrator", 11), ("OrderService", 9), ("PaymentService", 13), ("ShippingService", 9)]
    );
}

#[test]
fn the_order_saga_prints_as_it_was_drawn() {
    let (drawing, _) = read(SAGA);
    let printed = print(&drawing);
    let tidied: String =
        printed.lines().filter(|line| !line.is_empty()).map(|line| format!("{}\n", line.trim())).collect();
    assert_eq!(tidied, SAGA);
    assert_eq!(bare(&read(&printed).0), bare(&drawing));
}
