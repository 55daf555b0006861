use std::cmp::Ordering;

use crate::model::{Model, NodeIx};

/// All nodes by id, `n2` before `n10`. Nodes that share an id stay in the order drawn.
pub(super) fn in_natural_order(model: &Model) -> Vec<NodeIx> {
    let mut nodes: Vec<_> = model.indices().collect();
    nodes.sort_by(|&a, &b| compare(&model[a].id.text, &model[b].id.text));
    nodes
}

/// Compares texts in natural order: numbers in them by value.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (part(&mut left), part(&mut right)) {
        let order = match (x.starts_with(is_digit), y.starts_with(is_digit)) {
            (true, true) => by_value(x, y),
            _ => x.cmp(y),
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

fn by_value(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Takes the digits, or the text before the next digit, off the front.
fn part<'a>(text: &mut &'a str) -> Option<&'a str> {
    let digits = text.starts_with(is_digit);
    let end = text.find(|c| is_digit(c) != digits).unwrap_or(text.len());
    let (part, rest) = text.split_at(end);
    // If only one text has ended, the rest of the other makes it the longer one.
    if part.is_empty() {
        return None;
    }
    *text = rest;
    Some(part)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn numbers_count_by_value() {
        let mut ids =
            ["n10", "n2", "a", "n2b", "n02", "n", "n99999999999999999999999", "n2a10", "n2a9", "é1"];
        ids.sort_by(|a, b| compare(a, b));
        assert_eq!(
            ids,
            ["a", "n", "n02", "n2", "n2a9", "n2a10", "n2b", "n10", "n99999999999999999999999", "é1"]
        );
    }
}
