//! Where a search is given up, that is said.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::support::codes;

/// Branches that share two long ways, which never meet: each way is walked once for each branch.
fn fork(branches: usize, length: usize) -> String {
    let mut lines = "circle n1 Start\nrectangle n2 Fork\nn1 -> n2\n".to_owned();
    let way = |way: usize, at: usize| 3 + branches + way * (length + 1) + at;
    for branch in 0..branches {
        let node = 3 + branch;
        let _ = write!(lines, "rectangle n{node} Branch {branch}\nn2 -> n{node}\n");
        let _ = writeln!(lines, "n{node} -> n{}", way(branch % 2, 0));
    }
    for side in 0..2 {
        for at in 0..length {
            let _ = writeln!(lines, "rectangle n{} Step {side} {at}", way(side, at));
            let _ = writeln!(lines, "n{} -> n{}", way(side, at), way(side, at + 1));
        }
        let _ = writeln!(lines, "circle n{} End {side}", way(side, length));
    }
    lines
}

#[test]
fn a_fork_with_too_many_branches_is_not_decided() {
    let found = |drawing: &str| codes(drawing).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(found(&fork(10, 20)), BTreeSet::from(["F303"]));
    assert_eq!(found(&fork(1_000, 1_200)), BTreeSet::from(["F305"]));
}
