//! How often a loop may be walked, as its text says it.

const SPELLED: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const PASSES: [&str; 12] = [
    "time",
    "times",
    "attempt",
    "attempts",
    "try",
    "tries",
    "retry",
    "retries",
    "iteration",
    "iterations",
    "pass",
    "passes",
];
const DURATIONS: [&str; 17] = [
    "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours",
    "day", "days", "week", "weeks",
];

/// `up to 3 times`, `max 3`, `at most three`, `retry x3`, `3x`, `twice`. (`once` is no bound: it mostly means `as soon as`.)
pub(super) fn bound(text: &str) -> Option<u32> {
    written(text, |n| n > 0)
}

/// Does the text give 0 as bound, and no other?
pub(super) fn is_zero(text: &str) -> bool {
    bound(text).is_none() && written(text, |_| true).is_some()
}

/// The first bound that the text gives, if it is one that counts.
fn written(text: &str, counts: impl Fn(u32) -> bool) -> Option<u32> {
    let text = text.to_lowercase().replace('×', "x");
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (0..words.len())
        .find_map(|at| bound_at(&words[..at], words[at], words.get(at + 1)))
        .filter(|&n| counts(n))
}

fn bound_at(before: &[&str], word: &str, after: Option<&&str>) -> Option<u32> {
    let limits = matches!(before, [.., "max" | "maximum"] | [.., "up", "to"] | [.., "at", "most"]);
    let of_passes = after.is_some_and(|word| PASSES.contains(word));
    let of_time = after.is_some_and(|word| DURATIONS.contains(word));
    match word {
        "twice" => Some(2),
        _ if of_passes || (limits && !of_time) => number(word),
        _ => word.strip_prefix('x').or_else(|| word.strip_suffix('x')).and_then(digits),
    }
}

fn number(word: &str) -> Option<u32> {
    let spelled = || SPELLED.iter().position(|&spelled| spelled == word);
    digits(word).or_else(|| u32::try_from(spelled()? + 1).ok())
}

fn digits(word: &str) -> Option<u32> {
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    // More than can be counted is as good as the most that can.
    is_number.then(|| word.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn texts_that_say_how_often() {
        for text in [
            "up to 3 times",
            "3 times",
            "max 3",
            "max. 3",
            "Max: 3",
            "at most 3",
            "retry x3",
            "3x",
            "3×",
            "three times",
            "Up To Three",
            "3 attempts",
            "wait 5 minutes, max 3",
            "maximum 3 retries",
        ] {
            assert_eq!(bound(text), Some(3), "{text}");
        }
        assert_eq!(bound("twice"), Some(2));
    }

    #[test]
    fn more_than_can_be_counted_is_the_most_that_can() {
        assert_eq!(bound("99999999999 times"), Some(u32::MAX));
    }

    #[test]
    fn nothing_is_no_bound() {
        for text in ["max 0", "0 times", "x0"] {
            assert!(super::is_zero(text), "{text}");
        }
        for text in ["", "until 0 are left", "max 1", "max 0 minutes"] {
            assert!(!super::is_zero(text), "{text}");
        }
    }

    #[test]
    fn texts_that_say_until_when() {
        for text in [
            "",
            "until paid",
            "while items remain",
            "every 3 days",
            "max 5 minutes",
            "0 times",
            "x",
            "fix",
            "while status is 3",
            "once it is paid",
            "for each of the ten orders",
        ] {
            assert_eq!(bound(text), None, "{text}");
        }
    }
}
