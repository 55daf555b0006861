use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::base_name::escaped;

/// The name that a request got.
pub(super) struct Given {
    pub(super) name: String,
    /// What has the plain name instead.
    pub(super) collision: Option<Collision>,
}

/// What has a name already.
#[derive(Clone, Copy)]
pub(super) enum Collision {
    /// The request with this index.
    Request(usize),
    /// None of the requests.
    Reserved,
}

/// Gives each request a name of its own: the first keeps the plain one, the others get their suffix after it.
///
/// All plain names are given before the first suffixed one. So a suffixed name never takes a plain one away,
/// and a name depends only on requests for the same one.
pub(super) fn resolve_collisions(
    plain: Vec<String>,
    reserved: &[&str],
    suffix: impl Fn(usize) -> String,
) -> Vec<Given> {
    let renamed = renamed(&plain, reserved, suffix);
    let given = |(plain, renamed)| match renamed {
        Some((name, collision)) => Given { name, collision: Some(collision) },
        None => Given { name: plain, collision: None },
    };
    plain.into_iter().zip(renamed).map(given).collect()
}

/// By request: the name it gets instead of the plain one, and the owner of the plain one.
fn renamed(
    plain: &[String],
    reserved: &[&str],
    suffix: impl Fn(usize) -> String,
) -> Vec<Option<(String, Collision)>> {
    let mut scope = Scope { taken: HashMap::with_capacity(plain.len()), wanted: HashMap::new() };
    scope.taken.extend(reserved.iter().map(|&name| (Cow::Borrowed(name), Collision::Reserved)));
    let collisions: Vec<_> = plain.iter().enumerate().map(|(at, name)| scope.take(at, name)).collect();
    let rename = |(at, collision): (usize, Option<Collision>)| {
        collision.map(|collision| (scope.suffixed(&plain[at], &suffix(at)), collision))
    };
    collisions.into_iter().enumerate().map(rename).collect()
}

struct Scope<'n> {
    taken: HashMap<Cow<'n, str>, Collision>,
    /// By suffixed name: how many requests wanted it.
    wanted: HashMap<String, usize>,
}

impl<'n> Scope<'n> {
    /// Takes a plain name, unless it is taken.
    fn take(&mut self, at: usize, name: &'n str) -> Option<Collision> {
        match self.taken.entry(Cow::Borrowed(name)) {
            Entry::Occupied(other) => Some(*other.get()),
            Entry::Vacant(free) => {
                free.insert(Collision::Request(at));
                None
            }
        }
    }

    fn suffixed(&mut self, plain: &str, suffix: &str) -> String {
        // With a suffix it is no keyword.
        let base = format!("{}{suffix}", plain.trim_end_matches('_'));
        let wanted = self.wanted.entry(base.clone()).or_default();
        loop {
            *wanted += 1;
            let name = match *wanted {
                1 => escaped(base.clone()),
                // A digit right after a digit would read as another number.
                count if base.ends_with(|c: char| c.is_ascii_digit()) => format!("{base}_{count}"),
                count => format!("{base}{count}"),
            };
            if let Entry::Vacant(free) = self.taken.entry(Cow::Owned(name)) {
                let name = free.key().clone().into_owned();
                free.insert(Collision::Reserved);
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(requests: &[(&str, &str)]) -> Vec<String> {
        let plain = requests.iter().map(|&(plain, _)| escaped(plain.to_owned())).collect();
        let given = resolve_collisions(plain, &["reserved"], |at| requests[at].1.to_owned());
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
