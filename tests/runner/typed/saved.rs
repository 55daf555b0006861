//! A typed run that is saved and read back after every step.

use flowgen::data::Data;
use flowgen::run::{Due, Interpreter, Migration, Run, Saved};
use flowgen::{Drawing, Flow as _, Node as _, Visit};

use super::order::{Flow, Node, Start, Value};
use super::shop::{Does, Knows, World};
use super::{ann, flow, run};

type Lanes = Flow<World, World>;

fn read_back(interpreter: &Interpreter<Data<Value>>, run: &Run<Data<Value>>) -> Run<Data<Value>> {
    let plan = interpreter.plan();
    let text = serde_json::to_string(run).unwrap();
    let saved: Saved<Data<Value>> = serde_json::from_str(&text).unwrap();
    interpreter.restore(saved, &Migration::new(&Drawing::new(plan), plan)).unwrap()
}

/// Begins all due nodes.
fn begin(interpreter: &Interpreter<Data<Value>>, run: &mut Run<Data<Value>>) -> Vec<(Due, Visit)> {
    let due: Vec<Due> = run.state().due().collect();
    due.into_iter().filter_map(|due| Some((due, interpreter.begin(run, due.branch)?))).collect()
}

/// Drives a run, and reads it back whenever it could be saved.
async fn drive(flow: &Lanes, is_interrupted: bool) -> Vec<Run<Data<Value>>> {
    let interpreter = Interpreter::for_flow::<Lanes>();
    let (start, input) = Start::OrderReceived(ann()).into_data();
    let mut waiting = vec![interpreter.start("r", start, input)];
    let mut ended = Vec::new();
    while let Some(mut run) = waiting.pop() {
        while !run.is_over() {
            let mut begun = begin(&interpreter, &mut run);
            run = read_back(&interpreter, &run);
            if is_interrupted {
                // A crash before the attempts: they are repeated under the same keys.
                interpreter.interrupt(&mut run);
                begun = begin(&interpreter, &mut run);
                run = read_back(&interpreter, &run);
            }
            for (due, visit) in begun {
                // The script of the lanes is about first attempts.
                let visit = visit.at_attempt(1);
                let mut context = match due.branch {
                    0 => run.context().clone(),
                    branch => run.lend(branch).unwrap(),
                };
                let result = flow.step(Node::ALL[due.node as usize], &mut context, &visit).await;
                match due.branch {
                    0 => *run.context_mut() = context,
                    branch => run.give_back(branch, context),
                }
                interpreter.settle_next(&mut run, due.branch, result);
                waiting.extend(run.take_messages());
                run = read_back(&interpreter, &run);
            }
        }
        ended.push(run);
    }
    ended
}

#[tokio::test]
async fn a_run_continues_as_if_it_had_not_been_saved() {
    let worlds: [fn() -> World; 6] = [
        World::default,
        || World { sold_out: "cup", ..World::default() },
        || World::with(&[("reserve", 2, 1, Does::FaultsAfter)]),
        || World {
            script: vec![("reserve", 2, 1, Does::FaultsAfter)],
            did: Knows::Everything,
            ..World::default()
        },
        || World::with(&[("book_courier", 1, 1, Does::FaultsBefore)]),
        || World::with(&[("confirm", 1, 1, Does::FaultsAfter)]),
    ];
    for world in worlds {
        let (expected, log, _) = run(world()).await;
        for is_interrupted in [false, true] {
            let flow = flow(world());
            let runs = drive(&flow, is_interrupted).await;
            let end = runs[0].end();
            assert_eq!(end, expected.end());
            if !is_interrupted {
                assert_eq!(flow.store.log(), log);
            }
            assert_eq!(runs.len(), 1 + expected.messages.len());
        }
    }
}

#[test]
fn values_are_saved_by_name() {
    let (_, data) = Start::OrderReceived(ann()).into_data();
    let text = serde_json::to_string(&data).unwrap();
    assert_eq!(text, r#"[[1,"order",{"customer":"Ann","items":["pot","cup"]}]]"#);
    let back: Data<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    // A name that is gone is left out.
    let gone: Data<Value> = serde_json::from_str(r#"[[1,"coupon",{"any":1}],[2,"courier",3]]"#).unwrap();
    assert_eq!(serde_json::to_string(&gone).unwrap(), r#"[[2,"courier",3]]"#);
}

#[test]
fn a_value_that_can_not_be_read_names_its_node_and_type() {
    let read = |text: &str| serde_json::from_str::<Data<Value>>(text).err().unwrap().to_string();
    let error = read(r#"[[2,"courier","a van"]]"#);
    let expected =
        "`courier`, which `Book courier` (n7) gives, is no `runner::typed::shop::Courier`: invalid type";
    assert!(error.starts_with(expected), "{error}");
    let error = read(r#"[[1,"order",{}]]"#);
    assert!(error.contains("`Order received` (n1) or `Express received` (n16)"), "{error}");
    for broken in
        [r#"[[0,"courier",1]]"#, r#"[[1,"courier"]]"#, "[[]]", r#"[[1,"courier",1],[1,"courier",1]]"#, "3"]
    {
        let _ = read(broken);
    }
}
