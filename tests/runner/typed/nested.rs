//! Nested loops: what lists and optional inputs contain.

use flowgen::{Effect, Next, Node, Result, Runner, Visit};

use flowgen::data::{Data, Inputs, ValueId};
use flowgen::plan::{Kind, LaneSpec, NodeSpec, Output, Plan, Take};
use flowgen::run::{Interpreter, StepResult};
use std::sync::Arc;

const PRICE: u32 = 0;
const DISCOUNT: u32 = 1;

/// Inside the loops of its giver: since control entered the inner one. Behind the inner loop only: since then, too.
const OF_ORDER: Take = Take::List { name: PRICE, since: &[(2, 0)] };
/// Behind both loops: since control entered the outer one.
const OF_ALL: Take = Take::List { name: PRICE, since: &[(2, 1)] };

/// `open_order -> Discounted(discount), Plain; price([price]) -> price; more_items; sum([price], discount?);
/// more_orders; total([price])`
static PLAN: Plan = Plan::new(
    &[LaneSpec::new("Shop", "Shop")],
    &[
        NodeSpec::new("n1", "Start", 0, Kind::Start).next(&[1]),
        NodeSpec::new("n2", "Open order", 0, Kind::Step)
            .next(&[8])
            .fused(8)
            .gives(&[Output::new(Some(DISCOUNT)), Output::new(None)]),
        NodeSpec::new("n3", "Price", 0, Kind::Step)
            .next(&[3])
            .takes(&[OF_ORDER])
            .gives(&[Output::new(Some(PRICE))]),
        NodeSpec::new("n4", "More items?", 0, Kind::Decision).next(&[2, 4]).outcomes(&["Yes", "No"]),
        NodeSpec::new("n5", "Sum", 0, Kind::Step).next(&[5]).takes(&[OF_ORDER, Take::Optional(DISCOUNT)]),
        NodeSpec::new("n6", "More orders?", 0, Kind::Decision).next(&[1, 6]).outcomes(&["Yes", "No"]),
        NodeSpec::new("n7", "Total", 0, Kind::Step).next(&[7]).takes(&[OF_ALL]),
        NodeSpec::new("n8", "End", 0, Kind::End),
        NodeSpec::new("n9", "Discounted?", 0, Kind::Decision).next(&[2, 2]).outcomes(&["Yes", "No"]),
    ],
    &[],
)
.names(&["price", "discount"])
.lists(&[PRICE])
.cycles(&[&[2, 3], &[1, 2, 3, 4, 5, 8]]);

/// Two orders with two items each. The first one has a discount.
#[test]
fn lists_begin_at_the_outermost_cycle_without_their_taker() {
    let retain = |data: &Data<Arc<u32>>| Some(data.clone());
    let interpreter = Interpreter::new(&PLAN, retain, Data::join);
    let mut run = interpreter.start("r", 0, Data::new());
    let (mut order, mut item) = (0, 0);
    let mut log = Vec::new();
    while !run.is_over() {
        let due = run.state().due().next().unwrap();
        let visit = interpreter.begin(&mut run, due.branch).unwrap();
        let given = Inputs::new(run.context(), &visit);
        let prices = |at| given.list(at, |price| Some(price)).unwrap();
        let spec = &PLAN.nodes[due.node as usize];
        let mut outcome = None;
        let mut output = None;
        match due.node {
            1 => {
                (order, item) = (order + 1, 0);
                outcome = Some(order - 1);
                output = (order == 1).then_some(5);
            }
            2 => {
                item += 1;
                log.push(format!("price {:?}", prices(0)));
                output = Some(u32::try_from(order).unwrap() * 10 + item);
            }
            3 => outcome = Some(usize::from(item == 2)),
            4 => {
                log.push(format!(
                    "sum {:?} {:?}",
                    prices(0),
                    given.optional(1, |value| Some(value)).unwrap()
                ));
            }
            5 => outcome = Some(usize::from(order == 2)),
            _ => log.push(format!("total {:?}", prices(0))),
        }
        if let Some(value) = output {
            run.context_mut().give(&visit, Arc::new(value)).unwrap();
        }
        let to = match (spec.fused, outcome) {
            (None, Some(outcome)) => &spec.next[outcome..=outcome],
            _ => spec.next,
        };
        let result = StepResult { outcome, ..StepResult::new(Effect::Done, to) };
        interpreter.settle(&mut run, due.branch, Ok(result));
    }
    assert_eq!(
        log,
        [
            "price []",
            "price [11]",
            "sum [11, 12] Some(5)",
            "price []",
            "price [21]",
            "sum [21, 22] None",
            "total [11, 12, 21, 22]",
        ]
    );
}

/// A loop whose step takes what its last pass gave.
static LOOP: Plan = Plan::new(
    &[LaneSpec::new("Shop", "Shop")],
    &[
        NodeSpec::new("n1", "Start", 0, Kind::Start).next(&[1]),
        NodeSpec::new("n2", "Count", 0, Kind::Step)
            .next(&[2])
            .takes(&[Take::Optional(0)])
            .gives(&[Output::new(Some(0))]),
        NodeSpec::new("n3", "More?", 0, Kind::Decision).next(&[1, 3]).outcomes(&["Yes", "No"]),
        NodeSpec::new("n4", "End", 0, Kind::End).takes(&[Take::One(0)]),
    ],
    &[],
)
.names(&["count"]);

struct Count;

impl flowgen::Flow<Data<Arc<u32>>> for Count {
    type Node = At;

    async fn step(&self, at: At, cx: &mut Data<Arc<u32>>, visit: &Visit) -> Result<Next<At>> {
        let last = Inputs::new(cx, visit).optional(0, |value| Some(value)).ok().flatten().copied();
        assert!(cx.iter().count() < 40, "values that no node gets are removed");
        Ok(match at.0 {
            1 => {
                cx.give(visit, Arc::new(last.unwrap_or(0) + 1))?;
                Next::to(At(2))
            }
            _ if visit.number() < 1_000 => Next::to(At(1)).outcome(0),
            _ => Next::to(At(3)).outcome(1),
        })
    }

    fn fork(cx: &Data<Arc<u32>>) -> Option<Data<Arc<u32>>> {
        Some(cx.clone())
    }

    fn join(cx: &mut Data<Arc<u32>>, branch: Data<Arc<u32>>) {
        cx.join(branch);
    }

    fn retain(cx: &mut Data<Arc<u32>>, is_needed: &dyn Fn(ValueId) -> bool) {
        cx.retain(is_needed);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At(u32);

impl Node for At {
    type End = At;
    const ALL: &'static [Self] = &[At(0), At(1), At(2), At(3)];
    const PLAN: &'static Plan = &LOOP;

    fn index(self) -> u32 {
        self.0
    }

    fn end(self) -> Option<At> {
        (self.0 == 3).then_some(self)
    }
}

#[tokio::test]
async fn a_long_loop_keeps_only_what_is_needed() {
    let ended = Runner::new(Count, 0).run(Data::new()).await;
    assert!(ended.outcome.is_completed());
    let last = ended.cx.iter().last().map(|(id, count)| (id.get(), **count));
    assert_eq!(last, Some((1_000, 1_000)));
}
