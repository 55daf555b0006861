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

/// As people and machines read it: `2026-03-04T05:06:07Z`.
pub(crate) fn text(millis: i64) -> String {
    humantime::format_rfc3339_seconds(instant(millis)).to_string()
}
