//! Declared values of saved runs, under a changed drawing.

use std::collections::BTreeMap;
use std::sync::Arc;

use flowgen::data::{Data, Inputs, ValueId};
use flowgen::plan::{Kind, LaneSpec, NodeSpec, Output, Plan, Take};
use flowgen::run::{Interpreter, Migration, RestoreError, Run, Saved, StepResult};
use flowgen::{Drawing, Effect};

type Cx = Data<Arc<u64>>;

const LANES: &[LaneSpec] = &[LaneSpec::new("shop", "Shop")];

const fn step(id: &'static str, next: &'static [u32]) -> NodeSpec {
    NodeSpec::new(id, id, 0, Kind::Step).next(next)
}

const ORDER: &[Output] = &[Output::new(Some(0))];

const fn start(next: &'static [u32]) -> NodeSpec {
    NodeSpec::new("start", "start", 0, Kind::Start).next(next).gives(ORDER)
}

const END: NodeSpec = NodeSpec::new("end", "end", 0, Kind::End);

const CHARGE: u32 = 1;

/// `start -> order; charge(order) -> charge; ship(charge)`
static OLD: Plan = Plan::new(
    LANES,
    &[
        start(&[1]),
        step("charge", &[2]).takes(&[Take::One(0)]).gives(&[Output::new(Some(1))]),
        step("ship", &[3]).takes(&[Take::One(1)]),
        END,
    ],
    &[],
)
.names(&["order", "charge"])
.hash(1);

fn interpreter(plan: &'static Plan) -> Interpreter<Cx> {
    Interpreter::new(plan, |data| Some(data.clone()), Data::join)
}

/// Does the due node of the root, which gives this value.
fn settle(interpreter: Interpreter<Cx>, run: &mut Run<Cx>, value: Option<u64>) -> Vec<Option<u64>> {
    let due = run.state().due().next().unwrap();
    let visit = interpreter.begin(run, due.branch).unwrap();
    let spec = &interpreter.plan().nodes[due.node as usize];
    let given = Inputs::new(run.context(), &visit);
    let read = |at| given.optional(at, |value| Some(value)).unwrap().copied();
    let inputs = (0..spec.takes.len()).map(read).collect();
    if let Some(value) = value {
        run.context_mut().give(&visit, Arc::new(value)).unwrap();
    }
    interpreter.settle(run, due.branch, Ok(StepResult::new(Effect::Done, spec.next)));
    inputs
}

/// A run of the old drawing that is at `ship`.
fn at_ship() -> Run<Cx> {
    let mut run = interpreter(&OLD).start("r", 0, Data::with_input(Arc::new(10)));
    assert_eq!(settle(interpreter(&OLD), &mut run, Some(20)), [Some(10)]);
    run
}

fn migrate(run: &Run<Cx>, from: &'static Plan, to: &'static Plan) -> Result<Run<Cx>, RestoreError> {
    let values = |data: &Cx| data.iter().map(|(id, value)| (id, **value)).collect::<Vec<_>>();
    let contexts: BTreeMap<_, _> = run.contexts().map(|(branch, data)| (branch, values(data))).collect();
    let text = serde_json::to_string(&run.snapshot(&contexts)).unwrap();
    let saved: Saved<Vec<(ValueId, u64)>> = serde_json::from_str(&text).unwrap();
    let saved = saved.with_path_since(0, run.state().path().to_vec()).try_map(|_, values| {
        let mut data = Data::new();
        for (id, value) in values {
            data.insert(id, Arc::new(value));
        }
        Ok::<_, ()>(data)
    });
    let drawing = serde_json::to_string(&Drawing::new(from)).unwrap();
    let drawing: Drawing = serde_json::from_str(&drawing).unwrap();
    interpreter(to).restore(saved.unwrap(), &Migration::new(&drawing, to))
}

fn refusal(to: &'static Plan) -> String {
    migrate(&at_ship(), &OLD, to).unwrap_err().to_string()
}

/// The names and nodes are in another order, and `ship` takes one more of the old ones.
static RENUMBERED: Plan = Plan::new(
    LANES,
    &[
        END,
        step("ship", &[0]).takes(&[Take::One(0), Take::One(2), Take::Optional(1)]),
        NodeSpec::new("start", "start", 0, Kind::Start).next(&[3]).gives(&[Output::new(Some(2))]),
        step("charge", &[1]).takes(&[Take::One(2)]).gives(&[Output::new(Some(0))]),
    ],
    &[],
)
.names(&["charge", "coupon", "order"])
.hash(2);

#[test]
fn values_are_found_by_their_names() {
    let mut run = migrate(&at_ship(), &OLD, &RENUMBERED).unwrap();
    assert_eq!(settle(interpreter(&RENUMBERED), &mut run, None), [Some(20), Some(10), None]);
    assert!(run.is_over());
}

/// The output of `charge` has another name.
static RENAMED: Plan = Plan::new(
    LANES,
    &[
        start(&[1]),
        step("charge", &[2]).takes(&[Take::One(0)]).gives(&[Output::new(Some(1))]),
        step("ship", &[3]).takes(&[Take::One(1)]),
        END,
    ],
    &[],
)
.names(&["order", "payment"])
.hash(3);

#[test]
fn a_run_without_a_value_that_it_needs_is_refused_by_name() {
    assert_eq!(
        refusal(&RENAMED),
        "run `r` was begun with another drawing: `ship` (ship) takes `payment`, which this run does not have"
    );
    // Before `charge`, nothing is missing.
    let run = interpreter(&OLD).start("r", 0, Data::with_input(Arc::new(10)));
    let mut run = migrate(&run, &OLD, &RENAMED).unwrap();
    settle(interpreter(&RENAMED), &mut run, Some(30));
    assert_eq!(settle(interpreter(&RENAMED), &mut run, None), [Some(30)]);
}

/// A new step behind the run gives what a step ahead takes.
static NEW_BEHIND: Plan = Plan::new(
    LANES,
    &[
        start(&[4]),
        step("charge", &[2]).takes(&[Take::One(0)]).gives(&[Output::new(Some(1))]),
        step("ship", &[5]).takes(&[Take::One(1)]),
        END,
        step("weigh", &[1]).gives(&[Output::new(Some(2))]),
        step("label", &[3]).takes(&[Take::One(2)]),
    ],
    &[],
)
.names(&["order", "charge", "weight"])
.hash(4);

/// A new step ahead of the run gives it, in a branch of a fork.
static NEW_AHEAD: Plan = Plan::new(
    LANES,
    &[
        start(&[1]),
        step("charge", &[2]).takes(&[Take::One(0)]).gives(&[Output::new(Some(1))]),
        step("ship", &[4, 6]).takes(&[Take::One(1)]).join(5),
        END,
        step("weigh", &[5]).gives(&[Output::new(Some(2))]),
        step("label", &[3]).takes(&[Take::One(2), Take::One(0)]),
        step("pack", &[5]),
    ],
    &[],
)
.names(&["order", "charge", "weight"])
.hash(5);

/// A new step behind the run gives what `ship` may take.
static OPTIONAL: Plan = Plan::new(
    LANES,
    &[
        start(&[4]),
        step("charge", &[2]).takes(&[Take::One(0)]).gives(&[Output::new(Some(1))]),
        step("ship", &[3]).takes(&[Take::One(1), Take::Optional(2)]),
        END,
        step("weigh", &[1]).gives(&[Output::new(Some(2))]),
    ],
    &[],
)
.names(&["order", "charge", "weight"])
.hash(6);

#[test]
fn only_what_can_be_reached_without_its_giver_is_missing() {
    assert!(refusal(&NEW_BEHIND).contains("`label` (label) takes `weight`"));
    let mut run = migrate(&at_ship(), &OLD, &NEW_AHEAD).unwrap();
    assert_eq!(settle(interpreter(&NEW_AHEAD), &mut run, None), [Some(20)]);
    let mut run = migrate(&at_ship(), &OLD, &OPTIONAL).unwrap();
    assert_eq!(settle(interpreter(&OPTIONAL), &mut run, None), [Some(20), None]);
}

/// `charge` answers the decision behind it.
static FUSED: Plan = Plan::new(
    LANES,
    &[
        start(&[1]),
        step("charge", &[2]).gives(&[Output::new(None), Output::new(None)]).fused(2),
        NodeSpec::new("paid", "paid", 0, Kind::Decision).next(&[3, 3]).outcomes(&["Yes", "No"]),
        END,
    ],
    &[],
)
.names(&["order"])
.hash(7);

static SEPARATE: Plan = Plan::new(
    LANES,
    &[
        start(&[1]),
        step("charge", &[2]),
        NodeSpec::new("paid", "paid", 0, Kind::Decision).next(&[3, 3]).outcomes(&["Yes", "No"]),
        END,
    ],
    &[],
)
.names(&["order"])
.hash(8);

#[test]
fn a_decision_that_a_step_answers_now_is_not_decided_by_its_own_method() {
    let interpreter = interpreter(&SEPARATE);
    let mut run = interpreter.start("r", 0, Data::with_input(Arc::new(10)));
    let before = migrate(&run, &SEPARATE, &FUSED).unwrap();
    assert_eq!(before.state().due().next().unwrap().node, CHARGE);
    settle(interpreter, &mut run, None);
    let refused = migrate(&run, &SEPARATE, &FUSED).unwrap_err().to_string();
    assert!(
        refused.contains("`paid` (paid) had as its answer that of its own method, and has that of `charge`"),
        "{refused}"
    );
}
