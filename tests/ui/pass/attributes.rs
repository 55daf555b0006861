mod shop {
    flowgen::flow! {
        #![strict]
        #![allow(F006)]
        r#"Shop { # The seller’s
            n1: circle label="Ordered"
            n2: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
        }"#
    }
}

fn main() {
    let _running = shop::Flow {}.run(());
}
