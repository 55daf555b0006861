//! The attributes of emitted items.
//!
//! An `allow` is an error in a crate that forbids the same lint, so it is emitted only where the names
//! or the size of a drawing make clippy object, and never for a lint of rustc.

use std::fmt::Display;

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;

/// From this many names on, clippy compares them.
const COMPARED_NAMES: usize = 3;

/// The number of lines from which clippy calls a function too long.
const LONG_FUNCTION: usize = 100;

/// The derives of every emitted enum, in full: the user's module may have other macros of these names.
pub(super) fn enumeration(name: &impl Display, variants: &[impl Display]) -> TokenStream {
    let allowance = alike(name, variants);
    quote! {
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #allowance
    }
}

/// The attribute of an enum whose variants are alike.
pub(super) fn alike(name: &impl Display, variants: &[impl Display]) -> Option<TokenStream> {
    are_alike(name, variants).then(|| quote!(#[allow(clippy::enum_variant_names)]))
}

/// The attributes of `Flow`.
pub(super) fn flow(fields: &[impl Display]) -> TokenStream {
    let allowance = are_alike(&"flow", fields).then(|| quote!(#[allow(clippy::struct_field_names)]));
    quote! {
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::default::Default,
        )]
        #allowance
    }
}

/// The attributes of a function with about this many lines.
pub(super) fn function(lines: usize) -> Option<TokenStream> {
    (lines > LONG_FUNCTION).then(|| quote!(#[allow(clippy::too_many_lines)]))
}

/// The attributes of a lane's method. A step called `Into storage` converts nothing.
pub(super) fn method(name: &str) -> Option<TokenStream> {
    let sounds_like_conversion = name == "new" || name.starts_with("from_") || name.starts_with("into_");
    sounds_like_conversion.then(|| quote!(#[allow(clippy::wrong_self_convention)]))
}

/// Do all members begin or end with the same word, or does one begin or end with the name of their type?
fn are_alike(of: &impl Display, members: &[impl Display]) -> bool {
    if members.len() < COMPARED_NAMES {
        return false;
    }
    let of = of.to_string().to_snake_case();
    let members: Vec<String> = members.iter().map(|member| member.to_string().to_snake_case()).collect();
    let first = |name: &str| name.split('_').next().map(str::to_owned);
    let last = |name: &str| name.rsplit('_').next().map(str::to_owned);
    let share = |word: &dyn Fn(&str) -> Option<String>| {
        members.windows(2).all(|pair| matches!(pair, [one, other] if word(one) == word(other)))
    };
    share(&first)
        || share(&last)
        || members.iter().any(|member| member.starts_with(&of) || member.ends_with(&of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_that_clippy_would_report() {
        assert!(are_alike(&"Sent", &["SendMail", "SendLetter", "SendParcel"]));
        assert!(are_alike(&"Flow", &["order_service", "payment_service", "mail_service"]));
        assert!(are_alike(&"End", &["EndGood", "Bad", "Ugly"]));
        assert!(!are_alike(&"Sent", &["SendMail", "SendLetter"]));
        assert!(!are_alike(&"Sent", &["SendMail", "WriteMail", "WriteLetter"]));
    }
}
