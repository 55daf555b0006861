//! The identifiers of declared names.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::emitter::Emitter;
use super::facts::is_moved;
use crate::model::data::{Data, DataName, NameIx};

/// By name: the type's alias and the variant of `Value`. Unique.
pub(crate) fn value_names(data: &Data) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(data.names.len());
    for DataName { name, .. } in &data.names {
        let mut variant = name.text.to_upper_camel_case();
        if !variant.starts_with(|c: char| c.is_alphabetic()) {
            variant.insert_str(0, "Value");
        }
        while variant == "Self" || names.contains(&variant) {
            variant.push('_');
        }
        names.push(variant);
    }
    names
}

impl Emitter<'_> {
    /// The variant of `Value`, and the alias in `types`: `Order`.
    pub(super) fn value(&self, data: &Data, name: NameIx) -> Ident {
        self.ident(&self.values[name.0], data.names[name.0].name.span)
    }

    /// The type of a name, from the module of the flow: `types::Order`.
    pub(super) fn value_type(&self, data: &Data, name: NameIx) -> TokenStream {
        let value = self.value(data, name);
        quote!(types::#value)
    }

    /// The type of a name, from a module in the module of a lane: `super::super::types::Order`.
    pub(super) fn value_type_in_module(&self, data: &Data, name: NameIx) -> TokenStream {
        let type_ = self.value_type_in_lane(data, name);
        quote!(super::#type_)
    }

    /// The type of a name, from the module of a lane: `super::types::Order`.
    pub(crate) fn value_type_in_lane(&self, data: &Data, name: NameIx) -> TokenStream {
        let type_ = self.value_type(data, name);
        quote!(super::#type_)
    }

    /// The field or parameter of a name: `order`.
    pub(super) fn field(&self, data: &Data, name: NameIx) -> Ident {
        let name = &data.names[name.0].name;
        self.ident(&name.text, name.span)
    }

    /// The function that reads a value of this name: `Value::as_order`.
    pub(super) fn accessor(&self, data: &Data, name: NameIx) -> TokenStream {
        let accessor = self.accessor_name(data, name);
        quote!(Value::#accessor)
    }

    pub(super) fn accessor_name(&self, data: &Data, name: NameIx) -> Ident {
        let name = &data.names[name.0].name;
        self.ident(&format!("as_{}", name.text), name.span)
    }

    /// The value of an expression as one of the run: `Value::Order(Arc::new(order))`.
    pub(super) fn wrapped(&self, data: &Data, name: NameIx, value: &Ident) -> TokenStream {
        let Emitter { runtime, .. } = self;
        let variant = self.value(data, name);
        if is_moved(data, name) {
            quote!(Value::#variant(#runtime::data::Movable::new(#value)))
        } else {
            quote!(Value::#variant(::std::sync::Arc::new(#value)))
        }
    }
}
