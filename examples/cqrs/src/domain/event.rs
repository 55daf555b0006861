//! The events of an account and their serialization.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::upcast;

/// An event of an account. It has happened and can't be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The account was opened.
    Opened {
        /// The owner of the account.
        owner: String,
    },
    /// An amount was paid in.
    Deposited {
        /// The amount, in cents.
        cents: u64,
        /// The reference of the payment.
        reference: String,
    },
    /// An amount was taken out.
    Withdrawn {
        /// The amount, in cents.
        cents: u64,
        /// The reference of the payment.
        reference: String,
    },
    /// The account was closed.
    Closed {},
}

/// A serialized event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The kind of the event.
    pub kind: &'static str,
    /// The version of its format. All earlier formats remain readable.
    pub shape: i32,
    /// Its fields, as JSON.
    pub body: String,
}

/// Error if this version of the program can't read an event: it is damaged, or a newer version wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event `{kind}` of shape {shape} can't be read: {why}")]
pub struct Unreadable {
    /// The kind of the event.
    pub kind: String,
    /// The version of its format.
    pub shape: i32,
    /// Why it can't be read.
    pub why: String,
}

/// The fields of a deposit or a withdrawal.
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
    /// Serializes the event in its newest format.
    #[must_use]
    pub fn write(&self) -> Written {
        // These are maps with string keys, which JSON can always represent.
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

    /// Reads an event of any format.
    ///
    /// # Errors
    ///
    /// The kind or the format is unknown, or the fields do not match.
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
