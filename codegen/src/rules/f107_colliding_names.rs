use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Arrow, Lane, Model, ModelError, Node};
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};

pub(crate) static RULE: Rule = Rule {
    code: "F107",
    name: "colliding-names",
    severity: Severity::Note,
    what: "Reports two nodes, two lanes, or two outcomes of one decision whose names would be equal in the \
           code. Signs, accents and upper case are not part of a name, so `-1` and `1` have the same name, \
           and so have `Yes!` and `Yes?`. The item with the first id keeps the plain name. The id of the \
           other item is appended to its name; to the name of an outcome, the id of the node that it leads \
           to.",
    why: "The code refers to the node, the lane or the outcome by this name. A different label says more \
          than an id, and does not change when nodes are renumbered.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Notify customer"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Notify customer"
  n5: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
  n4.handle(right) -> n5.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Confirm order to customer"
  n3: rectangle label:"Pack order"
  n4: rectangle label:"Announce parcel to customer"
  n5: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
  n4.handle(right) -> n5.handle(left)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    findings.extend(cx.model_errors.iter().filter_map(|error| finding(cx.model, error)));
}

fn finding(model: &Model, error: &ModelError) -> Option<Finding> {
    match error {
        ModelError::RenamedLane { lane, name, taken_by } => {
            Some(of_lane(&model[*lane], name, &model[*taken_by]))
        }
        ModelError::RenamedNode { node, name, taken_by } => {
            of_node(&model[*node], name, taken_by.map(|taken_by| &model[taken_by]))
        }
        ModelError::RenamedOutcome { decision, outcome, name, taken_by } => {
            let outcomes = &model[*decision].next;
            of_outcome(&outcomes[*outcome], name, &outcomes[*taken_by])
        }
        _ => None,
    }
}

fn of_node(node: &Node, name: &str, taken_by: Option<&Node>) -> Option<Finding> {
    let name = quoted(name);
    let Some(other) = taken_by else {
        let message = format!("{} is named {name}, because its lane has the plain name", named(node));
        return Some(Finding::new(&RULE, node.id.span, message));
    };
    if other.id.text == node.id.text {
        // Duplicate ids are an error of their own.
        return None;
    }
    let message = format!("{} is named {name}, because another node has the plain name", named(node));
    let finding = Finding::new(&RULE, node.id.span, message);
    Some(finding.related(other.id.span, format!("{} has the plain name", named(other))))
}

fn of_lane(lane: &Lane, name: &str, other: &Lane) -> Finding {
    let message = format!(
        "lane {} is named {}, because another lane has the plain name",
        quoted(&lane.name.text),
        quoted(name)
    );
    Finding::new(&RULE, lane.name.span, message)
        .related(other.name.span, format!("{} has the plain name", quoted(&other.name.text)))
}

/// `None` for outcomes with equal labels and for outcomes without a label, which are errors of their own.
fn of_outcome(outcome: &Arrow, name: &str, other: &Arrow) -> Option<Finding> {
    let (label, kept) = (outcome.label.as_ref()?, other.label.as_ref()?);
    if label.text.trim().to_lowercase() == kept.text.trim().to_lowercase() {
        return None;
    }
    let message = format!(
        "outcome {} is named {}, because another outcome has the plain name",
        quoted(label.text.trim()),
        quoted(name)
    );
    let finding = Finding::new(&RULE, label.span, message)
        .help("choose labels that differ in their letters or digits")
        .related(kept.span, format!("{} has the plain name", quoted(kept.text.trim())));
    Some(finding)
}
