//! The values of a run, by id.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fault::{Fault, Result};
use crate::flow::Did;
use crate::routing::ValueId;
use crate::visit::Visit;

/// The values of a run: the context of a typed flow.
///
/// `V` is the generated enum of values. Its variants hold each value in an [`Arc`], so a copy of the store shares
/// them.
#[derive(Clone, PartialEq, Eq)]
pub struct Data<V> {
    /// Sorted by id.
    values: Vec<(ValueId, V)>,
}

impl<V> Data<V> {
    /// Creates the context of a run from a start without input.
    #[must_use]
    pub const fn new() -> Self {
        Self { values: Vec::new() }
    }

    /// Creates the context of a run from a start with this input.
    #[must_use]
    pub fn with_input(input: V) -> Self {
        Self { values: vec![(ValueId::FIRST, input)] }
    }

    /// Returns a value.
    #[must_use]
    pub fn get(&self, id: ValueId) -> Option<&V> {
        self.position(id).ok().map(|at| &self.values[at].1)
    }

    /// The values with their ids, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = (ValueId, &V)> {
        self.values.iter().map(|(id, value)| (*id, value))
    }

    /// Adds a value. For engines that save values one by one; generated code calls [`Data::give`].
    pub fn insert(&mut self, id: ValueId, value: V) {
        match self.position(id) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (id, value)),
        }
    }

    /// Stores the value that a visit gives.
    ///
    /// # Errors
    ///
    /// If the plan does not say that the node gives a value.
    pub fn give(&mut self, visit: &Visit, value: V) -> Result {
        let node = visit.node();
        let Some(id) = visit.routing().and_then(|routing| routing.value) else {
            let (label, id) = (node.label, node.id);
            return Err(Fault::new(format!(
                "flowgen bug: `{label}` ({id}) gives a value, and its plan none"
            )));
        };
        self.insert(id, value);
        Ok(())
    }

    /// Stores the value of an inquiry that was answered with [`Did::Done`], and returns the answer without it.
    ///
    /// # Errors
    ///
    /// As for [`Data::give`].
    pub fn answer(&mut self, visit: &Visit, did: Did<V>) -> Result<Did> {
        Ok(match did {
            Did::Done(value) => {
                self.give(visit, value)?;
                Did::Done(())
            }
            Did::NotDone => Did::NotDone,
            Did::Unknown => Did::Unknown,
        })
    }

    /// Adds the values of a branch, at the join. No value differs between the two, because values never change.
    pub fn join(&mut self, branch: Self) {
        for (id, value) in branch.values {
            if let Err(at) = self.position(id) {
                self.values.insert(at, (id, value));
            }
        }
    }

    /// Removes the values that are not needed.
    pub fn retain(&mut self, is_needed: &dyn Fn(ValueId) -> bool) {
        self.values.retain(|(id, _)| is_needed(*id));
    }

    /// The position of an id, or where to insert it.
    fn position(&self, id: ValueId) -> Result<usize, usize> {
        self.values.binary_search_by_key(&id, |(id, _)| *id)
    }
}

impl<V> Default for Data<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: fmt::Debug> fmt::Debug for Data<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.values.iter().map(|(id, value)| (id.get(), value))).finish()
    }
}

/// A value that one step takes out of the run, declared as `take x`.
///
/// Copies share the value.
pub struct Movable<T>(Arc<Mutex<Option<T>>>);

impl<T> Movable<T> {
    /// Creates a value that can be taken once.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// Takes the value. `None` if it was taken before.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Movable<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Movable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Movable")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Kind, NodeSpec};
    use crate::routing::Routing;

    static RESERVE: NodeSpec = NodeSpec::new("n3", "Reserve", 0, Kind::Step);

    fn visit(value: Option<ValueId>) -> Visit {
        Visit::new("r", &RESERVE, 1).with_routing(Routing { value, ..Routing::default() })
    }

    #[test]
    fn a_join_is_the_union() {
        let second = ValueId::FIRST.next();
        let mut data = Data::with_input("order");
        let (mut left, mut right) = (data.clone(), data.clone());
        left.give(&visit(Some(second.next())), "label").unwrap();
        right.give(&visit(Some(second)), "courier").unwrap();
        data.join(left);
        data.join(right);
        assert_eq!(format!("{data:?}"), r#"{1: "order", 2: "courier", 3: "label"}"#);
        data.retain(&|id| id != second);
        assert_eq!((data.get(second), data.get(second.next())), (None, Some(&"label")));
    }

    #[test]
    fn a_value_that_the_plan_does_not_know_is_a_fault() {
        let mut data = Data::new();
        for visit in [visit(None), Visit::new("r", &RESERVE, 1)] {
            let fault = data.give(&visit, "parcel").unwrap_err();
            assert_eq!(fault.to_string(), "flowgen bug: `Reserve` (n3) gives a value, and its plan none");
        }
        assert_eq!(data, Data::default());
    }

    #[test]
    fn an_answer_stores_its_value() {
        let mut data = Data::new();
        let visit = visit(Some(ValueId::FIRST));
        assert_eq!(data.answer(&visit, Did::NotDone).unwrap(), Did::NotDone);
        assert_eq!(data.answer(&visit, Did::Unknown).unwrap(), Did::Unknown);
        assert_eq!(data.get(ValueId::FIRST), None);
        assert_eq!(data.answer(&visit, Did::Done("parcel")).unwrap(), Did::Done(()));
        assert_eq!(data.get(ValueId::FIRST), Some(&"parcel"));
    }

    #[test]
    fn a_value_is_moved_once() {
        let body = Movable::new(vec![1]);
        let copy = body.clone();
        assert_eq!((copy.take(), body.take()), (Some(vec![1]), None));
    }
}
