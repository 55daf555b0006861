use std::collections::HashMap;

use crate::finding::{Finding, Findings, Rule, Severity};
use crate::graph::{Budget, NodeIx};
use crate::model::{Model, ModelError};
use crate::rules::RuleContext;
use crate::rules::text::{named, quoted};
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    code: "F103",
    name: "unknown-node",
    severity: Severity::Error,
    what: "Reports an arrow or a loop that names an undeclared node.",
    why: "The target of the arrow is unknown. flowgen drops the arrow, so a run does not reach the nodes \
          after it.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let mut suggestions = None;
    for error in cx.model_errors {
        let ModelError::UnknownNode { id } = error else { continue };
        let finding = Finding::new(&RULE, id.span, format!("unknown node {}", quoted(&id.text)));
        let suggestions = suggestions.get_or_insert_with(|| Suggestions::new(cx.model));
        findings.push(match suggestions.closest(&id.text, cx.model).map(|meant| &cx.model[meant]) {
            Some(meant) => finding
                .help(format!("did you mean {}?", named(meant)))
                .related(meant.id.span, "declared here"),
            None => finding.help("declare the node in its lane, or name a declared node"),
        });
    }
}

/// How many ids are compared, for all unknown ids together.
const BUDGET: usize = 1_000_000;

/// Guesses which node was meant by an unknown id.
struct Suggestions {
    /// Drawn nodes by the letters and digits of their label; `None` if several nodes have them.
    labels: HashMap<String, Option<NodeIx>>,
    budget: Budget,
}

impl Suggestions {
    fn new(model: &Model) -> Self {
        let mut labels = HashMap::new();
        for node in model.indices().take(model.drawn) {
            labels
                .entry(letters(&model[node].label.text))
                .and_modify(|several| *several = None)
                .or_insert(Some(node));
        }
        Self { labels, budget: Budget::new(BUDGET) }
    }

    /// The node whose label was written in place of its id, or whose id is spelled similarly.
    fn closest(&mut self, unknown: &str, model: &Model) -> Option<NodeIx> {
        let letters = letters(unknown);
        if let Some(&labeled) = self.labels.get(&letters).filter(|_| !letters.is_empty()) {
            return labeled;
        }
        self.budget.spend(model.drawn).ok()?;
        // `n8` is no misspelling of `n9`.
        let similar = |id: &&str| digits(id).eq(digits(unknown));
        let ids = model.nodes[..model.drawn].iter().map(|node| node.id.text.as_str());
        let near = closest(unknown, ids.filter(similar))?;
        model.indices().find(|&node| model[node].id.text == near)
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn digits(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(char::is_ascii_digit)
}
