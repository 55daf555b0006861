//! Which verb takes back what another one did.

use std::collections::HashSet;

/// A verb that takes back, and the verbs that do what it takes back.
const REVERSALS: [(&str, &[&str]); 23] = [
    ("refund", &["process", "charge", "take", "collect", "capture", "pay", "debit", "bill"]),
    ("release", &["reserve", "hold", "allocate", "lock", "acquire", "book", "block"]),
    (
        "cancel",
        &[
            "create", "place", "book", "schedule", "open", "submit", "order", "request", "reserve",
            "register", "confirm",
        ],
    ),
    ("delete", &["create", "add", "insert", "register", "provision", "upload", "write"]),
    ("remove", &["create", "add", "insert", "register", "provision", "upload", "write"]),
    ("drop", &["create", "add", "insert", "register", "provision", "upload", "write"]),
    ("void", &["authorize", "authorise", "issue"]),
    ("revoke", &["grant", "issue"]),
    ("withdraw", &["submit", "deposit"]),
    ("return", &["take", "borrow"]),
    ("credit", &["debit", "charge"]),
    ("debit", &["credit"]),
    ("close", &["open"]),
    ("stop", &["start"]),
    ("disable", &["enable", "activate"]),
    ("deactivate", &["enable", "activate"]),
    ("detach", &["attach"]),
    ("restore", &["remove", "delete", "archive"]),
    ("undo", &[]),
    ("revert", &[]),
    ("reverse", &[]),
    ("rollback", &[]),
    ("compensate", &[]),
];

/// Verbs that say of themselves that they undo. They take back whatever was done.
const GENERAL: [&str; 5] = ["undo", "revert", "reverse", "rollback", "compensate"];

/// Verbs that on the way of a rollback hardly mean anything but undoing.
const STRONG: [&str; 6] = ["refund", "release", "cancel", "void", "restore", "revoke"];

/// What is known of verbs, and the verbs of one drawing.
pub(super) struct Verbs<'p> {
    drawn: HashSet<&'p str>,
}

impl<'p> Verbs<'p> {
    pub(super) fn of(drawn: impl Iterator<Item = &'p str>) -> Self {
        Self { drawn: drawn.collect() }
    }

    /// Can the verb take anything back? `unload` can where something is loaded.
    pub(super) fn is_reversing(&self, verb: &str) -> bool {
        REVERSALS.iter().any(|&(reversing, _)| reversing == verb)
            || negated(verb).is_some_and(|verb| self.drawn.contains(verb))
    }

    /// Does a step with this verb, on the way of a rollback, ask for something that it undoes?
    pub(super) fn is_strong(&self, verb: &str) -> bool {
        STRONG.contains(&verb)
            || is_general(verb)
            || verb.strip_prefix("un").is_some_and(|verb| self.drawn.contains(verb))
    }
}

/// Does the verb take back whatever was done?
pub(super) fn is_general(verb: &str) -> bool {
    GENERAL.contains(&verb)
}

/// Does `verb` take back what `done` did?
pub(super) fn reverses(verb: &str, done: &str) -> bool {
    is_general(verb)
        || negated(verb) == Some(done)
        || REVERSALS.iter().any(|&(reversing, verbs)| reversing == verb && verbs.contains(&done))
}

/// Does the verb mostly bring back what an earlier step has kept?
pub(super) fn restores(verb: &str) -> bool {
    verb == "restore"
}

/// Does the verb hold a resource of another party, as *reserve* and *lock* do?
pub(crate) fn takes_hold(verb: &str) -> bool {
    ["reserve", "hold", "book", "lock", "allocate", "acquire"].contains(&verb)
}

fn negated(verb: &str) -> Option<&str> {
    verb.strip_prefix("un").or_else(|| verb.strip_prefix("de")).filter(|verb| verb.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_take_back_what_they_are_paired_with() {
        for (verb, done) in [
            ("refund", "process"),
            ("release", "reserve"),
            ("cancel", "create"),
            ("undo", "anything"),
            ("unload", "load"),
            ("deregister", "register"),
            ("void", "authorise"),
        ] {
            assert!(reverses(verb, done), "{verb} {done}");
        }
        for (verb, done) in [("refund", "report"), ("process", "refund"), ("release", "release"), ("un", "")]
        {
            assert!(!reverses(verb, done), "{verb} {done}");
        }
    }

    #[test]
    fn a_prefix_counts_only_where_the_verb_is_drawn() {
        let verbs = Verbs::of(["load"].into_iter());
        assert!(verbs.is_reversing("unload") && verbs.is_strong("unload"));
        assert!(!verbs.is_reversing("deliver") && !verbs.is_strong("understand"));
    }
}
