//! Reads labels of steps as a verb and its object, and knows which verbs undo others.

use std::collections::HashSet;

const STOP_WORDS: [&str; 16] =
    ["a", "all", "an", "and", "any", "by", "for", "from", "in", "its", "of", "on", "s", "the", "to", "with"];

/// `Create the order record`: create, {order, record}.
pub(crate) struct Phrase {
    pub(crate) verb: String,
    /// Without stop words, in the singular, sorted.
    pub(super) object: Vec<String>,
}

impl Phrase {
    pub(crate) fn new(label: &str) -> Self {
        let mut words = words(label).into_iter();
        let verb = words.next().unwrap_or_default();
        let mut object: Vec<_> = words.filter(|word| !STOP_WORDS.contains(&word.as_str())).collect();
        object.sort();
        object.dedup();
        Self { verb, object }
    }

    /// The words of verb and object, sorted.
    pub(super) fn whole(&self) -> Vec<String> {
        let mut whole = self.object.clone();
        if let Err(at) = whole.binary_search(&self.verb) {
            whole.insert(at, self.verb.clone());
        }
        whole
    }
}

/// Verbs that take money.
const PAYING: [&str; 4] = ["charge", "debit", "bill", "pay"];

/// Verbs that move their object, which may be money.
const MOVING: [&str; 10] =
    ["take", "collect", "capture", "process", "receive", "accept", "transfer", "withdraw", "deposit", "send"];

const MONEY: [&str; 9] = ["money", "payment", "deposit", "fee", "fund", "cash", "price", "amount", "fare"];

/// Does the label say that money is paid, as `Charge card` and `Take the payment of the guest` do?
/// `Send payment reminder` and `Pay back` do not.
pub(crate) fn takes_money(label: &str) -> bool {
    let words = words(label);
    let is_stop_word = |word: &String| STOP_WORDS.contains(&word.as_str());
    let Some((verb, object)) = words.split_first() else { return false };
    if object.iter().any(|word| word == "back") {
        return false;
    }
    let mut object = object.iter().skip_while(|word| is_stop_word(word));
    let thing = object.next();
    let is_money = thing.is_some_and(|thing| MONEY.contains(&thing.as_str()));
    PAYING.contains(&verb.as_str())
        || MOVING.contains(&verb.as_str()) && is_money && object.next().is_none_or(is_stop_word)
}

/// Does the text mention rollback, compensation, undoing or reverting?
pub(super) fn speaks_of_rollback(text: &str) -> bool {
    words(text).iter().any(|word| {
        matches!(
            word.as_str(),
            "rollback" | "undo" | "undoe" | "undoing" | "undone" | "revert" | "reverted" | "reverting"
        ) || word.starts_with("compensat")
    })
}

/// The words of a text, in lower case and in the singular; `roll back` and `un-lock` are one word.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<String> = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        match words.last_mut() {
            Some(last) if word == "back" && matches!(last.as_str(), "roll" | "rolled" | "rolling") => {
                "rollback".clone_into(last);
            }
            Some(last) if matches!(last.as_str(), "un" | "de") => last.push_str(&singular(word)),
            _ => words.push(singular(word)),
        }
    }
    words
}

/// Turns plurals into singulars, and `cancels` into `cancel`.
fn singular(word: &str) -> String {
    let stem = |cut: usize| &word[..word.len() - cut];
    if word.len() > 4 && word.ends_with("ies") {
        format!("{}y", stem(3))
    } else if ["sses", "shes", "ches", "xes"].iter().any(|end| word.ends_with(end)) {
        stem(2).to_owned()
    } else if word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end))
    {
        stem(1).to_owned()
    } else {
        word.to_owned()
    }
}

/// Verbs that undo, each with the verbs that it undoes.
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

/// Verbs that mean undoing. They undo any other verb.
const GENERAL: [&str; 5] = ["undo", "revert", "reverse", "rollback", "compensate"];

/// Verbs that, in a rollback, hardly mean anything but undoing.
const STRONG: [&str; 6] = ["refund", "release", "cancel", "void", "restore", "revoke"];

/// The verbs of a drawing.
pub(super) struct Verbs<'p> {
    drawn: HashSet<&'p str>,
}

impl<'p> Verbs<'p> {
    pub(super) fn new(drawn: impl Iterator<Item = &'p str>) -> Self {
        Self { drawn: drawn.collect() }
    }

    /// Can the verb undo another one? `unload` can if the drawing has `load`.
    pub(super) fn is_reversing(&self, verb: &str) -> bool {
        REVERSALS.iter().any(|&(reversing, _)| reversing == verb)
            || negated(verb).is_some_and(|verb| self.drawn.contains(verb))
    }

    /// Must a step with this verb, in a rollback, undo another step?
    pub(super) fn is_strong(&self, verb: &str) -> bool {
        STRONG.contains(&verb)
            || is_general(verb)
            || verb.strip_prefix("un").is_some_and(|verb| self.drawn.contains(verb))
    }
}

/// Does the verb undo any other verb?
pub(super) fn is_general(verb: &str) -> bool {
    GENERAL.contains(&verb)
}

/// Does `verb` undo `done`?
pub(super) fn reverses(verb: &str, done: &str) -> bool {
    is_general(verb)
        || negated(verb) == Some(done)
        || REVERSALS.iter().any(|&(reversing, verbs)| reversing == verb && verbs.contains(&done))
}

/// Does the verb mostly bring back state that an earlier step has saved?
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
    fn a_label_is_a_verb_and_an_object() {
        let phrase = Phrase::new("Releases all of the customer's Reservations");
        assert_eq!(
            (phrase.verb.as_str(), phrase.object.join(" ")),
            ("release", "customer reservation".into())
        );
        assert_eq!(Phrase::new("Roll back batches").verb, "rollback");
        assert_eq!(Phrase::new("Un-block entries").verb, "unblock");
        assert_eq!(Phrase::new("Process status of address").object, ["address", "status"]);
        assert_eq!(Phrase::new("?!").verb, "");
    }

    #[test]
    fn taking_money() {
        for label in
            ["Charge", "Charge card", "Take money", "Take the payment from the guest", "Pay for room"]
        {
            assert!(takes_money(label), "{label}");
        }
        for label in
            ["Take snapshot", "Send payment reminder", "Pay back deposit", "Recharge battery", "Take", ""]
        {
            assert!(!takes_money(label), "{label}");
        }
    }

    #[test]
    fn speaking_of_rollback() {
        for text in
            ["Rollback", "Roll back saga", "COMPENSATE", "Trigger compensations", "Undo order", "Reverts"]
        {
            assert!(speaks_of_rollback(text), "{text}");
        }
        for text in ["Fall back", "Undocumented", "Retry", "Cancel order", ""] {
            assert!(!speaks_of_rollback(text), "{text}");
        }
    }

    #[test]
    fn verbs_undo_the_verbs_that_they_are_paired_with() {
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
        let verbs = Verbs::new(["load"].into_iter());
        assert!(verbs.is_reversing("unload") && verbs.is_strong("unload"));
        assert!(!verbs.is_reversing("deliver") && !verbs.is_strong("understand"));
    }
}
