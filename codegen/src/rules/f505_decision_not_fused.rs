use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{DataError, Model, NodeIx, NotFusable};
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    code: "F505",
    name: "decision-not-fused",
    severity: Severity::Error,
    what: "Reports a step whose item lists outcomes, if the decision after it cannot be fused with it: the decision \
           is in another lane, another arrow enters it, or an outcome is not listed. Also reports a step with a \
           compensation if it is unknown which of its outcomes mean that it was done.",
    why: "One method returns the outcome of the step with its value, and no other method answers the decision. A run \
          that reaches the decision from elsewhere would have no answer. If the outcomes that mean done are \
          unknown, a rollback does not know whether the step has to be undone.",
    wrong: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> Yes(parcel: String), No;
  packed(parcel);
  sold_out(order);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n4: circle label:"Packed"
  n5: circle label:"Sold out"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Stock.n3.handle(left)
}
Stock { # Stock
  n3: diamond label:"In stock?"
  n3.handle(right) -> Shop.n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> Shop.n5.handle(top) [label="No"]
}
"#,
    right: r#"#![data {
  ordered -> order: String;
  pack_order(order) -> Yes(parcel: String), No;
  packed(parcel);
  sold_out(order);
}]
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: diamond label:"In stock?"
  n4: circle label:"Packed"
  n5: circle label:"Sold out"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No"]
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.data_errors {
        findings.extend(finding(cx.model, error));
    }
}

fn finding(model: &Model, error: &DataError) -> Option<Finding> {
    let finding = |span, message: String| Finding::new(&RULE, span, message);
    Some(match error {
        DataError::NotFusable { node, span, why } => not_fusable(model, *node, *span, *why),
        DataError::FusedDecision { span, decision, step } => {
            let message = format!("{} is answered by {}", named(&model[*decision]), named(&model[*step]));
            finding(*span, message).help("remove the item, and let the step take what it needs")
        }
        DataError::UnlistedOutcome { span, decision, outcome } => {
            let (decision, arrow) = (&model[*decision], &model[*decision].next[*outcome]);
            let message =
                format!("the outcome {} of {} is not listed", quoted(&arrow.outcome), named(decision));
            finding(*span, message)
                .help("list all outcomes, also those without a value")
                .related(arrow.span, "this one")
        }
        DataError::DoneUnnamed { step, span } => {
            let message = format!("it is unknown which outcomes mean that {} is done", named(&model[*step]));
            finding(*span, message)
                .help("name them at the end of the item: `done: Yes`")
                .related(model[*step].id.span, "a compensation undoes it")
        }
        DataError::DoneDiffers { first, second } => {
            let message = format!(
                "{} and {} mean done, and give different values",
                quoted(&first.text),
                quoted(&second.text)
            );
            finding(second.span, message)
                .help("let all outcomes that mean done give the same name, which the compensation gets")
        }
        DataError::DoneUnused { span, node } => {
            let node = &model[*node];
            let message = match node.undone_by {
                None => format!("no compensation undoes {}", named(node)),
                Some(_) => format!("{} lists no outcomes", named(node)),
            };
            finding(*span, message).help("remove `done:` and what follows")
        }
        _ => return None,
    })
}

fn not_fusable(model: &Model, step: NodeIx, span: Span, why: NotFusable) -> Finding {
    let step = &model[step];
    let finding = |message: String| Finding::new(&RULE, span, message);
    match why {
        NotFusable::NoDecision => {
            let help = "draw a decision right behind it, to which its only edge leads";
            let finding = finding(format!("no decision comes right behind {}", named(step))).help(help);
            step.next.iter().fold(finding, |finding, arrow| finding.related(arrow.span, "an edge leads here"))
        }
        NotFusable::OtherLane { decision, edge } => {
            let message = format!("{} is in another lane than {}", named(&model[decision]), named(step));
            let help = "draw the decision in the lane of the step, or give nothing with its outcomes";
            finding(message).help(help).related(edge, "this edge leaves the lane")
        }
        NotFusable::OtherSource { decision, from, edge } => {
            let message = format!("{} does not come from {} alone", named(&model[decision]), named(step));
            let help = format!(
                "lead the edge from {} to the step, or to a decision of its own",
                named(&model[from])
            );
            finding(message).help(help).related(edge, "this edge leads to it, too")
        }
    }
}
