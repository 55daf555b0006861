//! What the file has of a program: its drawing, and the version of its contexts.

use flowgen::Drawing;
use flowgen::plan::Plan;
use rusqlite::Connection;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store;

/// What runs are saved with: a drawing and a version of the context. Each has a number in the file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub(crate) drawing: Drawing,
    /// The version of the context of its runs.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(crate) context: u32,
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_first(version: &u32) -> bool {
    *version == first()
}

impl Entry {
    /// The entry of a program, as text.
    pub(crate) fn text(plan: &Plan, context: u32) -> Result<String, Error> {
        let text = serde_json::to_string(&Self { drawing: Drawing::of(plan), context });
        text.map_err(|source| Error::Drawing { number: 0, source: source.into() })
    }

    /// Reads an entry of a file. Where its two copies differ, one of them is damaged, and the other is found out:
    /// it is that of the program, or the only one that can be read.
    pub(crate) fn read(from: &Connection, number: i64, own: Option<&str>) -> Result<Self, Error> {
        let copies = store::drawing(from, number)?;
        let broken = |source: serde_json::Error| Error::Drawing { number, source: source.into() };
        let parse = |text: &str| serde_json::from_str::<Self>(text);
        let [_, _] = &copies[..] else {
            return copies.first().map_or_else(
                || Err(broken(serde_json::Error::custom("it is gone"))),
                |only| parse(only).map_err(broken),
            );
        };
        tracing::warn!(drawing = number, "one of the two copies of a drawing in the file is damaged");
        if let Some(own) = own.filter(|own| copies.iter().any(|copy| copy == own)) {
            return parse(own).map_err(broken);
        }
        let mut entries: Vec<Self> = copies.iter().filter_map(|copy| parse(copy).ok()).collect();
        match (entries.pop(), entries.pop()) {
            (Some(only), None) => Ok(only),
            _ => Err(broken(serde_json::Error::custom("its two copies differ"))),
        }
    }
}
