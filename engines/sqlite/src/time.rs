//! Times as they are saved: in milliseconds since 1970.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A function that reads the system's time, which may be set back.
pub(crate) type Wall = fn() -> i64;

pub(crate) fn wall() -> i64 {
    millis(SystemTime::now())
}

/// A clock that never goes back. If the time that it reads does, it keeps its latest value until that has caught
/// up.
#[derive(Debug)]
pub(crate) struct Clock {
    wall: Wall,
    latest: AtomicI64,
}

impl Clock {
    /// Creates a clock whose time is at least `latest`.
    pub(crate) fn new(wall: Wall, latest: i64) -> Self {
        Self { wall, latest: AtomicI64::new(latest) }
    }

    pub(crate) fn now(&self) -> i64 {
        let now = (self.wall)();
        self.latest.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

pub(crate) fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn instant(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// The last millisecond of the year 9999.
const LAST: i64 = 253_402_300_799_999;

/// Formats a time like `2026-03-04T05:06:07Z`. Times past the year 9999 are formatted as its end.
pub(crate) fn text(millis: i64) -> String {
    humantime::format_rfc3339_seconds(instant(millis.min(LAST))).to_string()
}

/// Describes what is wrong with a saved time; `None` for times from 1970 to 9999.
pub(crate) fn wrong(what: &str, millis: i64) -> Option<String> {
    let is_wrong = !(0..=LAST).contains(&millis);
    is_wrong.then(|| format!("`{what}` is {millis} ms after 1970, which is no instant before the year 10000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_has_a_text() {
        let texts = [i64::MIN, -1, 0, LAST, LAST + 1, i64::MAX].map(text);
        let (first, last) = ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z");
        assert_eq!(texts, [first, first, first, last, last, last]);
        assert_eq!(wrong("started", LAST), None);
        assert!(wrong("started", LAST + 1).is_some() && wrong("started", -1).is_some());
    }
}
