//! What was read is no run at all: it is refused, or goes on somehow, and nothing panics.

use flowgen::Fault;
use flowgen::run::{RestoreError, Saved, StuckResolution};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::shop::{adopt, after, interpreter, save, shop};

/// A run as text, with what is usual and left out there, so that it can be changed, too.
fn spelled_out(steps: usize) -> Value {
    let mut saved: Value = serde_json::from_str(&save(&after(shop().plan(), steps))).unwrap();
    let usual = json!({"next_branch": 1, "ledger": {"recorded": 0}, "phase": "Forward"});
    add(&mut saved["state"], &usual);
    for branch in saved["state"]["branches"].as_array_mut().unwrap() {
        add(branch, &json!({"id": 0, "visit": 1, "attempt": 1, "state": "Begun"}));
    }
    for list in ["pending", "failed"] {
        let list = saved["state"]["ledger"].get_mut(list).and_then(Value::as_array_mut);
        for undo in list.into_iter().flatten() {
            add(undo, &json!({"visit": 1, "fault": null, "undo": null}));
        }
    }
    saved
}

fn add(to: &mut Value, usual: &Value) {
    for (key, value) in usual.as_object().unwrap() {
        to.as_object_mut().unwrap().entry(key).or_insert_with(|| value.clone());
    }
}

/// What is said of a run of which this was changed by hand.
#[track_caller]
fn broken(steps: usize, at: &str, value: Value) -> String {
    let plan = shop().plan();
    let mut saved = spelled_out(steps);
    *saved.pointer_mut(at).expect(at) = value;
    let refused = adopt(&saved.to_string(), plan, plan).expect_err("it is refused");
    assert!(matches!(refused, RestoreError::Malformed { .. }), "{refused}");
    let message = refused.to_string();
    let what = message.strip_prefix("what was saved of run `order-42` is broken: ");
    what.expect("it names the run").to_owned()
}

#[test]
fn default_values_are_omitted_and_restored() {
    let plan = shop().plan();
    for steps in 0..12 {
        let text = save(&after(plan, steps));
        let spelled_out = spelled_out(steps).to_string();
        assert!(text.len() < spelled_out.len(), "{text}");
        let read = adopt(&spelled_out, plan, plan).expect("it is a run");
        assert_eq!(save(&read), save(&adopt(&text, plan, plan).expect("it is a run")));
    }
}

/// Older versions kept the passes of a loop with each branch.
#[test]
fn passes_that_were_counted_by_branch_are_those_of_the_run() {
    let plan = shop().plan();
    for steps in 5..12 {
        let now = save(&after(plan, steps));
        let mut old: Value = serde_json::from_str(&now).unwrap();
        let passes = old["state"].as_object_mut().unwrap().remove("passes");
        if let Some(passes) = passes {
            old["state"]["branches"][0]["passes"] = passes;
        }
        let read = adopt(&old.to_string(), plan, plan).expect("it is a run");
        assert_eq!(save(&read), now, "after {steps} steps");
    }
    let mut old: Value = serde_json::from_str(&save(&after(plan, 2))).unwrap();
    for (branch, passes) in [(0, 1), (1, 3), (2, 2)] {
        old["state"]["branches"][branch]["passes"] = json!([[0, passes]]);
    }
    let read = adopt(&old.to_string(), plan, plan).expect("it is a run");
    let saved: Value = serde_json::from_str(&save(&read)).unwrap();
    assert_eq!(saved["state"]["passes"], json!([[0, 3]]), "{saved}");
}

#[test]
fn each_thing_that_can_be_wrong_is_named() {
    assert_eq!(broken(1, "/state/branches/0/node", json!(77)), "it names node 77, and its drawing has 10");
    assert_eq!(broken(1, "/state/visits", json!({"88": 1})), "it names node 88, and its drawing has 10");
    assert_eq!(broken(1, "/path/0/0", json!(99)), "it names node 99, and its drawing has 10");
    assert_eq!(broken(5, "/state/passes/0/0", json!(4)), "it counts loop 4, and its drawing has 1");
    assert_eq!(broken(1, "/state/branches", json!([])), "it has no branches");
    assert_eq!(broken(1, "/state/branches/0/id", json!(3)), "its first branch is 3, and not the root");
    assert_eq!(broken(2, "/state/branches/2/id", json!(1)), "its branches are out of order");
    assert_eq!(broken(2, "/state/branches/1/parent", json!(9)), "its branch 1 is a branch of no fork");
    assert_eq!(broken(2, "/state/next_branch", json!(2)), "its next branch is 2, and branch 2 is there");
    assert_eq!(broken(2, "/state/branches/1/visit", json!(u32::MAX)), "it has counted up to 4294967295");
    assert_eq!(broken(1, "/state/branches/0/state", json!("Moving")), "it is between two nodes");
    assert_eq!(
        broken(1, "/state/branches/0/state", json!("Ended")),
        "it is not over, and nothing of it is due"
    );
    assert_eq!(
        broken(1, "/state/phase", json!({"Ended": {"Completed": 7}})),
        "it is over, and something of it is due"
    );
    assert_eq!(broken(1, "/contexts", json!({})), "it has no context");
    assert_eq!(
        broken(1, "/contexts", json!({"0": 1, "7": 1})),
        "it has a context for branch 7, and no such branch"
    );
}

/// Numbers and words that mean something in a run, where they do not belong, and things left out.
fn damage(saved: &mut Value, mut dice: impl FnMut(usize) -> usize) {
    match saved {
        Value::Object(fields) if !fields.is_empty() => {
            let at = dice(fields.len());
            let key = fields.keys().nth(at).unwrap().clone();
            match dice(12) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(dice(12).to_string(), json!(dice(4)))),
                _ => damage(&mut fields[&key], dice),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice(items.len());
            match dice(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.swap(0, at),
                _ => damage(&mut items[at], dice),
            }
        }
        other => {
            let words = [
                json!("Due"),
                json!("Begun"),
                json!("Ended"),
                json!("Joined"),
                json!("Stopped"),
                json!("Forward"),
            ];
            let forked = json!({"Forked": {"join": dice(11)}});
            let over = json!({"Ended": {"Stuck": "Cancelled"}});
            let far = [u32::MAX as usize, 1 << 30, (1 << 30) - 1];
            *other = match dice(6) {
                0 => words[dice(words.len())].clone(),
                1 => [forked, over, json!({"ReverseOrder": {"cause": "Cancelled"}}), json!([])][dice(4)]
                    .clone(),
                2 => Value::Null,
                3 => json!(far[dice(3)]),
                _ => json!(dice(11)),
            };
        }
    }
}

/// Goes on as far as it goes, in every way there is.
fn go_on_somehow(mut run: flowgen::run::Run<u32>, mut dice: impl FnMut(usize) -> usize) {
    let plan = shop().plan();
    let interpreter = interpreter(plan);
    for _ in 0..60 {
        let due: Vec<_> = run.state().due().collect();
        for due in &due {
            interpreter.begin(&mut run, due.branch);
            let next = plan.nodes[due.node as usize].next;
            let result = flowgen::run::StepResult::new(flowgen::Effect::Done, next);
            match dice(6) {
                0 => interpreter.settle(&mut run, due.branch, Err(Fault::new("refused"))),
                1 => interpreter.release(&mut run, due.branch),
                _ => interpreter.settle(&mut run, due.branch, Ok(result)),
            }
        }
        match dice(12) {
            0 => interpreter.cancel(&mut run),
            1 => interpreter.interrupt(&mut run),
            2 => drop(interpreter.retry_stuck(&mut run)),
            3 => {
                let stuck = run.state().stuck().first().map(|undo| (undo.node, undo.visit));
                stuck.map(|(node, visit)| {
                    interpreter.resolve_stuck(&mut run, node, visit, StuckResolution::Waived)
                });
            }
            _ => {}
        }
        let _ = run.state().left_behind(plan);
        let _ = run.take_messages();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(steps in 0..12_usize, seed in any::<u64>(), times in 1..4_usize) {
        let plan = shop().plan();
        let mut state = seed;
        let mut dice = move |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % sides
        };
        let mut saved = spelled_out(steps);
        (0..times).for_each(|_| damage(&mut saved, &mut dice));
        if serde_json::from_value::<Saved<u32>>(saved.clone()).is_ok()
            && let Ok(run) = adopt(&saved.to_string(), plan, plan)
        {
            go_on_somehow(run, &mut dice);
        }
    }
}
