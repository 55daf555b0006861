use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// Creates a compile error that underlines everything from the first to the last token.
pub(crate) fn compile_error((first, last): (Span, Span), message: &str) -> TokenStream {
    let message = quote_spanned!(last=> { #message });
    let path = quote_spanned!(first=> ::core::compile_error!);
    quote!(#path #message)
}
