use std::collections::HashMap;

use super::NodeIx;

/// Nodes by id.
///
/// Most drawings number their nodes, and arrows mostly lead to numbers close by. So `n7` is looked
/// up by its number: that keeps neighbours together, which a hash map of a million ids does not.
#[derive(Default)]
pub(super) struct Ids<'d> {
    /// What stands before the number in the first id that ends with one.
    letters: Option<&'d str>,
    /// The nodes of such ids, by number.
    numbered: Vec<Option<NodeIx>>,
    /// Larger numbers are treated as any text, so that the list gets no longer than the drawing.
    largest: usize,
    others: HashMap<&'d str, NodeIx>,
}

impl<'d> Ids<'d> {
    /// For a drawing of so many nodes.
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { largest: nodes.saturating_mul(2), ..Self::default() }
    }

    pub(super) fn get(&self, id: &str) -> Option<NodeIx> {
        match number(id) {
            Some((letters, number)) if self.is_numbered(letters, number) => *self.numbered.get(number)?,
            _ => self.others.get(id).copied(),
        }
    }

    /// Gives the id to a node, unless another one has it: that one is returned.
    pub(super) fn declare(&mut self, id: &'d str, node: NodeIx) -> Option<NodeIx> {
        let Some((letters, number)) = number(id) else { return self.declare_other(id, node) };
        self.letters.get_or_insert(letters);
        if !self.is_numbered(letters, number) {
            return self.declare_other(id, node);
        }
        if self.numbered.len() <= number {
            self.numbered.resize(number + 1, None);
        }
        let first = self.numbered[number];
        self.numbered[number] = first.or(Some(node));
        first
    }

    fn declare_other(&mut self, id: &'d str, node: NodeIx) -> Option<NodeIx> {
        let first = *self.others.entry(id).or_insert(node);
        (first != node).then_some(first)
    }

    fn is_numbered(&self, letters: &str, number: usize) -> bool {
        number <= self.largest && self.letters == Some(letters)
    }
}

/// The letters and the number of an id such as `n7`. Not of `n07`, which is another one.
fn number(id: &str) -> Option<(&str, usize)> {
    let (letters, digits) = id.split_at(id.find(|c: char| c.is_ascii_digit())?);
    if digits.starts_with('0') && digits.len() > 1 {
        return None;
    }
    Some((letters, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_node_of_an_id_has_it() {
        let mut ids = Ids::with_capacity(4);
        for id in ["n1", "n01", "n", "n1a", "1", "n99999999999999999999999", "n9", "m1"] {
            let node = NodeIx(id.len() * 100 + usize::from(id.as_bytes()[0]));
            assert_eq!((ids.get(id), ids.declare(id, node)), (None, None), "{id}");
            assert_eq!((ids.get(id), ids.declare(id, NodeIx(0))), (Some(node), Some(node)), "{id}");
        }
    }
}
