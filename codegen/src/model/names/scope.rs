use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::identifier::escaped;

/// A name that was given.
pub(super) struct Given {
    pub(super) name: String,
    /// Who kept the plain name from this claim.
    pub(super) lost_to: Option<Rival>,
}

/// Who has a name that somebody else wants.
#[derive(Clone, Copy)]
pub(super) enum Rival {
    /// The claim at this place.
    Claim(usize),
    /// None of the claims.
    Reserved,
}

/// Gives each claim a name of its own: who comes first keeps the plain one, the others have their
/// suffix behind it.
///
/// First everybody who can has a plain name, then the others get theirs. So a suffix never takes a
/// plain name away, and a name depends only on who wants the same.
pub(super) fn settle(plain: Vec<String>, reserved: &[&str], suffix: impl Fn(usize) -> String) -> Vec<Given> {
    let lost = losses(&plain, reserved, suffix);
    let given = |(plain, lost)| match lost {
        Some((name, rival)) => Given { name, lost_to: Some(rival) },
        None => Given { name: plain, lost_to: None },
    };
    plain.into_iter().zip(lost).map(given).collect()
}

/// By claim, the name it has instead of the plain one, and who has that.
fn losses(
    plain: &[String],
    reserved: &[&str],
    suffix: impl Fn(usize) -> String,
) -> Vec<Option<(String, Rival)>> {
    let mut scope = Scope { taken: HashMap::with_capacity(plain.len()), wanted: HashMap::new() };
    scope.taken.extend(reserved.iter().map(|&name| (Cow::Borrowed(name), Rival::Reserved)));
    let rivals: Vec<_> = plain.iter().enumerate().map(|(at, name)| scope.take(at, name)).collect();
    let lose = |(at, rival): (usize, Option<Rival>)| {
        rival.map(|rival| (scope.suffixed(&plain[at], &suffix(at)), rival))
    };
    rivals.into_iter().enumerate().map(lose).collect()
}

struct Scope<'n> {
    taken: HashMap<Cow<'n, str>, Rival>,
    /// By suffixed name, how many wanted it.
    wanted: HashMap<String, usize>,
}

impl<'n> Scope<'n> {
    /// Takes a plain name, unless somebody else has it.
    fn take(&mut self, at: usize, name: &'n str) -> Option<Rival> {
        match self.taken.entry(Cow::Borrowed(name)) {
            Entry::Occupied(other) => Some(*other.get()),
            Entry::Vacant(free) => {
                free.insert(Rival::Claim(at));
                None
            }
        }
    }

    fn suffixed(&mut self, plain: &str, suffix: &str) -> String {
        // A keyword is none with something behind it.
        let stem = format!("{}{suffix}", plain.trim_end_matches('_'));
        let wanted = self.wanted.entry(stem.clone()).or_default();
        loop {
            *wanted += 1;
            let name = match *wanted {
                1 => escaped(stem.clone()),
                // A digit right behind a digit would read as another number.
                count if stem.ends_with(|c: char| c.is_ascii_digit()) => format!("{stem}_{count}"),
                count => format!("{stem}{count}"),
            };
            if let Entry::Vacant(free) = self.taken.entry(Cow::Owned(name)) {
                let name = free.key().clone().into_owned();
                free.insert(Rival::Reserved);
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(claims: &[(&str, &str)]) -> Vec<String> {
        let plain = claims.iter().map(|&(plain, _)| escaped(plain.to_owned())).collect();
        let given = settle(plain, &["reserved"], |at| claims[at].1.to_owned());
        given.into_iter().map(|given| given.name).collect()
    }

    #[test]
    fn the_first_keeps_the_plain_name() {
        assert_eq!(names(&[("a", "_n1"), ("a", "_n2"), ("b", "_n3")]), ["a", "a_n2", "b"]);
    }

    #[test]
    fn a_suffix_takes_no_plain_name() {
        assert_eq!(names(&[("a", "_n1"), ("a", "_n2"), ("a_n2", "_n3")]), ["a", "a_n2_2", "a_n2"]);
    }

    #[test]
    fn the_same_suffix_twice_is_counted() {
        assert_eq!(names(&[("a", "_x"), ("a", "_x"), ("a", "_x")]), ["a", "a_x", "a_x2"]);
    }

    #[test]
    fn reserved_names_and_keywords_are_not_given() {
        assert_eq!(
            names(&[("reserved", "_n1"), ("type", "_n2"), ("type", "_n3")]),
            ["reserved_n1", "type_", "type_n3"]
        );
    }
}
