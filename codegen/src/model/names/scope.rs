use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::identifier::escaped;

/// Names of which each may be there once: who comes first keeps the plain one.
///
/// First everybody who can has a plain name, then the others get theirs. So a suffix never takes a
/// plain name away, and a name depends only on who wants the same.
#[derive(Default)]
pub(super) struct Scope {
    taken: HashMap<String, Rival>,
    /// By suffixed name, how many wanted it.
    wanted: HashMap<String, usize>,
}

/// Who wants a name, and what is put behind it where somebody else has it.
pub(super) struct Claim {
    pub(super) plain: String,
    pub(super) suffix: String,
}

/// Who has a name that somebody else wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rival {
    /// The claim at this place.
    Claim(usize),
    /// None of the claims.
    Reserved,
}

/// A name that was given.
pub(super) struct Given {
    pub(super) name: String,
    /// Who kept the plain name from this claim.
    pub(super) lost_to: Option<Rival>,
}

impl Scope {
    /// A scope in which some names are not to be had.
    pub(super) fn without<'a>(reserved: impl IntoIterator<Item = &'a str>) -> Self {
        let taken = reserved.into_iter().map(|name| (name.to_owned(), Rival::Reserved)).collect();
        Self { taken, wanted: HashMap::new() }
    }

    /// Gives each claim a name of its own.
    pub(super) fn settle(mut self, claims: &[Claim]) -> Vec<Given> {
        for (at, claim) in claims.iter().enumerate() {
            self.taken.entry(escaped(claim.plain.clone())).or_insert(Rival::Claim(at));
        }
        claims.iter().enumerate().map(|(at, claim)| self.name(at, claim)).collect()
    }

    fn name(&mut self, at: usize, claim: &Claim) -> Given {
        let plain = escaped(claim.plain.clone());
        match self.taken.get(&plain) {
            Some(&rival) if rival != Rival::Claim(at) => {
                Given { name: self.suffixed(claim), lost_to: Some(rival) }
            }
            _ => Given { name: plain, lost_to: None },
        }
    }

    fn suffixed(&mut self, claim: &Claim) -> String {
        let stem = format!("{}{}", claim.plain, claim.suffix);
        let wanted = self.wanted.entry(stem.clone()).or_default();
        loop {
            *wanted += 1;
            let name = match *wanted {
                1 => escaped(stem.clone()),
                // A digit right behind a digit would read as another number.
                count if stem.ends_with(|c: char| c.is_ascii_digit()) => format!("{stem}_{count}"),
                count => format!("{stem}{count}"),
            };
            if let Entry::Vacant(free) = self.taken.entry(name) {
                let name = free.key().clone();
                free.insert(Rival::Reserved);
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(claims: &[(&str, &str)]) -> Vec<String> {
        let claims: Vec<_> = claims
            .iter()
            .map(|(plain, suffix)| Claim { plain: (*plain).into(), suffix: (*suffix).into() })
            .collect();
        Scope::without(["reserved"]).settle(&claims).into_iter().map(|given| given.name).collect()
    }

    #[test]
    fn the_first_keeps_the_plain_name() {
        assert_eq!(settle(&[("a", "_n1"), ("a", "_n2"), ("b", "_n3")]), ["a", "a_n2", "b"]);
    }

    #[test]
    fn a_suffix_takes_no_plain_name() {
        assert_eq!(settle(&[("a", "_n1"), ("a", "_n2"), ("a_n2", "_n3")]), ["a", "a_n2_2", "a_n2"]);
    }

    #[test]
    fn the_same_suffix_twice_is_counted() {
        assert_eq!(settle(&[("a", "_x"), ("a", "_x"), ("a", "_x")]), ["a", "a_x", "a_x2"]);
    }

    #[test]
    fn reserved_names_and_keywords_are_not_given() {
        assert_eq!(
            settle(&[("reserved", "_n1"), ("type", "_n2"), ("type", "_n3")]),
            ["reserved_n1", "type_", "type_n3"]
        );
    }
}
