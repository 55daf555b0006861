use crate::analysis::Misordered;
use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::{named, path_nodes};

pub(crate) static RULE: Rule = Rule {
    code: "F406",
    name: "undo-order",
    severity: Severity::Warning,
    what: "Reports a drawn rollback that undoes an earlier step before a later one. It is reported only if \
           the one step always precedes the other, and the one compensation the other, too. The path shows \
           the rollback up to the compensation that comes too late.",
    why: "A later step may depend on an earlier one. If a rollback does not undo them in reverse order, it \
          can remove the effect of a step that another step, not undone yet, still needs.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for Misordered { first, then, earlier, later, path } in cx.flow.iter().flat_map(|flow| &flow.misordered) {
        let (first, then) = (&cx.model[*first], &cx.model[*then]);
        let (earlier, later) = (&cx.model[*earlier], &cx.model[*later]);
        let message =
            format!("the rollback undoes {} before {}, which runs after it", named(earlier), named(later));
        findings.push(
            Finding::new(&RULE, first.id.span, message)
                .help(format!("undo steps in reverse order: lead the rollback to {} first", named(then)))
                .related(earlier.id.span, "this step runs first")
                .related(later.id.span, "this step runs later")
                .path(path_nodes(cx.model, path)),
        );
    }
}
