//! Instants as milliseconds since 1970, as they are saved.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) fn now() -> i64 {
    millis(SystemTime::now())
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
