//! Restores an account from its events, and checks that none is missing.

use crate::domain::{Account, Event, Unreadable};
use crate::store::{Recorded, Snapshot};

/// The format of [`Account`] in a snapshot. Increase it with each change of its fields or of how events are read:
/// snapshots of another format are ignored.
pub const SHAPE: i32 = 1;

/// Error if the event history of an account is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// An event can't be read.
    #[error("event {position} of the account `{account}`, its version {version}, is unreadable: {why}")]
    Unreadable {
        /// The account.
        account: String,
        /// The position of the event.
        position: i64,
        /// The version of the account after the event.
        version: i64,
        /// Why the event can't be read.
        why: Unreadable,
    },
    /// An event is missing.
    #[error(
        "version {expected} of the account `{account}` is missing: event {position} makes version {found} of it"
    )]
    Missing {
        /// The account.
        account: String,
        /// The expected version.
        expected: i64,
        /// The position of the event found instead.
        position: i64,
        /// The version of that event.
        found: i64,
    },
}

/// Applies events to a snapshot, or to a new account. Returns the account and its version. The versions of the
/// events must continue that of the snapshot, or begin with 1, without gaps.
///
/// # Errors
///
/// An event can't be read, or one is missing.
pub fn load(snapshot: Option<(Account, i64)>, events: &[Recorded]) -> Result<(Account, i64), Damage> {
    let mut loaded = snapshot.unwrap_or_default();
    for recorded in events {
        let Recorded { account, position, version, .. } = recorded;
        let (account, position, version) = (account.clone(), *position, *version);
        let expected = loaded.1.saturating_add(1);
        if version != expected {
            return Err(Damage::Missing { account, expected, position, found: version });
        }
        let event = Event::read(&recorded.kind, recorded.shape, &recorded.body)
            .map_err(|why| Damage::Unreadable { account, position, version, why })?;
        loaded = (loaded.0.after(&event), version);
    }
    Ok(loaded)
}

/// A snapshot of the account after this event. `None` if it can't be serialized.
#[must_use]
pub fn snapshot(account: &Account, last: &Recorded) -> Option<Snapshot> {
    let Recorded { account: name, version, id, .. } = last;
    let body = serde_json::to_string(account).ok()?;
    Some(Snapshot { account: name.clone(), version: *version, event_id: id.clone(), shape: SHAPE, body })
}
