mod shop {
    flowgen::flow! {
        #![deny(F106)]
        #![strict]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label="Sell book"
            n4: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n4.handle(left)
        }
    }
}

fn main() {}
