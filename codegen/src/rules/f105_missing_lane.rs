use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::ModelError;
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    code: "F105",
    name: "missing-lane",
    severity: Severity::Warning,
    what: "Reports a reference to a node of another lane without that lane's name before the id.",
    why: "flowgen finds the node by its id. Other programs that read the drawing look for it in the lane in \
          which the arrow is written, and do not find it.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> Carrier.n3.handle(left)
}
Carrier { # Carrier
  n3: circle label:"Picked up"
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.model_errors {
        let ModelError::MissingLane { id, node } = error else { continue };
        let right = &cx.model[cx.model[*node].lane].name.text;
        let message = format!("{} is in another lane, {}", quoted(&id.text), quoted(right));
        let before = Span::new(id.span.start, id.span.start);
        findings.push(
            Finding::new(&RULE, id.span, message)
                .help(format!("write `{right}.{}`", id.text))
                .edit(before, format!("{right}.")),
        );
    }
}
