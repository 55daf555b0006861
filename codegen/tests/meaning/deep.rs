//! Depth costs no stack, neither where a drawing is read and checked nor where code is emitted.

use std::fmt::Write as _;
use std::thread;

use flowgen_codegen::{Settings, expand};
use proc_macro2::Span;

use crate::support::sketch;

const DEPTH: usize = 1_000;
const STACK: usize = 256 * 1024;

fn goes_through(lines: &str) {
    let text = sketch(lines);
    let expand = move || {
        let expansion = expand(&text, &Settings::default(), &|_| Span::call_site());
        (expansion.findings.len(), expansion.items.is_empty())
    };
    let expanded = thread::Builder::new().stack_size(STACK).spawn(expand).unwrap().join().unwrap();
    assert_eq!(expanded, (0, false));
}

#[test]
fn forks_in_forks() {
    let mut lines = "circle n1 Start\ncircle n2 End\nn1 -> n3\n".to_owned();
    for fork in 0..DEPTH {
        let (node, branch, join) = (3 * fork + 3, 3 * fork + 4, 3 * fork + 5);
        let inside = if fork + 1 < DEPTH { node + 3 } else { 3 * DEPTH + 3 };
        let outside = if fork == 0 { 2 } else { join - 3 };
        writeln!(lines, "rectangle n{node} Fork {fork}\nrectangle n{branch} Branch {fork}").unwrap();
        writeln!(lines, "rectangle n{join} Join {fork}\nn{node} -> n{inside}\nn{node} -> n{branch}").unwrap();
        writeln!(lines, "n{branch} -> n{join}\nn{join} -> n{outside}").unwrap();
    }
    let (middle, innermost) = (3 * DEPTH + 3, 3 * DEPTH + 2);
    goes_through(&format!("{lines}rectangle n{middle} Middle\nn{middle} -> n{innermost}"));
}

#[test]
fn loops_in_loops() {
    let mut lines = "circle n1 Start\nn1 -> n2\n".to_owned();
    for step in 0..DEPTH {
        let (node, decision) = (step + 2, step + DEPTH + 2);
        let back = DEPTH + 1 - step;
        writeln!(lines, "rectangle n{node} Step {step}\nn{node} -> n{}", node + 1).unwrap();
        writeln!(lines, "diamond n{decision} Done {step}?\nn{decision} -> n{}: Yes", decision + 1).unwrap();
        writeln!(lines, "n{decision} -> n{back}: No").unwrap();
    }
    goes_through(&format!("{lines}circle n{} End", 2 * DEPTH + 2));
}
