//! An account from its events, if they are all there.

use crate::domain::{Account, Event, Unreadable};
use crate::store::{Recorded, Snapshot};

/// The form of [`Account`] in a snapshot. To be raised with each change of its fields, or of how events are read:
/// snapshots of another form are ignored.
pub const SHAPE: i32 = 1;

/// Why nothing can be decided on the events of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// An event can't be read.
    #[error("event {position} of the account `{account}`, its version {version}, is unreadable: {why}")]
    Unreadable {
        /// The account.
        account: String,
        /// The position of the event.
        position: i64,
        /// The version that the event makes of the account.
        version: i64,
        /// What is wrong.
        why: Unreadable,
    },
    /// An event is missing.
    #[error(
        "version {expected} of the account `{account}` is missing: event {position} makes version {found} of it"
    )]
    Missing {
        /// The account.
        account: String,
        /// The version that has to come next.
        expected: i64,
        /// The position of the event that comes instead.
        position: i64,
        /// The version that this event makes.
        found: i64,
    },
}

/// The account after these events, which have to make the versions from that of the snapshot on, or from 1 on, to n, and n.
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

/// The snapshot of an account after this event.
#[must_use]
pub fn snapshot(account: &Account, last: &Recorded) -> Option<Snapshot> {
    let Recorded { account: name, version, id, .. } = last;
    let body = serde_json::to_string(account).ok()?;
    Some(Snapshot { account: name.clone(), version: *version, event_id: id.clone(), shape: SHAPE, body })
}
