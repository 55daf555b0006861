//! How often a run has come to each node.

/// How often a run has come to each node that it has been at.
///
/// A sorted list and no tree: a run mostly comes to nodes in the order in which they are drawn, so that a
/// new one is added at the end, and ten steps cost one allocation.
///
/// Invariant: sorted by node, and no node is in it twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visits(Vec<(u32, u32)>);

impl Visits {
    /// One that is likely to hold the visits of a whole run.
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Self(Vec::with_capacity(nodes))
    }

    /// Counts one more visit of a node, and says which one it is.
    pub(crate) fn count(&mut self, node: u32) -> u32 {
        if self.0.last().is_none_or(|&(last, _)| last < node) {
            self.0.push((node, 1));
            return 1;
        }
        match self.0.binary_search_by_key(&node, |&(of, _)| of) {
            Ok(at) => {
                let visits = &mut self.0[at].1;
                *visits += 1;
                *visits
            }
            Err(at) => {
                self.0.insert(at, (node, 1));
                1
            }
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::Visits;
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    impl Visits {
        /// Each node with its visits.
        pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
            self.0.iter().copied()
        }
    }

    impl FromIterator<(u32, u32)> for Visits {
        fn from_iter<I: IntoIterator<Item = (u32, u32)>>(visits: I) -> Self {
            // Sorted, and of two entries for one node the later counts.
            Self(visits.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
        }
    }

    /// A map, from the node to its visits.
    impl Serialize for Visits {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.iter())
        }
    }

    impl<'de> Deserialize<'de> for Visits {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_counted_in_any_order() {
        let mut visits = Visits::default();
        let nths: Vec<u32> = [3, 7, 3, 5, 7, 3, 0, 5].into_iter().map(|node| visits.count(node)).collect();
        assert_eq!(nths, [1, 1, 2, 1, 2, 3, 1, 2]);
        assert_eq!(visits.0, [(0, 1), (3, 3), (5, 2), (7, 2)]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn they_are_saved_as_a_map() {
        let visits: Visits = [(3, 2), (0, 1)].into_iter().collect();
        let text = serde_json::to_string(&visits).unwrap();
        assert_eq!(text, r#"{"0":1,"3":2}"#);
        assert_eq!(serde_json::from_str::<Visits>(&text).unwrap().0, visits.0);
    }
}
