//! Instants as milliseconds since 1970, as they are saved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that may be set, also to an earlier time.
pub(crate) type Wall = fn() -> i64;

pub(crate) fn wall() -> i64 {
    millis(SystemTime::now())
}

/// A clock that never goes back. Where the one that it reads does, it stays where it was until that has caught up.
#[derive(Debug)]
pub(crate) struct Clock {
    wall: Wall,
    latest: AtomicI64,
}

impl Clock {
    /// It was this late already.
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

/// The last instant that can be written as a date with four digits for the year.
const LAST: i64 = 253_402_300_799_999;

/// As people and machines read it: `2026-03-04T05:06:07Z`. What is past the year 9999 is the end of that.
pub(crate) fn text(millis: i64) -> String {
    humantime::format_rfc3339_seconds(instant(millis.min(LAST))).to_string()
}

/// Says what is wrong with an instant that was read; `None` for those from 1970 to 9999.
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
