//! The drawing and the context version of a program, as they are in the file.

use flowgen::Drawing;
use flowgen::plan::Plan;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{self, DrawingText};

/// A drawing and a context version, with which runs are saved. Each pair has a number in the file.
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
    /// Returns the entry of a program, as JSON.
    pub(crate) fn text(plan: &Plan, context: u32) -> Result<String, Error> {
        let text = serde_json::to_string(&Self { drawing: Drawing::new(plan), context });
        text.map_err(|source| Error::Drawing { number: 0, source: source.into() })
    }

    /// Reads an entry from a file. If its two copies differ, the checksum decides which of them is damaged.
    pub(crate) fn read(from: &Connection, number: i64) -> Result<Self, Error> {
        let DrawingText { text, is_damaged } = store::drawing(from, number)?;
        if is_damaged {
            tracing::warn!(drawing = number, "one of the two copies of a drawing in the file is damaged");
        }
        serde_json::from_str(&text).map_err(|source| Error::Drawing { number, source: source.into() })
    }
}
