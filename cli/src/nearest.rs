//! Suggestions for misspelled words.

use strsim::damerau_levenshtein;

/// Returns the candidate most similar to `word`, if any is similar enough; the first one of equals.
pub(crate) fn nearest(
    word: &str,
    candidates: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| distance * 2 <= word.chars().count().max(candidate.chars().count()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 3] = ["saga", "api-gateway", "cqrs"];

    #[test]
    fn a_slip_finds_the_word() {
        assert_eq!(nearest("sgaa", WORDS), Some("saga"));
        assert_eq!(nearest("API_Gateway", WORDS), Some("api-gateway"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("blockchain", WORDS), None);
        assert_eq!(nearest("", WORDS), None);
    }
}
