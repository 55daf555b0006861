//! The meaning of a declaration: nodes, names, types and outcomes resolved.
//!
//! [`declare_data`] always leaves data that holds its invariants. What could not be resolved is left out.

mod cycles;
mod error;
mod fusing;
mod nodes;
mod values;

use std::collections::{BTreeMap, BTreeSet};

pub use error::{DataError, NotFusable};
pub(crate) use nodes::declared_name;

use super::data::{Data, Gives, NodeData, Take, Taken};
use super::{Kind, Model, NodeIx};
use crate::syntax::declaration::{DataItem, Declaration, Input, InputForm, Outputs};
use nodes::NodeNames;
use values::ValueNames;

/// Adds the declared data to a model, and returns what is wrong with the declaration.
#[must_use]
pub fn declare_data(model: &mut Model, declaration: &Declaration) -> Vec<DataError> {
    let mut errors = Vec::new();
    let values = ValueNames::new(declaration, &mut errors);
    let nodes = NodeNames::new(model);
    let mut resolver = Resolver { model, values, errors, data: Data::default() };
    resolver.data.incomplete = declaration.incomplete;
    let mut items = Vec::new();
    for item in &declaration.items {
        items.extend(resolver.node(&nodes, item).map(|node| (node, item)));
    }
    for &(node, item) in &items {
        let gives = resolver.gives(node, item);
        let entry = NodeData { takes: Vec::new(), gives, span: item.node.span() };
        resolver.data.nodes.insert(node, entry);
    }
    resolver.drop_items_of_fused_decisions();
    for &(node, item) in &items {
        let takes = resolver.takes(node, item);
        if let Some(entry) = resolver.data.nodes.get_mut(&node) {
            entry.takes = takes;
        }
    }
    resolver.check_moved();
    let Resolver { values, errors, mut data, .. } = resolver;
    data.uses.clone_from(&declaration.uses);
    data.names = values.names;
    data.add_givers();
    data.cycles = cycles::cycles(model);
    model.data = Some(data);
    errors
}

struct Resolver<'m> {
    model: &'m Model,
    values: ValueNames,
    errors: Vec<DataError>,
    data: Data,
}

impl Resolver<'_> {
    /// The node of an item, if it is the first item of that node.
    fn node(&mut self, nodes: &NodeNames, item: &DataItem) -> Option<NodeIx> {
        let name = item.node.clone();
        let (span, found) = (name.span(), nodes.find(self.model, &name));
        let node = match found[..] {
            [node] => node,
            [] => {
                self.data.incomplete = true;
                self.errors.push(DataError::UnknownNode { name });
                return None;
            }
            _ => {
                self.data.incomplete = true;
                self.errors.push(DataError::AmbiguousNode { name, nodes: found });
                return None;
            }
        };
        if let Some(first) = self.data.nodes.get(&node) {
            self.errors.push(DataError::SecondItem { span, node, first: first.span });
            self.data.incomplete = true;
            return None;
        }
        // Holds the place of the node, so that a second item is noticed.
        let entry = NodeData { takes: Vec::new(), gives: Gives::Nothing, span };
        self.data.nodes.insert(node, entry);
        Some(node)
    }

    /// A fused decision is answered by its step, so that it takes nothing itself.
    fn drop_items_of_fused_decisions(&mut self) {
        let fused: BTreeMap<_, _> =
            self.data.nodes.iter().filter_map(|(&step, data)| Some((data.gives.decision()?, step))).collect();
        for (decision, step) in fused {
            if let Some(NodeData { span, .. }) = self.data.nodes.remove(&decision) {
                self.errors.push(DataError::FusedDecision { span, decision, step });
            }
        }
    }

    fn takes(&mut self, node: NodeIx, item: &DataItem) -> Vec<Taken> {
        let takes_nothing = matches!(self.model[node].kind, Kind::Start | Kind::Milestone);
        if let (true, Some(first)) = (takes_nothing, item.inputs.first()) {
            self.errors.push(DataError::TakesNothing { node, span: first.span });
            return Vec::new();
        }
        let mut takes: Vec<Taken> = Vec::new();
        for input in &item.inputs {
            let Some(take) = self.take(input) else { continue };
            match takes.iter().find(|taken| taken.take.name() == take.name()) {
                Some(&Taken { span: first, .. }) => {
                    let name = input.name.clone();
                    self.errors.push(DataError::TakenTwice { name, span: input.span, first });
                }
                None => takes.push(Taken { take, span: input.span }),
            }
        }
        takes
    }

    /// A value that one node moves is moved by all that take it: it can't be borrowed.
    fn check_moved(&mut self) {
        let all = || self.data.nodes.values().flat_map(|node| &node.takes);
        let mut checked = BTreeSet::new();
        for Taken { take, span: moved } in all() {
            let Take::Moved(name) = *take else { continue };
            if !checked.insert(name) {
                continue;
            }
            let others = all().filter(|taken| taken.take.name() == Some(name) && taken.take != *take);
            let name = &self.values.names[name.0].name;
            self.errors.extend(others.map(|other| DataError::NotMoved {
                name: name.clone(),
                span: other.span,
                moved: *moved,
            }));
        }
    }

    fn take(&mut self, input: &Input) -> Option<Take> {
        if input.form == InputForm::Cause {
            return Some(Take::Cause);
        }
        let Some(name) = self.values.find(&input.name.text) else {
            if values::is_reserved(&input.name.text) {
                self.errors.push(DataError::ReservedName { name: input.name.clone() });
            } else if !self.data.incomplete {
                self.errors.push(DataError::UnknownName { name: input.name.clone() });
            }
            return None;
        };
        match input.form {
            InputForm::One => Some(Take::One(name)),
            InputForm::Optional => Some(Take::Optional(name)),
            InputForm::List => Some(Take::List(name)),
            InputForm::Moved => Some(Take::Moved(name)),
            InputForm::Cause => Some(Take::Cause),
        }
    }

    fn gives(&mut self, node: NodeIx, item: &DataItem) -> Gives {
        let Some(outputs) = &item.outputs else {
            self.done_is_unused(node, item);
            return Gives::Nothing;
        };
        let can_give = match self.model[node].kind {
            Kind::Start => matches!(outputs, Outputs::Value(_)),
            Kind::Step | Kind::Task => !self.model[node].is_compensation(),
            Kind::End | Kind::Milestone | Kind::Decision => false,
        };
        if !can_give {
            self.errors.push(DataError::GivesNothing { node, span: item.node.span() });
            self.data.incomplete = true;
            return Gives::Nothing;
        }
        match outputs {
            Outputs::Value(output) => {
                self.done_is_unused(node, item);
                self.values.find(&output.name.text).map_or(Gives::Nothing, Gives::Value)
            }
            Outputs::Outcomes(outcomes) => self.fused(node, item, outcomes).unwrap_or_else(|| {
                self.data.incomplete = true;
                Gives::Nothing
            }),
        }
    }

    fn done_is_unused(&mut self, node: NodeIx, item: &DataItem) {
        if let Some(first) = item.done.first() {
            self.errors.push(DataError::DoneUnused { span: first.span, node });
        }
    }
}
