use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::Node;
use crate::rules::wording::{named, quoted};
use crate::syntax::Word;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F103",
    name: "unknown-node",
    severity: Severity::Error,
    what: "An arrow or a loop names a node that is not declared anywhere in the drawing.",
    why: "Nobody knows where the arrow leads, so it is left out, and with it whatever lies behind it.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n4.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

/// Reports an id that no node has; `meant` is the node whose id or label comes nearest.
pub(crate) fn report(sink: &mut Sink, id: &Word, meant: Option<&Node>) {
    let finding = Finding::new(&RULE, id.span, format!("no node has the id {}", quoted(&id.text)));
    sink.push(match meant {
        Some(meant) => finding
            .help(format!("did you mean {}?", named(meant)))
            .related(meant.id.span, "it is declared here"),
        None => finding.help("declare the node in its lane, or name one that is there"),
    });
}
