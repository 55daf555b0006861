mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Sell book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }

    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Sell globe"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

use flowgen::{Result, Visit};
use shop::shop::Shop;

struct Bookshop;

impl Shop<()> for Bookshop {
    async fn sell_book(&self, _: &mut (), _: &Visit) -> Result {
        Ok(())
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(());
}
