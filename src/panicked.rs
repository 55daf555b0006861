//! Panics in user code.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The fault of user code that panicked. Its effect is unknown.
///
/// Steps, decisions, compensations, [`Fork`](crate::Fork), observers, clocks, retry policies and the
/// serialization of contexts may panic: the run treats the panic as a fault, which is retried and rolled back.
/// A program that is built with `panic = "abort"` ends at the first panic instead; only a durable engine can
/// resume its runs.
///
/// # Examples
///
/// ```
/// use flowgen::{Fault, Panicked, Retry};
///
/// // A panic is a bug: don't retry it.
/// let retry = Retry::max_retries(3).retry_if(|fault| fault.downcast_ref::<Panicked>().is_none());
///
/// let panicked = Panicked::catch(|| i32::from_str_radix("three", 10).unwrap()).unwrap_err();
/// assert!(panicked.message.starts_with("called `Result::unwrap()` on an `Err` value"));
/// assert!(!retry.applies_to(&Fault::from(panicked)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panicked {
    /// The message of the panic; empty if its payload is not text.
    pub message: String,
    /// The function that panicked, if it is not the step itself.
    code: Option<&'static str>,
}

impl Panicked {
    /// Calls user code and catches its panic. For engines and stores.
    ///
    /// If the code panics, values that it changes by reference keep the changes made so far.
    ///
    /// # Errors
    ///
    /// The panic of the code.
    #[inline]
    pub fn catch<T>(code: impl FnOnce() -> T) -> Result<T, Self> {
        catch_unwind(AssertUnwindSafe(code)).map_err(Self::from_payload)
    }

    /// Sets the function that panicked.
    pub(crate) fn in_code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    /// Drops the payload, which may panic too.
    #[cold]
    fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or_default().to_owned();
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(another);
        }
        Self { message, code: None }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("panicked")?;
        if let Some(code) = self.code {
            write!(f, " in `{code}`")?;
        }
        match self.message.as_str() {
            "" => f.write_str(" without a message"),
            message => write!(f, ": {message}"),
        }
    }
}

impl Error for Panicked {}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    #[test]
    fn the_message_is_that_of_the_panic() {
        let caught = |code: fn()| Panicked::catch(code).unwrap_err().to_string();
        assert_eq!(caught(|| panic!("no book")), "panicked: no book");
        assert_eq!(caught(|| panic!("no {}", "book")), "panicked: no book");
        assert_eq!(caught(|| panic_any(7)), "panicked without a message");
        let in_code = Panicked::catch(|| panic!("no book")).unwrap_err().in_code("Fork::join");
        assert_eq!(in_code.to_string(), "panicked in `Fork::join`: no book");
    }

    #[test]
    fn a_payload_may_panic_when_it_is_dropped() {
        struct Payload;
        impl Drop for Payload {
            fn drop(&mut self) {
                panic!("a second panic");
            }
        }
        let panicked = Panicked::catch(|| panic_any(Payload)).unwrap_err();
        assert_eq!(panicked.message, "");
    }
}
