//! `did_<step>`: the question whether a step of a typed flow was done.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{Emitter, data, docs};
use crate::model::NodeIx;
use crate::model::data::Data;

/// The provided method of the lane's trait.
pub(super) fn method(emitter: Emitter<'_>, data: &Data, at: NodeIx) -> TokenStream {
    let node = &emitter.model[at];
    let name = emitter.inquiry(node);
    let span = name.span();
    let about = docs::comment(&format!(
        "Answers whether {} was done.\n\n\
         A rollback asks it for each visit in doubt. Answer `NotDone` only after you have left a mark under the \
         key of the visit, so that a late attempt has no effect. The default is `Unknown`.",
        docs::name(node)
    ));
    let parameter = data::takes::parameter(emitter, data, at);
    let unused = if parameter.is_some() {
        quote_spanned!(span=> (given, visit))
    } else {
        quote_spanned!(span=> visit)
    };
    let value = data::undo::answer(emitter, data, at).map(|value| quote_spanned!(span=> <#value>));
    quote_spanned! {span=>
        #about
        fn #name(
            &self,
            #parameter
            visit: &Visit,
        ) -> impl ::core::future::Future<Output = Result<Did #value>> + ::core::marker::Send {
            let _ = #unused;
            async { ::core::result::Result::Ok(Did::Unknown) }
        }
    }
}
