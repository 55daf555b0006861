//! What was not expected.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What a step, a decision or a compensation returns: a value, or a [`Fault`].
pub type Result<T = (), E = Fault> = core::result::Result<T, E>;

/// Something that the drawing does not expect.
///
/// What is expected is a branch in the drawing. A fault is made from any error with `?`, and is not
/// an error itself, so that both can be told apart.
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
#[derive(Clone)]
pub struct Fault(Arc<dyn Error + Send + Sync>);

impl Fault {
    /// A fault made from any error, or from text.
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::from(error)
    }

    /// The error behind it, where it is of this type.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// The error behind it and what caused that, outermost first.
    pub fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = &*self.0;
        std::iter::successors(Some(first), |&error| error.source())
    }
}

/// From any error, boxed or not, and from text.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(Arc::from(error.into()))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Fault {
    /// The message; with `{:#}` also what caused it: `payment refused: connection reset`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)?;
        if f.alternate() {
            for cause in self.chain().skip(1) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

/// A fault keeps its messages when it is saved, but not its type: read back, it is text.
#[cfg(feature = "serde")]
mod saved {
    use super::{Error, Fault, fmt};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// What is left of an error that was saved: its message, and that of its cause.
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

    impl Serialize for Fault {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.chain().map(ToString::to_string))
        }
    }

    impl<'de> Deserialize<'de> for Fault {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let messages = Vec::<String>::deserialize(deserializer)?;
            let saved = messages
                .into_iter()
                .rev()
                .fold(None, |cause, message| Some(Saved { message, cause: cause.map(Box::new) }));
            Ok(saved.map_or_else(|| Self::new("unknown fault"), Self::from))
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
        }
    }
}
