//! Counts of a run's visits per node.

/// The number of a run's visits of each visited node.
///
/// A sorted list instead of a tree: a run mostly visits nodes in the order of the drawing, so a new node is
/// appended, and ten steps cost one allocation.
///
/// Invariant: sorted by node, without duplicates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visits(Vec<(u32, u32)>);

impl Visits {
    /// Creates a list with capacity for this number of nodes.
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Self(Vec::with_capacity(nodes))
    }

    /// Counts a visit of a node, and returns its number.
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
    use std::collections::BTreeMap;
    use std::fmt;

    use serde::de::{MapAccess, SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Visits;

    impl Visits {
        /// The nodes with their numbers of visits.
        pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
            self.0.iter().copied()
        }
    }

    impl FromIterator<(u32, u32)> for Visits {
        fn from_iter<I: IntoIterator<Item = (u32, u32)>>(visits: I) -> Self {
            // Sorts the entries. The later of two entries for one node wins.
            Self(visits.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
        }
    }

    /// A node and its number of visits; a single number is a node that was visited once.
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Visited {
        Once(u32),
        Often(u32, u32),
    }

    impl From<(u32, u32)> for Visited {
        fn from((node, visits): (u32, u32)) -> Self {
            if visits == 1 { Self::Once(node) } else { Self::Often(node, visits) }
        }
    }

    impl From<Visited> for (u32, u32) {
        fn from(visited: Visited) -> Self {
            match visited {
                Visited::Once(node) => (node, 1),
                Visited::Often(node, visits) => (node, visits),
            }
        }
    }

    impl Serialize for Visits {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.iter().map(Visited::from))
        }
    }

    /// Older versions saved a map from the node to its visits.
    impl<'de> Deserialize<'de> for Visits {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct ListOrMap;

            impl<'de> Visitor<'de> for ListOrMap {
                type Value = Visits;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("the nodes that a run has been at")
                }

                fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Visits, A::Error> {
                    std::iter::from_fn(|| list.next_element::<Visited>().transpose())
                        .map(|visited| visited.map(Into::into))
                        .collect()
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Visits, A::Error> {
                    std::iter::from_fn(|| map.next_entry().transpose()).collect()
                }
            }

            deserializer.deserialize_any(ListOrMap)
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
    fn they_are_saved_as_a_list() {
        let visits: Visits = [(3, 2), (0, 1), (4, 0)].into_iter().collect();
        let text = serde_json::to_string(&visits).unwrap();
        assert_eq!(text, "[0,[3,2],[4,0]]");
        assert_eq!(serde_json::from_str::<Visits>(&text).unwrap().0, visits.0);
        assert_eq!(serde_json::from_str::<Visits>(r#"{"0":1,"3":2,"4":0}"#).unwrap().0, visits.0);
        assert!(serde_json::from_str::<Visits>("[0,[3]]").is_err());
        assert!(serde_json::from_str::<Visits>("3").is_err());
    }
}
