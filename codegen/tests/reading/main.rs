//! Drawings, tidy, untidy and broken, are read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod drawn;
mod faults;
mod properties;
mod spans;
mod support;
mod untidy;

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
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let tidied: Vec<_> = lines(&printed).into_iter().filter(|line| !line.is_empty()).collect();
    assert_eq!(tidied, lines(SAGA));
    assert_eq!(bare(&read(&printed).0), bare(&drawing));
}
