//! Numbers, in digits and in words.

/// A number as a text has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Too large a number is the largest one.
    Whole(u64),
    /// Below zero, a fraction, or digits that are no number.
    Other,
}

impl Number {
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

/// The number that digits give, with signs between groups of three: `1,000`, `1.000`, `1'000`, `1 000`,
/// `1_000`.
pub(super) fn written(text: &str) -> Number {
    let text = text.strip_prefix('+').unwrap_or(text);
    let is_sign = |c: char| !c.is_ascii_digit();
    let signs: Vec<char> = text.chars().filter(|c| is_sign(*c)).collect();
    let groups: Vec<&str> = text.split(is_sign).collect();
    let is_grouped = || {
        let (first, others) = groups.split_first().unwrap_or((&"", &[]));
        let one_sign = signs.windows(2).all(|pair| pair[0] == pair[1]);
        one_sign
            && signs.first() != Some(&'-')
            && (1..=3).contains(&first.len())
            && !first.starts_with('0')
            && others.iter().all(|group| group.len() == 3)
    };
    if text.is_empty() || !(signs.is_empty() || is_grouped()) {
        return Number::Other;
    }
    Number::Whole(groups.concat().parse().unwrap_or(u64::MAX))
}
