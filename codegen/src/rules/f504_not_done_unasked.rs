use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::ShortestPaths;
use crate::model::{Model, NodeIx};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F504",
    name: "not-done-unasked",
    severity: Severity::Note,
    what: "Reports a step with a compensation that may return `Effect::NotDone`, if other work follows \
           without a decision between them. It is reported once per drawing, for all such steps. It is a \
           note, because the drawing does not show whether a step ever returns `NotDone`: most steps either \
           succeed or fault, and need no decision. It is not reported for flows with declared data, whose steps \
           state it by an outcome.",
    why: "`NotDone` says that there is nothing to undo. It does not stop the run: the next step runs as if \
          this one had been done. A decision after the step can check whether it was.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: rectangle label:"Send parcel"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
  n3.handle(right) -> n4.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: rectangle label:"Send parcel"
  n4: circle label:"Sold"
  n5: rectangle label:"Refund card"
  n6: diamond label:"Charged?"
  n7: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n6.handle(left)
  n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
  n6.handle(right) -> n3.handle(left) [label="Yes"]
  n6.handle(bottom) -> n7.handle(top) [label="No"]
  n3.handle(right) -> n4.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let (model, Some(flow)) = (cx.model, cx.flow.map(|flow| &flow.control_flow)) else { return };
    // A step with declared data says that it is not done by an outcome.
    if model.data.is_some() {
        return;
    }
    let is_work = |node: NodeIx| is_forward_work(model, node) && flow.forward.leads_to(node);
    let passes = |node: NodeIx| model[node].is_passed();
    let back = flow.control.reversed();
    let work = model.indices().filter(|&node| is_work(node)).collect::<Vec<_>>();
    let circles = work.iter().flat_map(|&node| back.next(node)).copied().collect::<Vec<_>>();
    let leads_to_work = back.reachable(circles, passes);
    let follows = |node: NodeIx| is_work(node) || passes(node) && leads_to_work[node.0];
    let is_unasked = |step: &NodeIx| {
        let next = flow.control.next(*step);
        // A branch into the rollback stops the others.
        let continues = !next.iter().any(|&next| model[next].begins_rollback());
        model[*step].undone_by.is_some() && continues && next.iter().any(|&next| follows(next))
    };
    let steps: Vec<_> = work.iter().copied().filter(is_unasked).collect();
    let &[first, ref others @ ..] = &steps[..] else { return };
    let after = ShortestPaths::new(flow.control.next(first).iter().copied(), &flow.control, follows);
    let Some(&next) = after.nodes().iter().find(|&&node| is_work(node)) else { return };
    let mut path = vec![first];
    path.extend(after.to(next));
    findings.push(finding(model, first, next, others).path(path_nodes(model, &path)));
}

fn is_forward_work(model: &Model, node: NodeIx) -> bool {
    model[node].is_work() && !model[node].is_compensation() && !model[node].begins_rollback()
}

fn finding(model: &Model, step: NodeIx, next: NodeIx, others: &[NodeIx]) -> Finding {
    let (step, next) = (&model[step], &model[next]);
    let likewise = match others.len() {
        0 => String::new(),
        1 => "; likewise for another step".to_owned(),
        more => format!("; likewise for {more} other steps"),
    };
    let message = format!(
        "{} may return `NotDone`, and {} follows without a decision{likewise}",
        named(step),
        named(next)
    );
    let help = "if the step ever returns `NotDone`, draw a decision right after it; if it never does, nothing is missing";
    let finding = Finding::new(&RULE, step.id.span, message).help(help);
    others
        .iter()
        .map(|&other| &model[other])
        .fold(finding, |finding, other| finding.related(other.id.span, "may return `NotDone`, too"))
}
