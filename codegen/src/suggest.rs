//! Guesses which word was meant by one that is misspelled. Compares letters regardless of case.

/// Longer words are not compared, so that a comparison takes constant time.
const LONGEST: usize = 40;

/// The candidate with the smallest edit distance to `word`, if at most a third of the letters differ.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if word.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|&(distance, _)| distance * 3 <= word.len().max(3))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Is the edit distance of `word` to `meant` at most `most`?
pub(crate) fn is_typo(word: &str, meant: &str, most: usize) -> bool {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    distance(&word, meant) <= most
}

/// The edit distance (Levenshtein): how many letters have to be inserted, removed or replaced.
fn distance(word: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (i, c) in candidate.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &w) in word.iter().enumerate() {
            let replaced = diagonal + usize::from(w != c);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[word.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_closest_word_differs_in_few_letters() {
        let shapes = ["circle", "rectangle", "diamond", "taskbox"];
        for (word, near) in [("cirle", "circle"), ("Rectangel", "rectangle"), ("task_box", "taskbox")] {
            assert_eq!(closest(word, shapes), Some(near));
        }
        assert_eq!(closest("hexagon", shapes), None);
        assert_eq!(closest(&"circle".repeat(100_000), shapes), None);
    }
}
