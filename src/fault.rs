//! Faults: errors that the drawing does not expect.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The result of a step, a decision or a compensation: a value, or a [`Fault`].
pub type Result<T = (), E = Fault> = core::result::Result<T, E>;

/// An error that the drawing does not expect.
///
/// An expected error is a branch in the drawing. Any error converts into a fault with `?`. A fault does not
/// implement [`Error`] itself, which keeps the two distinct.
///
/// # Examples
///
/// ```
/// fn quantity(text: &str) -> flowgen::Result<u32> {
///     Ok(text.parse()?)
/// }
/// let fault = quantity("three").unwrap_err();
/// assert!(fault.downcast_ref::<std::num::ParseIntError>().is_some());
/// assert_eq!(fault.to_string(), "invalid digit found in string");
/// ```
///
/// The effect of an attempt that faulted is unknown, so a compensable step that faulted is undone. An attempt
/// that certainly had no effect returns [`Fault::not_done`].
#[derive(Clone)]
pub struct Fault {
    error: Arc<dyn Error + Send + Sync>,
    is_not_done: bool,
}

impl Fault {
    /// Creates a fault from any error, or from text. Whether the attempt had its effect is unknown.
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::from(error)
    }

    /// Creates a fault of an attempt that has had no effect and will have none.
    ///
    /// Examples: the input was invalid, a circuit breaker was open, the connection was refused, the key was
    /// marked as [undone](crate::Visit::undoes).
    ///
    /// This applies to one attempt only. A visit of a compensable step needs no undo if *every* attempt of it
    /// ended with such a fault. A step that knows that no attempt under this key has had an effect returns
    /// [`Effect::NotDone`](crate::Effect::NotDone) instead.
    ///
    /// In all other respects it is a fault like any other: it is retried by the policy of its node, and then
    /// starts the rollback.
    ///
    /// # Examples
    ///
    /// ```
    /// use flowgen::{Fault, Result};
    ///
    /// fn cents(text: &str) -> Result<u64> {
    ///     text.parse::<u64>().map_err(Fault::not_done)
    /// }
    /// assert!(cents("ten").unwrap_err().is_not_done());
    /// assert!(!Fault::new("the connection broke").is_not_done());
    /// ```
    #[must_use]
    pub fn not_done(error: impl Into<Self>) -> Self {
        Self { is_not_done: true, ..error.into() }
    }

    /// Whether the attempt certainly had no effect. See [`Fault::not_done`].
    #[must_use]
    pub fn is_not_done(&self) -> bool {
        self.is_not_done
    }

    /// Returns the underlying error if it has this type.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// The underlying error and its sources, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = &*self.error;
        std::iter::successors(Some(first), |&error| error.source())
    }
}

/// Converts any error, boxed or not, and text.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self { error: Arc::from(error.into()), is_not_done: false }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for Fault {
    /// Writes the message. `{:#}` also writes the sources: `payment refused: connection reset`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)?;
        if f.alternate() {
            for cause in self.chain().skip(1) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

/// Serialization of faults. A saved fault keeps its messages and whether it is [`Fault::not_done`], but not the
/// type of its error: a deserialized fault is text.
#[cfg(feature = "serde")]
mod saved {
    use super::{Error, Fault, fmt};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A deserialized error: its message, and the message of its source.
    #[derive(Debug)]
    struct Saved {
        message: String,
        cause: Option<Box<Saved>>,
    }

    impl fmt::Display for Saved {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.message)
        }
    }

    impl Error for Saved {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.cause.as_deref().map(|cause| cause as _)
        }
    }

    /// The messages, outermost first; in a map if the fault is [`Fault::not_done`].
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Unknown(Vec<String>),
        NotDone { not_done: Vec<String> },
    }

    impl Serialize for Fault {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let messages = self.chain().map(ToString::to_string).collect();
            let written = if self.is_not_done {
                Written::NotDone { not_done: messages }
            } else {
                Written::Unknown(messages)
            };
            written.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Fault {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let (messages, is_not_done) = match Written::deserialize(deserializer)? {
                Written::Unknown(messages) => (messages, false),
                Written::NotDone { not_done } => (not_done, true),
            };
            let saved = messages
                .into_iter()
                .rev()
                .fold(None, |cause, message| Some(Saved { message, cause: cause.map(Box::new) }));
            let fault = saved.map_or_else(|| Self::new("unknown fault"), Self::from);
            Ok(Self { is_not_done, ..fault })
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_saved_fault_keeps_its_messages() {
            let saved = Saved {
                message: "outer".into(),
                cause: Some(Box::new(Saved { message: "inner".into(), cause: None })),
            };
            let text = serde_json::to_string(&Fault::from(saved)).unwrap();
            assert_eq!(text, r#"["outer","inner"]"#);
            let back: Fault = serde_json::from_str(&text).unwrap();
            assert_eq!(format!("{back:#}"), "outer: inner");
            assert!(!back.is_not_done());
        }

        #[test]
        fn a_saved_fault_keeps_that_nothing_was_done() {
            let text = serde_json::to_string(&Fault::not_done("breaker open")).unwrap();
            assert_eq!(text, r#"{"not_done":["breaker open"]}"#);
            let back: Fault = serde_json::from_str(&text).unwrap();
            assert!(back.is_not_done());
            assert_eq!(back.to_string(), "breaker open");
        }
    }
}
