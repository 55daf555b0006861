use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::Node;
use crate::rules::wording::{named, quoted};
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F101",
    name: "duplicate-id",
    severity: Severity::Error,
    what: "Two nodes have the same id. Ids belong to the whole drawing, not to a lane.",
    why: "An arrow that names the id may mean either node. flowgen takes the first one, and the second is \
          never entered.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n2: rectangle label:"Label parcel"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: rectangle label:"Label parcel"
  n4: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left)
}
"#,
};

/// Reports the id of a second node.
pub(crate) fn report(sink: &mut Sink, id: &Word, first: &Node) {
    sink.push(
        Finding::new(&RULE, id.span, format!("the id {} is there twice", quoted(&id.text)))
            .help("give this node an id of its own, and name it in the arrows that mean it")
            .related(first.id.span, format!("{} has it already", named(first))),
    );
}
