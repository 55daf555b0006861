//! `mod types`: an alias for the type of each name.
//!
//! The `use` lines of the declaration are in a module of their own. So an alias may have the name of an import.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::docs;
use super::super::emitter::Emitter;
use super::about;
use super::facts::is_moved;
use super::tokens::Tokens;
use crate::model::data::{Data, NameIx};
use crate::syntax::Word;
use crate::syntax::declaration::{TypeText, Use};

pub(crate) fn module(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let imports = (!data.uses.is_empty()).then(|| {
        let imports = data.uses.iter().map(|import| import_line(emitter, import));
        quote! {
            mod imports {
                #(#imports)*
            }
        }
    });
    let imported: BTreeSet<&str> =
        data.uses.iter().flat_map(|import| &import.names).map(|name| name.text.as_str()).collect();
    let aliases = (0..data.names.len()).map(NameIx).map(|name| {
        let alias = emitter.value(data, name);
        let text = type_(emitter, &data.names[name.0].type_text, &imported);
        let about = docs::comment(&format!("{}.", about::name(emitter.model, data, name)));
        quote! {
            #about
            pub(super) type #alias = #text;
        }
    });
    let kept = emitter.settings.diagnostic_attributes.then(|| kept(emitter, data));
    quote! {
        /// The types of the values.
        mod types {
            #imports
            #(#aliases)*
            #kept
        }
    }
}

fn import_line(emitter: Emitter<'_>, import: &Use) -> TokenStream {
    let mut tokens = Tokens::new(emitter.spans);
    if let Some(root) = import.words.first().filter(|root| is_global(root)) {
        tokens.push_path(&[""], root.span);
    }
    tokens.push_all(&import.words);
    let import = tokens.finish();
    quote!(pub(super) use #import;)
}

fn type_(emitter: Emitter<'_>, text: &TypeText, imported: &BTreeSet<&str>) -> TokenStream {
    let mut tokens = Tokens::new(emitter.spans);
    for word in &text.words {
        if text.roots.iter().any(|root| root.span == word.span) {
            if imported.contains(word.text.as_str()) {
                tokens.push_path(&["imports"], word.span);
            } else if is_global(word) {
                tokens.push_path(&[""], word.span);
            } else if let Some(module) = prelude_module(&word.text) {
                tokens.push_path(&["", "std", module], word.span);
            }
        }
        tokens.push(word);
    }
    tokens.finish()
}

/// A crate that every crate has.
fn is_global(root: &Word) -> bool {
    matches!(root.text.as_str(), "std" | "core" | "alloc")
}

/// The module of a type that the prelude has. Generated code does not rely on the prelude.
fn prelude_module(name: &str) -> Option<&'static str> {
    Some(match name {
        "Box" => "boxed",
        "Option" => "option",
        "Result" => "result",
        "String" => "string",
        "Vec" => "vec",
        _ => return None,
    })
}

/// A trait for each name, which rustc reports in the drawing's words where a type cannot be shared between threads.
///
/// rustc uses the message of a trait with a blanket implementation only if that is `do_not_recommend`.
fn kept(emitter: Emitter<'_>, data: &Data) -> TokenStream {
    let traits = (0..data.names.len()).map(NameIx).map(|name| {
        let kept = kept_trait(emitter, data, name);
        let sync = (!is_moved(data, name)).then(|| quote!(::core::marker::Sync+));
        let bounds = if is_moved(data, name) { "Send + 'static" } else { "Send + Sync + 'static" };
        let givers = docs::verbatim(&about::givers(emitter.model, data, name));
        let text = &data.names[name.0].name.text;
        let message = format!("`{{Self}}` must be `{bounds}`: {givers} gives it as `{text}`");
        quote! {
            #[diagnostic::on_unimplemented(message = #message)]
            pub(crate) trait #kept {}

            #[diagnostic::do_not_recommend]
            impl<T: ::core::marker::Send + #sync 'static> #kept for T {}
        }
    });
    quote! {
        /// The bounds on the types of values.
        pub(super) mod kept {
            #(#traits)*
        }
    }
}

fn kept_trait(emitter: Emitter<'_>, data: &Data, name: NameIx) -> proc_macro2::Ident {
    emitter.ident(&format!("Kept{}", emitter.values[name.0]), data.names[name.0].name.span)
}

/// The bounds that check that a run can keep its values.
pub(super) fn kept_bounds(emitter: Emitter<'_>, data: &Data) -> Option<TokenStream> {
    emitter.settings.diagnostic_attributes.then(|| {
        let bounds = (0..data.names.len()).map(NameIx).map(|name| {
            let (type_, kept) = (emitter.value_type(data, name), kept_trait(emitter, data, name));
            quote!(#type_: types::kept::#kept)
        });
        quote!(where #(#bounds,)*)
    })
}
