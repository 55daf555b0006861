mod shop {
    flowgen::flow! {
        #![allow(F205, F0106)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
        }
    }
}

fn main() {}
