//! Edges that were changed while runs were under way: what leads a run again to a step that it has done.

use std::cell::Cell;
use std::collections::BTreeSet;

use flowgen::plan::{Kind, NodeSpec, Plan};
use flowgen::run::{Change, Migration, RestoreError, Run, Saved, StepResult};
use flowgen::{Drawing, Effect, Fault};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::shop::{Sketch, adopt, after, go_on, interpreter, save};

/// Steps in a row, each of which can be undone, and these edges.
fn steps(edges: &[&[u32]]) -> Sketch {
    sketch(edges, |_| Kind::Step, |_| true)
}

/// Node 0 is the start, the last one the end. Those in between have these kinds. Each that `is_compensable` is undone
/// by a node of its own, to which no edge leads.
fn sketch(edges: &[&[u32]], kind: impl Fn(u32) -> Kind, is_compensable: impl Fn(u32) -> bool) -> Sketch {
    let name =
        |at: u32| -> (&'static str, &'static str) { (format!("n{at}").leak(), format!("Node {at}").leak()) };
    let leak = |nodes: &[u32]| -> &'static [u32] { nodes.to_vec().leak() };
    let end = u32::try_from(edges.len()).unwrap();
    let inner = 1..end;
    let mut nodes = vec![NodeSpec::new("n0", "Start", 0, Kind::Start).next(leak(edges[0]))];
    for at in inner.clone() {
        let (id, label) = name(at);
        nodes.push(NodeSpec::new(id, label, 0, kind(at)).next(leak(edges[at as usize])));
    }
    nodes.push(NodeSpec::new(name(end).0, "End", 0, Kind::End));
    for step in inner.filter(|at| kind(*at) == Kind::Step && is_compensable(*at)) {
        let (undo, index) = (name(100 + step), u32::try_from(nodes.len()).unwrap());
        nodes[step as usize].undone_by = Some(index);
        nodes.push(NodeSpec::new(undo.0, undo.1, 0, Kind::Step).undoes(leak(&[step])));
    }
    Sketch { lanes: vec![flowgen::plan::LaneSpec::new("Lane", "Lane")], nodes, loops: Vec::new() }
}

/// The ids of the nodes to which a run is led again that has done so many steps; none where it goes on.
fn repeated(steps: usize, from: &Sketch, to: &Sketch) -> Vec<String> {
    let (from, to) = (from.plan(), to.plan());
    match adopt(&save(&after(from, steps)), from, to) {
        Ok(_) => Vec::new(),
        Err(RestoreError::Changed { nodes, .. }) => {
            assert!(nodes.iter().all(|node| node.change == Change::Repeated), "{nodes:?}");
            nodes.into_iter().map(|node| node.id).collect()
        }
        Err(malformed) => panic!("{malformed}"),
    }
}

#[test]
fn a_step_that_was_passed_is_not_led_to_again() {
    let row = || steps(&[&[1], &[2], &[3], &[4]]);
    let swapped = || steps(&[&[2], &[3], &[1], &[4]]);
    let back = || steps(&[&[1], &[2], &[1], &[4]]);
    let table: &[(&str, usize, Sketch, Sketch, &[&str])] = &[
        ("swapped before both", 0, row(), swapped(), &[]),
        ("swapped after the first", 1, row(), swapped(), &["n1"]),
        ("swapped after both", 2, row(), swapped(), &[]),
        ("a way back past the next step", 1, row(), back(), &["n1"]),
        ("past the new way back", 2, row(), back(), &[]),
        (
            "a way back behind it",
            2,
            steps(&[&[1], &[2], &[3], &[4]]),
            steps(&[&[1], &[2], &[3], &[2]]),
            &["n2"],
        ),
        ("the way back was there", 1, back(), steps(&[&[1], &[2], &[3], &[1]]), &[]),
        ("a step ahead that was removed", 0, row(), steps(&[&[1], &[3], &[3], &[4]]), &[]),
        ("straight to the end", 2, row(), steps(&[&[1], &[4], &[4], &[4]]), &[]),
        ("a way back to where it stands only", 1, row(), steps(&[&[1], &[2], &[2], &[4]]), &[]),
    ];
    for (what, steps, from, to, expected) in table {
        assert_eq!(repeated(*steps, from, to), *expected, "{what}");
    }
}

#[test]
fn a_step_that_is_inserted_ahead_is_done() {
    let from = steps(&[&[1], &[2], &[3]]);
    let mut to = steps(&[&[1], &[2], &[3]]);
    to.nodes.push(NodeSpec::new("n9", "New", 0, Kind::Step).next(&[3]));
    to.node("n2").next = &[6];
    assert_eq!(repeated(2, &from, &to), [""; 0]);
    assert_eq!(repeated(1, &from, &to), [""; 0]);
}

#[test]
fn steps_without_a_compensation_may_be_repeated() {
    let bare = |edges: &[&[u32]]| sketch(edges, |_| Kind::Step, |_| false);
    assert_eq!(repeated(1, &bare(&[&[1], &[2], &[3]]), &bare(&[&[2], &[3], &[1]])), [""; 0]);
}

#[test]
fn branches_of_a_fork_and_nodes_after_its_join_count() {
    let fork = |behind: &'static [u32]| {
        let mut fork = steps(&[&[1], &[2, 3], &[4], &[4], &[5], &[6]]);
        fork.node("n1").join = Some(4);
        fork.node("n4").next = behind;
        fork
    };
    // It stands in both branches, and has done the step before the fork.
    assert_eq!(repeated(1, &fork(&[5]), &fork(&[1])), ["n1"]);
    // One branch waits at the join.
    assert_eq!(repeated(2, &fork(&[5]), &fork(&[2])), ["n2"]);
    assert_eq!(repeated(1, &fork(&[5]), &fork(&[6])), [""; 0]);
}

#[test]
fn a_rollback_reaches_only_its_drawn_nodes() {
    let (from, to) = (steps(&[&[1], &[2], &[3]]).plan(), steps(&[&[2], &[3], &[1]]).plan());
    let mut run = after(from, 1);
    let due = run.state().due().next().unwrap();
    let interpreter = interpreter(from);
    interpreter.begin(&mut run, due.branch);
    interpreter.settle(&mut run, due.branch, Err(Fault::not_done("no")));
    assert!(run.state().is_rolling_back());
    assert!(adopt(&save(&run), from, to).is_ok());
}

#[test]
fn a_new_rollback_that_leads_to_it_counts() {
    let drawn = |behind: &'static [u32]| {
        let mut drawn = steps(&[&[1], &[2], &[4], &[4]]);
        drawn.node("n3").rolls_back = true;
        drawn.node("n3").next = behind;
        drawn
    };
    assert_eq!(repeated(1, &drawn(&[4]), &drawn(&[1])), ["n1"], "where the second step faults");
    assert_eq!(repeated(1, &drawn(&[1]), &drawn(&[1])), [""; 0]);
}

#[test]
fn a_repeat_is_reported_by_name_and_can_be_accepted_by_name() {
    let (from, to) = (steps(&[&[1], &[2], &[3]]).plan(), steps(&[&[2], &[3], &[1]]).plan());
    let saved = save(&after(from, 1));
    let message = adopt(&saved, from, to).unwrap_err().to_string();
    let why = "`Node 1` (n1) was passed, and this drawing leads to it again, so that it would be done twice: \
        draw no way back to it, or accept that it is repeated";
    assert_eq!(message, format!("run `order-42` was begun with another drawing: {why}"));
    let adoption = |node| Migration::new(&Drawing::new(from), to).accept_repeats([node]);
    let read = || serde_json::from_str::<Saved<u32>>(&saved).unwrap();
    assert!(interpreter(to).restore(read(), &adoption(2)).is_err());
    let mut run = interpreter(to).restore(read(), &adoption(1)).unwrap();
    go_on(&interpreter(to), &mut run, 5);
    let done = run.state().path().iter().filter(|entry| entry.node == 1).map(|entry| entry.visit);
    assert_eq!(done.collect::<Vec<_>>(), [1, 2]);
}

/// What a run can still do, found by doing it: every way out of every decision, and every order of branches.
///
/// `None` where there is too much of it.
fn comes_to(run: &Run<u32>, plan: &'static Plan) -> Option<BTreeSet<u32>> {
    let interpreter = interpreter(plan);
    let visits = |run: &Run<u32>| {
        run.state().active_nodes().map(|active| (active.node, active.visit)).collect::<Vec<_>>()
    };
    let begun: BTreeSet<(u32, u32)> = visits(run).into_iter().collect();
    let (mut came, mut seen, mut waiting) = (BTreeSet::new(), BTreeSet::new(), vec![run.clone()]);
    while let Some(run) = waiting.pop() {
        came.extend(visits(&run).iter().filter(|visit| !begun.contains(visit)).map(|(node, _)| *node));
        let mut nodes: Vec<u32> = run.state().active_nodes().map(|active| active.node).collect();
        nodes.sort_unstable();
        if nodes.len() > 4 || seen.len() > 300 {
            return None;
        }
        if !seen.insert(nodes) {
            continue;
        }
        for due in run.state().due() {
            let spec = &plan.nodes[due.node as usize];
            let ways: Vec<&'static [u32]> =
                if spec.kind == Kind::Decision { spec.next.chunks(1).collect() } else { vec![spec.next] };
            for to in ways {
                let mut run = run.clone();
                interpreter.begin(&mut run, due.branch);
                interpreter.settle(&mut run, due.branch, Ok(StepResult::new(Effect::Done, to)));
                waiting.push(run);
            }
        }
    }
    Some(came)
}

/// Nodes, each with its kind and whether it is compensable, and the edges of two drawings of them.
#[derive(Clone, Debug)]
struct Pair {
    nodes: Vec<(bool, bool)>,
    from: Vec<Vec<u32>>,
    to: Vec<Vec<u32>>,
    steps: usize,
}

impl Pair {
    fn sketch(&self, edges: &[Vec<u32>]) -> Sketch {
        let edges: Vec<&[u32]> = std::iter::once(&[1][..]).chain(edges.iter().map(Vec::as_slice)).collect();
        let node = |at: u32| self.nodes[at as usize - 1];
        let kind = |at| if node(at).0 { Kind::Decision } else { Kind::Step };
        sketch(&edges, kind, |at| node(at).1)
    }
}

fn pairs() -> impl Strategy<Value = Pair> {
    (2..6_usize).prop_flat_map(|count| {
        let end = u32::try_from(count + 1).unwrap();
        let next = |at: u32| {
            let targets = (1..=end).collect::<Vec<_>>();
            prop_oneof![
                4 => Just(vec![at + 1]),
                3 => proptest::sample::subsequence(targets.clone(), 1),
                1 => proptest::sample::subsequence(targets, 2),
            ]
        };
        let all = || (1..end).map(next).collect::<Vec<_>>();
        let nodes = vec((proptest::bool::weighted(0.3), proptest::bool::weighted(0.8)), count);
        let changed: Vec<_> = all().into_iter().map(|next| proptest::option::weighted(0.6, next)).collect();
        (nodes, all(), changed, 1..5_usize).prop_map(|(nodes, from, changed, steps)| {
            let to = from.iter().zip(changed).map(|(was, now)| now.unwrap_or_else(|| was.clone())).collect();
            Pair { nodes, from, to, steps }
        })
    })
}

fn config() -> ProptestConfig {
    let cases = std::env::var("FLOWGEN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A run that goes on comes to no compensable node again that it could not have come to before. And one that
/// is refused would have.
#[test]
fn continued_runs_repeat_no_step_and_refused_runs_would() {
    let (refusals, judged) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(config());
    let property = |pair: Pair| {
        let (from, to) = (pair.sketch(&pair.from).plan(), pair.sketch(&pair.to).plan());
        let run = after(from, pair.steps);
        let compensable = |node: &u32| from.nodes[*node as usize].undone_by.is_some();
        let path = run.state().path().iter().map(|entry| entry.node);
        let passed: BTreeSet<u32> = path.filter(compensable).collect();
        let accept_all = Migration::new(&Drawing::new(from), to).accept_repeats(0..99);
        let saved = serde_json::from_str::<Saved<u32>>(&save(&run)).unwrap();
        // An open fork whose branches were changed is refused for that.
        let Ok(moved) = interpreter(to).restore(saved, &accept_all) else { return Ok(()) };
        let (Some(before), Some(now)) = (comes_to(&run, from), comes_to(&moved, to)) else { return Ok(()) };
        let is_repeated = |node: &&u32| now.contains(node) && !before.contains(node);
        let repeated: Vec<String> =
            passed.iter().filter(is_repeated).map(|node| format!("n{node}")).collect();
        let refused: Vec<String> = match adopt(&save(&run), from, to) {
            Ok(_) => Vec::new(),
            Err(RestoreError::Changed { nodes, .. }) => nodes.into_iter().map(|node| node.id).collect(),
            Err(malformed) => return Err(TestCaseError::fail(malformed.to_string())),
        };
        judged.set(judged.get() + 1);
        refusals.set(refusals.get() + u32::from(!refused.is_empty()));
        prop_assert_eq!(refused, repeated);
        Ok(())
    };
    runner.run(&pairs(), property).unwrap();
    let (refusals, judged) = (refusals.get(), judged.get());
    assert!(refusals > 0 && judged > refusals, "{refusals} of {judged} were refused");
}
