use std::collections::HashMap;

use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Model, Node};
use crate::rules::wording::quoted;
use crate::syntax::{Drawing, Item, Word};

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F106",
    name: "id-gap",
    severity: Severity::Note,
    what: "The nodes are numbered, and a number is left out. The first such gap of a drawing is shown.",
    why: "Some programs that draw FlowZap Code expect the numbers to follow each other, and a gap can mean that \
          a node was deleted by mistake. It changes nothing in the code; renumbering does where a name holds \
          an id, and runs that were saved under the old ids do not go on under others.",
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

/// Looks for the first gap, if all ids are a number behind the same letters, and closes all of them.
/// While a node is missing that something names, the gap may be its place.
pub(crate) fn check(model: &Model, drawing: &Drawing, sink: &mut Sink) {
    if model.incomplete {
        return;
    }
    let Some(numbers) = numbers(model) else { return };
    let Some(at) = numbers.windows(2).position(|pair| pair[1].0 - pair[0].0 > 1) else { return };
    let (before, after) = (numbers[at], numbers[at + 1]);
    let letters = after.1.text.trim_end_matches(|c: char| c.is_ascii_digit());
    let missing = quoted(&format!("{letters}{}", before.0 + 1));
    let finding =
        Finding::new(&RULE, after.1.span, format!("{missing} is left out before {}", quoted(&after.1.text)));
    sink.push(match Renumbering::of(&numbers, letters) {
        Some(renumbering) => renumbering
            .edits(drawing, finding)
            .help("`flowgen check --fix` renumbers the nodes behind it, and everything that names them"),
        None => finding,
    });
}

/// The ids by their numbers, if all of them have one behind the same letters.
fn numbers(model: &Model) -> Option<Vec<(u64, &Word)>> {
    let (letters, _) = numbered(model.nodes.first()?)?;
    let number = |node| match numbered(node) {
        Some((same, number)) if same == letters => Some((number, &node.id)),
        _ => None,
    };
    let mut numbers = model.nodes.iter().map(number).collect::<Option<Vec<_>>>()?;
    numbers.sort_by_key(|&(number, _)| number);
    Some(numbers)
}

/// The letters and the number that an id is made of.
fn numbered(node: &Node) -> Option<(&str, u64)> {
    let id = node.id.text.as_str();
    let letters = id.find(|c: char| !c.is_alphabetic()).filter(|&letters| letters > 0)?;
    let (letters, digits) = id.split_at(letters);
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok().map(|number| (letters, number)))?
}

/// What closes all gaps: the numbers, in their order, follow each other from the first one on.
struct Renumbering<'m> {
    /// By the id that there was.
    ids: HashMap<&'m str, String>,
}

impl<'m> Renumbering<'m> {
    /// None for ids such as `n07`, which have a width to keep and may be there as `n7`, too.
    fn of(numbers: &[(u64, &'m Word)], letters: &str) -> Option<Self> {
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
        let ids = drawing.items.iter().flat_map(|item| match item {
            Item::Lane(lane) => lane.items.iter().flat_map(ids).collect::<Vec<_>>(),
            item => ids(item),
        });
        ids.fold(finding, |finding, id| match self.ids.get(id.text.as_str()) {
            Some(new) => finding.edit(id.span, new),
            None => finding,
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
