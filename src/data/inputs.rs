//! Reading the inputs of a visit.

use std::sync::Arc;

use super::store::{Data, Movable};
use crate::fault::{Fault, Result};
use crate::flow::Node;
use crate::outcome::Cause;
use crate::plan::NodeSpec;
use crate::routing::{Route, ValueId};
use crate::visit::{Key, Visit};

/// The inputs of a visit or of an end, by their position in [`NodeSpec::takes`]. Generated code reads them.
///
/// A method gets a function that reads the value's variant. Each method faults if the input has another form or
/// type. Such a fault is a bug of flowgen, or of a plan that was written by hand. The step has done nothing then.
#[derive(Debug)]
pub struct Inputs<'a, V> {
    values: &'a Data<V>,
    node: &'static NodeSpec,
    routes: &'a [Route],
    visit: Option<&'a Visit>,
}

/// The visit that a compensation undoes.
///
/// # Examples
///
/// ```
/// use flowgen::data::Undo;
///
/// struct Charge {
///     id: String,
/// }
///
/// fn refund(undo: Undo<'_, Charge>) -> String {
///     match undo {
///         Undo::Done(charge) => format!("refund charge {}", charge.id),
///         // The provider finds the charge by the key that the step has passed to it.
///         Undo::InDoubt(key) => format!("refund what was charged under {key}, if anything was"),
///     }
/// }
/// assert_eq!(refund(Undo::Done(&Charge { id: "c1".to_owned() })), "refund charge c1");
/// ```
#[derive(Debug)]
pub enum Undo<'a, T = ()> {
    /// The step was done and gave this value.
    Done(&'a T),
    /// The step may have been done. This is the idempotency key of the visit.
    InDoubt(Key<'a>),
}

impl<T> Clone for Undo<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Undo<'_, T> {}

impl<'a, V> Inputs<'a, V> {
    /// The inputs of a visit.
    #[must_use]
    pub fn new(values: &'a Data<V>, visit: &'a Visit) -> Self {
        let routes = visit.routing().and_then(|routing| routing.routes.as_deref()).unwrap_or_default();
        Self { values, node: visit.node(), routes, visit: Some(visit) }
    }

    /// The inputs of an end that a run has reached.
    pub(crate) fn for_end(values: &'a Data<V>, node: &'static NodeSpec, routes: &'a [Route]) -> Self {
        Self { values, node, routes, visit: None }
    }

    /// Reads an input that every path gives.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn one<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<&'a T> {
        self.optional(at, read)?.ok_or_else(|| self.missing(at))
    }

    /// Reads an input that some paths give.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn optional<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<Option<&'a T>> {
        let id = self.id(at)?;
        id.map(|id| self.value(at, id, read).map(|value| &**value)).transpose()
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn list<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<Vec<&'a T>> {
        let ids = self.ids(at)?;
        ids.iter().map(|id| self.value(at, *id, read).map(|value| &**value)).collect()
    }

    /// Moves an input out of the run.
    ///
    /// # Errors
    ///
    /// If the value was moved before, by an earlier attempt, or if the input has another form or type.
    pub fn moved<T>(&self, at: usize, read: fn(&V) -> Option<&Movable<T>>) -> Result<T> {
        let id = self.id(at)?.ok_or_else(|| self.missing(at))?;
        let moved = self.value(at, id, read)?;
        moved.take().ok_or_else(|| self.bug(at, "was moved by an earlier attempt"))
    }

    /// Reads the cause of the rollback.
    ///
    /// # Errors
    ///
    /// If the input has another form, or the run is not rolling back.
    pub fn cause<N: Node>(&self, at: usize) -> Result<Cause<N>> {
        match self.routes.get(at) {
            Some(Route::Cause) => {}
            _ => return Err(self.bug(at, "is not the cause of the rollback")),
        }
        let cause = self.visit.and_then(Visit::cause).and_then(Cause::for_flow);
        cause.ok_or_else(|| self.bug(at, "is the cause of a rollback, and there is none"))
    }

    /// Reads an input of an end that every path gives.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn shared<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<Arc<T>> {
        self.shared_optional(at, read)?.ok_or_else(|| self.missing(at))
    }

    /// Reads an input of an end that some paths give.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn shared_optional<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<Option<Arc<T>>> {
        let id = self.id(at)?;
        id.map(|id| self.value(at, id, read).map(Arc::clone)).transpose()
    }

    /// Reads a list of an end.
    ///
    /// # Errors
    ///
    /// If the input has another form or type.
    pub fn shared_list<T>(&self, at: usize, read: fn(&V) -> Option<&Arc<T>>) -> Result<Vec<Arc<T>>> {
        self.ids(at)?.iter().map(|id| self.value(at, *id, read).map(Arc::clone)).collect()
    }

    /// Reads what a compensation undoes, for a step that gives a value.
    ///
    /// # Errors
    ///
    /// If this is not a visit of a compensation, or the value has another type.
    pub fn undo<T>(&self, read: fn(&V) -> Option<&Arc<T>>) -> Result<Undo<'a, T>> {
        Ok(match self.undo_of_nothing()? {
            Undo::InDoubt(key) => Undo::InDoubt(key),
            Undo::Done(()) => {
                let id = self.visit.and_then(Visit::routing).and_then(|routing| routing.undoes_value);
                let value = id.and_then(|id| self.values.get(id)).and_then(read);
                let what = "undoes a visit whose value has another type, or is gone";
                Undo::Done(&**value.ok_or_else(|| self.bug_of_node(what))?)
            }
        })
    }

    /// Reads what a compensation undoes, for a step that gives no value.
    ///
    /// # Errors
    ///
    /// If this is not a visit of a compensation.
    pub fn undo_of_nothing(&self) -> Result<Undo<'a>> {
        let visit = self.visit.and_then(|visit| Some((visit.routing(), visit.undoes()?)));
        match visit {
            Some((Some(routing), _)) if routing.undoes_done => Ok(Undo::Done(&())),
            Some((_, key)) => Ok(Undo::InDoubt(key)),
            None => Err(self.bug_of_node("undoes no visit")),
        }
    }

    /// The fault of a decision that is called although a step answers it.
    #[must_use]
    pub fn is_answered(&self) -> Fault {
        self.bug_of_node("was to be decided, and the step before it answers it")
    }

    fn id(&self, at: usize) -> Result<Option<ValueId>> {
        match self.routes.get(at) {
            Some(Route::One(_, id)) => Ok(*id),
            _ => Err(self.bug(at, "is not a single value")),
        }
    }

    fn ids(&self, at: usize) -> Result<&'a [ValueId]> {
        match self.routes.get(at) {
            Some(Route::List(_, ids)) => Ok(ids),
            _ => Err(self.bug(at, "is not a list")),
        }
    }

    fn value<T>(&self, at: usize, id: ValueId, read: fn(&V) -> Option<&T>) -> Result<&'a T> {
        let value =
            self.values.get(id).ok_or_else(|| self.bug(at, "is a value that the run does not have"))?;
        read(value).ok_or_else(|| self.bug(at, "has another type"))
    }

    #[cold]
    fn missing(&self, at: usize) -> Fault {
        self.bug(at, "was given by no visit")
    }

    #[cold]
    fn bug(&self, at: usize, what: &str) -> Fault {
        self.bug_of_node(&format!("takes an input at position {at} that {what}"))
    }

    #[cold]
    fn bug_of_node(&self, what: &str) -> Fault {
        let NodeSpec { label, id, .. } = self.node;
        Fault::not_done(format!("flowgen bug: `{label}` ({id}) {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Kind;
    use crate::routing::Routing;

    #[derive(Debug)]
    enum Value {
        Order(Arc<String>),
        Parcel(Arc<u32>),
        Body(Movable<String>),
    }

    fn order(value: &Value) -> Option<&Arc<String>> {
        if let Value::Order(order) = value { Some(order) } else { None }
    }

    fn parcel(value: &Value) -> Option<&Arc<u32>> {
        if let Value::Parcel(parcel) = value { Some(parcel) } else { None }
    }

    fn body(value: &Value) -> Option<&Movable<String>> {
        if let Value::Body(body) = value { Some(body) } else { None }
    }

    static STEP: NodeSpec = NodeSpec::new("n4", "Send", 0, Kind::Step);
    static UNDONE: NodeSpec = NodeSpec::new("n3", "Reserve", 0, Kind::Step);

    const FIRST: ValueId = ValueId::FIRST;

    fn data() -> Data<Value> {
        let mut data = Data::with_input(Value::Order(Arc::new("cup".to_owned())));
        data.insert(FIRST.next(), Value::Parcel(Arc::new(7)));
        data.insert(FIRST.next().next(), Value::Body(Movable::new("text".to_owned())));
        data
    }

    fn visit(routes: Vec<Route>) -> Visit {
        let routing = Routing { routes: Some(routes.into()), ..Routing::default() };
        Visit::new("r", &STEP, 1).with_routing(routing)
    }

    #[test]
    fn inputs_are_read_by_position() {
        let data = data();
        let visit = visit(vec![
            Route::One(0, Some(FIRST)),
            Route::One(1, None),
            Route::List(1, vec![FIRST.next(), FIRST.next()]),
            Route::One(2, Some(FIRST.next().next())),
        ]);
        let inputs = Inputs::new(&data, &visit);
        assert_eq!(inputs.one(0, order).unwrap(), "cup");
        assert_eq!(inputs.optional(1, parcel).unwrap(), None);
        assert_eq!(inputs.list(2, parcel).unwrap(), [&7, &7]);
        assert_eq!(inputs.shared_list(2, parcel).unwrap(), [Arc::new(7), Arc::new(7)]);
        assert_eq!(inputs.moved(3, body).unwrap(), "text");
        assert!(inputs.moved(3, body).unwrap_err().to_string().ends_with("was moved by an earlier attempt"));
    }

    #[test]
    fn what_can_not_be_read_is_a_fault_without_effect() {
        let data = data();
        let unknown = (0..9).fold(FIRST, |id, _| id.next());
        let routes = vec![
            Route::One(0, None),
            Route::List(1, vec![FIRST]),
            Route::Cause,
            Route::One(0, Some(unknown)),
        ];
        let visit = visit(routes);
        let inputs = Inputs::new(&data, &visit);
        let faults = [
            inputs.one(0, order).map(drop),
            inputs.one(1, order).map(drop),
            inputs.one(9, order).map(drop),
            inputs.optional(2, order).map(drop),
            inputs.list(0, order).map(drop),
            inputs.list(1, parcel).map(drop),
            inputs.shared_list(9, parcel).map(drop),
            inputs.one(3, order).map(drop),
            inputs.moved(0, body).map(drop),
            inputs.undo(parcel).map(drop),
            inputs.undo_of_nothing().map(drop),
        ];
        for fault in faults.map(Result::unwrap_err) {
            assert!(fault.to_string().starts_with("flowgen bug: `Send` (n4) "), "{fault}");
            assert!(fault.is_not_done(), "{fault}");
        }
    }

    #[test]
    fn a_compensation_gets_the_value_of_what_it_undoes() {
        let data = data();
        let undoing = |routing| Visit::new("r", &STEP, 1).undoing(&UNDONE, 2).with_routing(routing);
        let done =
            undoing(Routing { undoes_done: true, undoes_value: Some(FIRST.next()), ..Routing::default() });
        let inputs = Inputs::new(&data, &done);
        assert!(matches!(inputs.undo(parcel).unwrap(), Undo::Done(7)));
        assert!(matches!(inputs.undo_of_nothing().unwrap(), Undo::Done(())));
        assert!(inputs.undo(order).is_err());
        let in_doubt = undoing(Routing { undoes_value: Some(FIRST.next()), ..Routing::default() });
        let Undo::InDoubt(key) = Inputs::new(&data, &in_doubt).undo(parcel).unwrap() else { panic!() };
        assert_eq!(key.to_string(), "r/n3/2");
    }
}
