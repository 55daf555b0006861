use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Arrow, Lost, Model, NodeIx};
use crate::rules::wording::{named, quoted};
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F107",
    name: "colliding-names",
    severity: Severity::Note,
    what: "Two nodes, two lanes, or two outcomes of one decision would have the same name in the code, since signs, \
           accents and upper case are not part of a name: `-1` and `1`, `Yes!` and `Yes?`. The one with the first id \
           keeps the plain name, the other has its own id behind it; an outcome has the id of the node that it leads to.",
    why: "The name is what the code calls the node or the outcome. A label of its own says more than an id, and stays the \
          same when nodes are numbered anew.",
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

/// Reports a node that did not get its plain name.
pub(crate) fn report_node(sink: &mut Sink, model: &Model, node: NodeIx, lost: &Lost) {
    let node = &model[node];
    let name = quoted(&lost.name);
    let Some(keeper) = lost.to.map(|keeper| &model[keeper]) else {
        let message = format!("{} is called {name}, because its lane has the plain name", named(node));
        sink.push(Finding::new(&RULE, node.id.span, message));
        return;
    };
    if keeper.id.text == node.id.text {
        // Two nodes of one id are reported as such.
        return;
    }
    sink.push(
        Finding::new(
            &RULE,
            node.id.span,
            format!("{} is called {name}, to tell it from another node", named(node)),
        )
        .related(keeper.id.span, format!("{} has the plain name", named(keeper))),
    );
}

/// Reports a lane that did not get its plain name.
pub(crate) fn report_lane(sink: &mut Sink, lane: &Word, name: &str, keeper: &Word) {
    let message =
        format!("the lane {} is called {}, to tell it from another lane", quoted(&lane.text), quoted(name));
    sink.push(
        Finding::new(&RULE, lane.span, message)
            .related(keeper.span, format!("{} has the plain name", quoted(&keeper.text))),
    );
}

/// Reports an outcome that did not get its plain name. Outcomes of one label are errors of their own, and so are
/// outcomes without a label.
pub(crate) fn report_outcome(sink: &mut Sink, outcome: &Arrow, name: &str, keeper: &Arrow) {
    let (Some(label), Some(kept)) = (&outcome.label, &keeper.label) else { return };
    if label.text.trim().to_lowercase() == kept.text.trim().to_lowercase() {
        return;
    }
    let message = format!(
        "the outcome {} is called {}, to tell it from another outcome",
        quoted(label.text.trim()),
        quoted(name)
    );
    sink.push(
        Finding::new(&RULE, label.span, message)
            .help("give the outcomes labels that differ in their letters or digits")
            .related(kept.span, format!("{} has the plain name", quoted(kept.text.trim()))),
    );
}
