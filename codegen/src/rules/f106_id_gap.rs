use std::collections::HashMap;

use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::{Drawing, Item, Word};

pub(crate) static RULE: Rule = Rule {
    code: "F106",
    name: "id-gap",
    severity: Severity::Note,
    what: "Reports a gap in the numbers of the node ids. Only the first gap of a drawing is reported.",
    why: "A gap may be a node that was deleted by mistake, and some programs that draw FlowZap Code expect \
          consecutive numbers. A gap does not change the generated code. Renumbering changes it if a name \
          contains an id, and runs that were saved under the old ids do not continue under the new ones.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n4: circle label:"Packed"
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

/// Finds the first gap, if all ids are a number after the same letters, and closes all gaps. If a reference
/// names a node that does not exist, the gap may be its place.
pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    if cx.model.incomplete {
        return;
    }
    let Some(numbers) = numbers(cx.drawing) else { return };
    let Some(at) = numbers.windows(2).position(|pair| pair[1].0 - pair[0].0 > 1) else { return };
    let (before, after) = (numbers[at], numbers[at + 1]);
    let letters = after.1.text.trim_end_matches(|c: char| c.is_ascii_digit());
    let missing = quoted(&format!("{letters}{}", before.0 + 1));
    let finding =
        Finding::new(&RULE, after.1.span, format!("{missing} is missing before {}", quoted(&after.1.text)));
    findings.push(match Renumbering::new(&numbers, letters) {
        Some(renumbering) => renumbering
            .edits(cx.drawing, finding)
            .help("`flowgen check --fix` renumbers the nodes after it, and all references to them"),
        None => finding,
    });
}

/// The ids by number, if all of them have one after the same letters.
fn numbers(drawing: &Drawing) -> Option<Vec<(u64, &Word)>> {
    let mut ids = drawing.inner_items().filter_map(|item| match item {
        Item::Node(node) => Some(&node.id),
        _ => None,
    });
    let first = ids.next()?;
    let (letters, _) = numbered(first)?;
    let number = |id| match numbered(id) {
        Some((same, number)) if same == letters => Some((number, id)),
        _ => None,
    };
    let mut numbers = std::iter::once(first).chain(ids).map(number).collect::<Option<Vec<_>>>()?;
    numbers.sort_by_key(|&(number, _)| number);
    Some(numbers)
}

/// The letters and the number of an id.
fn numbered(id: &Word) -> Option<(&str, u64)> {
    let id = id.text.as_str();
    let letters = id.find(|c: char| !c.is_alphabetic()).filter(|&letters| letters > 0)?;
    let (letters, digits) = id.split_at(letters);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok().map(|number| (letters, number)))?
}

/// New ids without gaps: the same order, beginning with the same number.
struct Renumbering<'d> {
    /// By old id.
    ids: HashMap<&'d str, String>,
}

impl<'d> Renumbering<'d> {
    /// `None` for ids such as `n07`, which have a width to keep, and may exist as `n7`, too.
    fn new(numbers: &[(u64, &'d Word)], letters: &str) -> Option<Self> {
        let first = numbers.first()?.0;
        let mut ids = HashMap::new();
        for (new, (number, id)) in (first..).zip(numbers) {
            if id.text.len() != format!("{letters}{number}").len() {
                return None;
            }
            if new != *number {
                ids.insert(id.text.as_str(), format!("{letters}{new}"));
            }
        }
        Some(Self { ids })
    }

    fn edits(&self, drawing: &Drawing, finding: Finding) -> Finding {
        drawing.inner_items().flat_map(ids).fold(finding, |finding, id| {
            match self.ids.get(id.text.as_str()) {
                Some(new) => finding.edit(id.span, new),
                None => finding,
            }
        })
    }
}

/// The ids that an item names.
fn ids(item: &Item) -> Vec<&Word> {
    match item {
        Item::Node(node) => vec![&node.id],
        Item::Edge(edge) => vec![&edge.from.node.id, &edge.to.node.id],
        Item::Loop(drawn) => drawn.nodes.iter().map(|node| &node.id).collect(),
        Item::Lane(_) | Item::Comment(_) => Vec::new(),
    }
}
