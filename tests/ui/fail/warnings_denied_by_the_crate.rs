//! Findings that are warnings are warnings of rustc, in each form.
#![deny(warnings)]

mod inline {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label="Sell book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

mod quoted {
    flowgen::flow!(
        r#"Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label="Sell book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }"#
    );
}

mod allowed {
    flowgen::flow! {
        #![allow(F006)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label="Sell book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

/// Nothing is said of a note: `n3` is left out.
mod noted {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Sell book"
            n4: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n4.handle(left)
        }
    }
}

fn main() {}
