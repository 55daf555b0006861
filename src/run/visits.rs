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
    use std::collections::BTreeMap;
    use std::fmt;

    use serde::de::{MapAccess, SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Visits;

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

    /// A node, and how often a run has come to it; a number alone is a node that it has come to once.
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

    /// Older texts have a map, from the node to its visits.
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
