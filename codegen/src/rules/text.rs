//! Names of nodes and texts in findings.

use crate::finding::PathNode;
use crate::graph::NodeIx;
use crate::model::{Model, Node};

/// Longer texts are cut, in characters.
const LONGEST: usize = 40;

/// `text` in backticks, on one line, without control characters, and cut if it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown.push('`');
    shown
}

/// A node's label and id: `` `Pack order` (n2) ``.
pub(crate) fn named(node: &Node) -> String {
    let id = quoted(&node.id.text);
    if node.label.text == node.id.text {
        id
    } else {
        format!("{} ({})", quoted(node.label.text.trim()), node.id.text)
    }
}

/// A path as a finding shows it.
pub(crate) fn path_nodes(model: &Model, path: &[NodeIx]) -> Vec<PathNode> {
    let path_node = |&node: &NodeIx| {
        let node = &model[node];
        PathNode { id: node.id.text.clone(), label: node.label.text.clone(), span: node.id.span }
    };
    path.iter().map(path_node).collect()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quoted_text_is_short_and_harmless() {
        assert_eq!(quoted("n1"), "`n1`");
        assert_eq!(quoted("\u{1b}[31m"), "`\\u{1b}[31m`");
        assert_eq!(quoted(&"x".repeat(99)).chars().count(), 43);
    }
}
