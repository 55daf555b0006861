use super::course::Course;
use super::walk::{MOST_STOPS, Walks};
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::budget::Budget;
use crate::model::dominators::Dominators;
use crate::model::graph::Graph;
use crate::model::{Model, NodeIx};
use crate::rules::f305_not_decided;
use crate::rules::wording::named;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F406",
    name: "undo-order",
    severity: Severity::Warning,
    what: "A rollback is drawn so that it undoes an earlier step before a later one. Told only where the one step \
           always comes before the other, and the one compensation too. The walk shows the rollback up to the \
           compensation that comes too late.",
    why: "What is done later may build on what was done before. A rollback goes back the way it came, last first; \
          in another order it can take away what a step that still stands needs.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Open account"
  n3: rectangle label:"Pay into account"
  n4: diamond label:"In stock?"
  n5: circle label:"Sold"
  n6: rectangle label:"Close account"
  n7: rectangle label:"Pay back"
  n8: circle label:"Not sold"
  n9: diamond label:"Account opened?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n9.handle(left)
  n2.handle(bottom) -> n6.handle(top) [label="compensated by"]
  n9.handle(right) -> n3.handle(left) [label="Yes"]
  n9.handle(bottom) -> n8.handle(left) [label="No"]
  n3.handle(right) -> n4.handle(left)
  n3.handle(bottom) -> n7.handle(top) [label="compensated by"]
  n4.handle(right) -> n5.handle(left) [label="Yes"]
  n4.handle(bottom) -> n6.handle(right) [label="No"]
  n6.handle(bottom) -> n7.handle(left)
  n7.handle(right) -> n8.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Open account"
  n3: rectangle label:"Pay into account"
  n4: diamond label:"In stock?"
  n5: circle label:"Sold"
  n6: rectangle label:"Close account"
  n7: rectangle label:"Pay back"
  n8: circle label:"Not sold"
  n9: diamond label:"Account opened?"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n9.handle(left)
  n2.handle(bottom) -> n6.handle(top) [label="compensated by"]
  n9.handle(right) -> n3.handle(left) [label="Yes"]
  n9.handle(bottom) -> n8.handle(left) [label="No"]
  n3.handle(right) -> n4.handle(left)
  n3.handle(bottom) -> n7.handle(top) [label="compensated by"]
  n4.handle(right) -> n5.handle(left) [label="Yes"]
  n4.handle(bottom) -> n7.handle(right) [label="No"]
  n7.handle(left) -> n6.handle(right)
  n6.handle(bottom) -> n8.handle(left)
}
"#,
};

pub(crate) fn check(model: &Model, course: &Course, sink: &mut Sink) {
    let (misordered, mut undecided) = misordered(model, course);
    if misordered.is_empty() && undecided.is_empty() {
        return;
    }
    let rollback = Walks::from(entries(model, course), &course.control, |_| true);
    let mut budget = Budget::new(MOST_STOPS);
    let mut shown = Budget::new(MOST_STOPS);
    for Misordered { first, then, earlier, later } in misordered {
        match is_owed_then(model, course, later, then, &mut budget) {
            Ok(true) => {
                let walk = rollback.stops(model, then, &mut shown);
                sink.push(finding(model, (first, then), (earlier, later)).walk(walk));
            }
            Ok(false) => {}
            Err(Spent) => undecided.push(then),
        }
    }
    f305_not_decided::report(model, &undecided, "whether the order of undoing is right", sink);
}

/// Two compensations that a rollback goes through one after the other, and two steps that they undo,
/// which are done in the same order.
pub(super) struct Misordered {
    first: NodeIx,
    pub(super) then: NodeIx,
    earlier: NodeIx,
    later: NodeIx,
}

/// The compensations in the wrong order, and those of which it is not known.
pub(super) fn misordered(model: &Model, course: &Course) -> (Vec<Misordered>, Vec<NodeIx>) {
    let entries = entries(model, course);
    if model.nodes.iter().filter(|node| node.is_compensation()).count() < 2 || entries.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let rollback = Walks::from(entries.iter().copied(), &course.control, |_| true);
    let order = StepOrder::of(model, course);
    let mut budget = Budget::new(MOST_STOPS);
    let (mut misordered, mut undecided) = (Vec::new(), Vec::new());
    for (first, then) in successive(model, course, &entries, &rollback) {
        match order.misdrawn(model, first, then, &mut budget) {
            Ok(Some((earlier, later))) => misordered.push(Misordered { first, then, earlier, later }),
            Ok(None) => {}
            Err(Spent) => undecided.push(then),
        }
    }
    (misordered, undecided)
}

/// Where a rollback begins. A trigger is what it goes through from wherever a fault leads to it.
fn entries(model: &Model, course: &Course) -> Vec<NodeIx> {
    model.trigger.map_or_else(|| course.entries.clone(), |trigger| vec![trigger])
}

/// The search was given up.
struct Spent;

/// Does a rollback begin at all once the later step is done? Faults lead to a trigger from anywhere.
fn is_owed_then(
    model: &Model,
    course: &Course,
    later: NodeIx,
    then: NodeIx,
    budget: &mut Budget,
) -> Result<bool, Spent> {
    if model.trigger.is_some() {
        return Ok(true);
    }
    if !budget.spend(course.control.len()) {
        return Err(Spent);
    }
    Ok(course.control.reach([later], |_| true)[then.0])
}

/// Each compensation with the last one that a rollback always goes through before it.
fn successive(model: &Model, course: &Course, entries: &[NodeIx], rollback: &Walks) -> Vec<(NodeIx, NodeIx)> {
    let dominators = below_one_root(course.control.arrows(), entries, model.nodes.len());
    let mut last_before: Vec<Option<NodeIx>> = vec![None; model.nodes.len()];
    let mut pairs = Vec::new();
    // What every walk goes through is nearer than what it leads to, so it comes first here.
    for &node in rollback.nodes() {
        let above = dominators.immediate(node).filter(|above| above.0 < model.nodes.len());
        let before =
            above.and_then(
                |above| {
                    if model[above].is_compensation() { Some(above) } else { last_before[above.0] }
                },
            );
        last_before[node.0] = before;
        pairs.extend(before.filter(|_| model[node].is_compensation()).map(|before| (before, node)));
    }
    pairs
}

/// In which order steps are done.
struct StepOrder {
    dominators: Dominators,
    component: Vec<usize>,
}

impl StepOrder {
    fn of(model: &Model, course: &Course) -> Self {
        let is_forward =
            |&(from, to): &(NodeIx, NodeIx)| course.forward.leads_to(from) && course.forward.leads_to(to);
        let arrows: Vec<_> = course.control.arrows().filter(is_forward).collect();
        let component = Graph::new(model.nodes.len(), &arrows).components();
        let dominators = below_one_root(arrows.into_iter(), &model.starts, model.nodes.len());
        Self { dominators, component }
    }

    /// Two steps that are undone by `first` and by `then`, if all of the former are always done
    /// before all of the latter. In a cycle each comes before the other.
    fn misdrawn(
        &self,
        model: &Model,
        first: NodeIx,
        then: NodeIx,
        budget: &mut Budget,
    ) -> Result<Option<(NodeIx, NodeIx)>, Spent> {
        let (earlier, later) = (&model[first].undoes, &model[then].undoes);
        let is_before = |a: NodeIx, b: NodeIx| {
            self.dominators.dominates(a, b) && self.component[a.0] != self.component[b.0]
        };
        if !budget.spend(earlier.len().saturating_mul(later.len())) {
            return Err(Spent);
        }
        let all = earlier.iter().all(|&a| later.iter().all(|&b| is_before(a, b)));
        let first = || Some((*earlier.first()?, *later.first()?));
        Ok(all.then(first).flatten())
    }
}

/// The dominators seen from one root before all of `roots`.
fn below_one_root(
    arrows: impl Iterator<Item = (NodeIx, NodeIx)>,
    roots: &[NodeIx],
    nodes: usize,
) -> Dominators {
    let root = NodeIx(nodes);
    let arrows: Vec<_> = arrows.chain(roots.iter().map(|&to| (root, to))).collect();
    Dominators::of(&Graph::new(nodes + 1, &arrows), root)
}

fn finding(model: &Model, undone: (NodeIx, NodeIx), done: (NodeIx, NodeIx)) -> Finding {
    let (first, then) = (&model[undone.0], &model[undone.1]);
    let (earlier, later) = (&model[done.0], &model[done.1]);
    let message =
        format!("the rollback undoes {} before {}, which is done after it", named(earlier), named(later));
    Finding::new(&RULE, first.id.span, message)
        .help(format!("what is done last is undone first: lead the rollback to {} first", named(then)))
        .related(earlier.id.span, "this is done first")
        .related(later.id.span, "this is done later")
}
