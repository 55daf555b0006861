use std::collections::HashMap;

use super::DataError;
use crate::model::data::{DataName, NameIx};
use crate::source::Span;
use crate::syntax::declaration::{DataItem, Declaration, Output, Outputs, TypeText};
use crate::syntax::is_keyword;

/// The names that items give.
pub(super) struct ValueNames {
    pub(super) names: Vec<DataName>,
    by_name: HashMap<String, NameIx>,
}

impl ValueNames {
    /// Collects the names of all items, also of those whose node does not exist.
    pub(super) fn new(declaration: &Declaration, errors: &mut Vec<DataError>) -> Self {
        let imports = declaration.uses.iter().flat_map(|import| &import.names);
        let imports: HashMap<&str, Span> = imports.map(|name| (name.text.as_str(), name.span)).collect();
        let mut values = Self { names: Vec::new(), by_name: HashMap::new() };
        for output in declaration.items.iter().flat_map(outputs) {
            let Output { name, type_text } = output;
            errors.extend(unknown_types(type_text, &imports, declaration.incomplete));
            if is_reserved(&name.text) {
                errors.push(DataError::ReservedName { name: name.clone() });
                if !is_parameter(&name.text) {
                    continue;
                }
                // It is valid as a name of a field. So the code that uses it has no errors beside this one.
            }
            if let Some(first) = values.find(&name.text) {
                errors.extend(values.two_types(first, output));
                continue;
            }
            if let Some(&import) = imports.get(name.text.as_str()) {
                errors.push(DataError::ImportedName { name: name.clone(), import });
            }
            values.by_name.insert(name.text.clone(), NameIx(values.names.len()));
            let (name, type_text) = (name.clone(), type_text.clone());
            values.names.push(DataName { name, type_text, givers: Vec::new() });
        }
        values
    }

    pub(super) fn find(&self, name: &str) -> Option<NameIx> {
        self.by_name.get(name).copied()
    }

    fn two_types(&self, first: NameIx, Output { name, type_text }: &Output) -> Option<DataError> {
        let DataName { name: first, type_text: first_type, .. } = &self.names[first.0];
        let (first_type, type_text) = (first_type.text(), type_text.text());
        let (name, first) = (name.clone(), first.span);
        (first_type != type_text).then_some(DataError::TwoTypes { name, type_text, first, first_type })
    }
}

fn outputs(item: &DataItem) -> Vec<&Output> {
    match &item.outputs {
        None => Vec::new(),
        Some(Outputs::Value(output)) => vec![output],
        Some(Outputs::Outcomes(outcomes)) => {
            outcomes.iter().filter_map(|outcome| outcome.output.as_ref()).collect()
        }
    }
}

/// What generated code, or Rust, uses for something else.
pub(super) fn is_reserved(name: &str) -> bool {
    matches!(name, "cause" | "take") || is_parameter(name) || is_keyword(name) || PRIMITIVES.contains(&name)
}

/// A parameter of generated methods.
fn is_parameter(name: &str) -> bool {
    matches!(name, "undo" | "visit")
}

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32",
    "u64", "u8", "usize",
];

/// Types of the prelude, and crates that every crate has.
const PRELUDE: [&str; 9] = ["Box", "Option", "Result", "String", "Vec", "alloc", "core", "crate", "std"];

/// The types that are in no scope that is the same for every file.
fn unknown_types(type_text: &TypeText, imports: &HashMap<&str, Span>, is_incomplete: bool) -> Vec<DataError> {
    let is_known = |root: &str| {
        // A `use` line that could not be read may import it.
        is_incomplete || imports.contains_key(root) || PRELUDE.contains(&root) || PRIMITIVES.contains(&root)
    };
    let unknown = type_text.roots.iter().filter(|root| !is_known(&root.text));
    unknown.map(|root| DataError::UnknownType { root: root.clone() }).collect()
}
