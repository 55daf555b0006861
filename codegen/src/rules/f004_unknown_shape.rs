use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::suggest::closest;
use crate::syntax::{Shape, SyntaxError};

pub(crate) static RULE: Rule = Rule {
    code: "F004",
    name: "unknown-shape",
    severity: Severity::Error,
    what: "Reports a node without a shape, and an unknown shape. There are four shapes: `circle` for a \
           start, an end or a milestone, `rectangle` for a step, `diamond` for a decision, and `taskbox` for \
           a task, which is a step that a person does.",
    why: "The shape decides what is generated for a node: a method for a step or a task, an enum and a \
          method for a decision, and nothing for a circle.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: hexagon label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.syntax_errors {
        match error {
            SyntaxError::MissingShape { id } => {
                let message = format!("node {} has no shape", quoted(&id.text));
                findings.push(
                    Finding::new(&RULE, id.span, message).help("use circle, rectangle, diamond or taskbox"),
                );
            }
            SyntaxError::UnknownShape { shape } => {
                let message = format!("unknown shape {}", quoted(&shape.text));
                let finding = Finding::new(&RULE, shape.span, message);
                findings.push(match closest(&shape.text, Shape::ALL.map(Shape::name)) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")).edit(shape.span, near),
                    None => finding.help("use circle, rectangle, diamond or taskbox"),
                });
            }
            _ => {}
        }
    }
}
