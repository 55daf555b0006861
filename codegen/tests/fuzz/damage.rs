//! What can happen to the bytes of a drawing.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces of the language, and what people write in their place.
const WORDS: [&str; 54] = [
    "n1",
    "n2",
    "n7",
    "Shop",
    "Shop.",
    " ",
    "\n",
    "\r\n",
    ":",
    "=",
    ".",
    "circle",
    "diamond",
    "rectangle",
    "taskbox",
    "label",
    "\"",
    "“",
    "\\",
    ".handle(right)",
    "->",
    "=>",
    "[",
    "]",
    "[label=\"Yes\"]",
    "[label=\"No\"]",
    " [label=\"async x\"]",
    " [label=\"compensated by\"]",
    " [label=\"async: x\"]",
    "{",
    "}",
    "#",
    "//",
    "loop [3 times] n1 n2",
    "loop [retry 1,000] n2",
    "-1",
    "loop",
    "é",
    "#![data {",
    "}]",
    ";",
    "?",
    "(",
    ")",
    ",",
    "take ",
    "cause",
    "done: Yes",
    "Yes(x: u8), No",
    "-> order: Order",
    "use crate::Order;",
    "'static",
    "::",
    "<",
];

/// What happens to some bytes.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    Overwrite {
        at: Index,
        with: u8,
    },
    Delete {
        at: Index,
        length: usize,
    },
    Repeat {
        at: Index,
        length: usize,
    },
    Insert {
        at: Index,
        word: &'static str,
    },
    /// The rest becomes that of another drawing.
    Splice {
        at: Index,
        drawing: Index,
        from: Index,
    },
}

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    let length = || prop_oneof![4 => 1..8_usize, 1 => 8..80_usize];
    prop_oneof![
        1 => (at(), any::<u8>()).prop_map(|(at, with)| Damage::Overwrite { at, with }),
        3 => (at(), length()).prop_map(|(at, length)| Damage::Delete { at, length }),
        2 => (at(), length()).prop_map(|(at, length)| Damage::Repeat { at, length }),
        4 => (at(), select(&WORDS[..])).prop_map(|(at, word)| Damage::Insert { at, word }),
        1 => (at(), at(), at()).prop_map(|(at, drawing, from)| Damage::Splice { at, drawing, from }),
    ]
}

impl Damage {
    pub(crate) fn apply(&self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
        match self {
            Self::Overwrite { at, with } => {
                let at = place(at, bytes);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte = *with);
            }
            Self::Delete { at, length } => {
                let start = place(at, bytes);
                bytes.drain(start..(start + length).min(bytes.len()));
            }
            Self::Repeat { at, length } => {
                let start = place(at, bytes);
                let piece = bytes[start..(start + length).min(bytes.len())].to_vec();
                bytes.splice(start..start, piece);
            }
            Self::Insert { at, word } => {
                let start = place(at, bytes);
                bytes.splice(start..start, word.bytes());
            }
            Self::Splice { at, drawing, from } => {
                let other = &corpus[drawing.index(corpus.len())];
                bytes.truncate(place(at, bytes));
                bytes.extend_from_slice(&other[place(from, other)..]);
            }
        }
    }
}
