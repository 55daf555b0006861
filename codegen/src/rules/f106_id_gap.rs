use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Model, Node};
use crate::rules::wording::quoted;

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F106",
    name: "id-gap",
    severity: Severity::Note,
    what: "The nodes are numbered, and a number is left out. The first such gap of a drawing is shown.",
    why: "It changes nothing in the code. Some programs that draw FlowZap Code expect the numbers to follow \
          each other, and a gap can mean that a node was deleted by mistake.",
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

/// Looks for the first gap, if all ids are a number behind the same letters.
pub(crate) fn check(model: &Model, sink: &mut Sink) {
    if model.incomplete {
        return;
    }
    let Some(prefix) = model.nodes.first().and_then(|node| numbered(node)).map(|(prefix, _)| prefix) else {
        return;
    };
    let mut numbers = Vec::with_capacity(model.nodes.len());
    for node in &model.nodes {
        match numbered(node) {
            Some((same, number)) if same == prefix => numbers.push((number, &node.id)),
            _ => return,
        }
    }
    numbers.sort_by_key(|&(number, _)| number);
    let behind = numbers.iter().zip(numbers.iter().skip(1)).find(|(before, after)| after.0 - before.0 > 1);
    if let Some(((before, _), (_, after))) = behind {
        let missing = quoted(&format!("{prefix}{}", before + 1));
        let message = format!("{missing} is left out before {}", quoted(&after.text));
        sink.push(Finding::new(&RULE, after.span, message));
    }
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
