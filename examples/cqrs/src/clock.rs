//! The clock, which tests can replace.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serializer;

/// Returns the time, in milliseconds since 1970.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// A clock that calls this function.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current time, in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// Serializes a time as RFC 3339.
pub(crate) fn as_text<S: Serializer>(at_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let since = Duration::from_millis(u64::try_from(*at_ms).unwrap_or_default());
    match UNIX_EPOCH.checked_add(since) {
        Some(at) => serializer.collect_str(&humantime::format_rfc3339_millis(at)),
        None => serializer.serialize_none(),
    }
}
