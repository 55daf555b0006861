//! What has happened to an account, and how that is written down.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::upcast;

/// What has happened to an account. It can't be refused any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was opened.
    Opened {
        /// Who it belongs to.
        owner: String,
    },
    /// Something was paid in.
    Deposited {
        /// How much, in cents.
        cents: u64,
        /// What for.
        reference: String,
    },
    /// Something was taken out.
    Withdrawn {
        /// How much, in cents.
        cents: u64,
        /// What for.
        reference: String,
    },
    /// It was closed.
    Closed {},
}

/// An event as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which event.
    pub kind: &'static str,
    /// Which shape of it: a shape that was ever written stays readable.
    pub shape: i32,
    /// Its fields, as JSON.
    pub body: String,
}

/// An event that this program can't read: a newer one wrote it, or it is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event `{kind}` of shape {shape} can't be read: {why}")]
pub struct Unreadable {
    /// Which event.
    pub kind: String,
    /// Which shape of it.
    pub shape: i32,
    /// What is wrong.
    pub why: String,
}

/// The fields of a movement of money.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Movement<T> {
    cents: u64,
    reference: T,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening<T> {
    owner: T,
}

impl Event {
    /// Writes it down, in the newest shape.
    #[must_use]
    pub fn write(&self) -> Written {
        // These are maps with text as keys, which JSON can always hold.
        let text = |body: Result<String, serde_json::Error>| body.unwrap_or_default();
        let (kind, body) = match self {
            Self::Opened { owner } => ("opened", text(serde_json::to_string(&Opening { owner }))),
            Self::Deposited { cents, reference } => {
                ("deposited", text(serde_json::to_string(&Movement { cents: *cents, reference })))
            }
            Self::Withdrawn { cents, reference } => {
                ("withdrawn", text(serde_json::to_string(&Movement { cents: *cents, reference })))
            }
            Self::Closed {} => ("closed", "{}".to_owned()),
        };
        Written { kind, shape: upcast::newest(kind), body }
    }

    /// Reads an event of any shape that was ever written.
    ///
    /// # Errors
    ///
    /// An event that is not known, of a shape that is not known, or with other fields than it has.
    pub fn read(kind: &str, shape: i32, body: &str) -> Result<Self, Unreadable> {
        let unreadable = |why: String| Unreadable { kind: kind.to_owned(), shape, why };
        let event = if shape == upcast::newest(kind) {
            Self::parse(kind, body)
        } else {
            let old: Map<String, Value> =
                serde_json::from_str(body).map_err(|why| unreadable(why.to_string()))?;
            let new = upcast::to_newest(kind, shape, old).map_err(unreadable)?;
            Self::parse(kind, &Value::Object(new).to_string())
        };
        event.map_err(unreadable)
    }

    fn parse(kind: &str, body: &str) -> Result<Self, String> {
        fn fields<'b, T: Deserialize<'b>>(body: &'b str) -> Result<T, String> {
            serde_json::from_str(body).map_err(|why| why.to_string())
        }
        Ok(match kind {
            "opened" => {
                let Opening { owner } = fields(body)?;
                Self::Opened { owner }
            }
            "deposited" => {
                let Movement { cents, reference } = fields(body)?;
                Self::Deposited { cents, reference }
            }
            "withdrawn" => {
                let Movement { cents, reference } = fields(body)?;
                Self::Withdrawn { cents, reference }
            }
            "closed" => Self::Closed {},
            _ => return Err("no such event is known".to_owned()),
        })
    }
}
