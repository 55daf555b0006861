//! Arms of a `match`.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

/// Arms of a `match`, in the order in which their bodies came first.
#[derive(Default)]
pub(super) struct Arms {
    arms: Vec<(Vec<TokenStream>, TokenStream)>,
    by_body: BTreeMap<String, usize>,
}

impl Arms {
    /// Adds an arm, or, if its body may be shared, adds its pattern to the arm with the same body.
    pub(super) fn push(&mut self, pattern: TokenStream, body: TokenStream, is_shared: bool) {
        let next = self.arms.len();
        let at = if is_shared { *self.by_body.entry(body.to_string()).or_insert(next) } else { next };
        match self.arms.get_mut(at) {
            Some((patterns, _)) => patterns.push(pattern),
            None => self.arms.push((vec![pattern], body)),
        }
    }

    pub(super) fn tokens(&self) -> TokenStream {
        self.arms.iter().map(|(patterns, body)| quote!(#(#patterns)|* => #body,)).collect()
    }
}
