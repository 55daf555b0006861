mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Take order"
            n3: rectangle label:"Pack book"
            n4: rectangle label:"Print invoice"
            n5: rectangle label:"Hand over"
            n6: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(top) -> n3.handle(left)
            n2.handle(bottom) -> n4.handle(left)
            n3.handle(right) -> n5.handle(top)
            n4.handle(right) -> n5.handle(bottom)
            n5.handle(right) -> n6.handle(left)
        }
    }
}

use flowgen::{Result, Visit};
use shop::shop::Shop;

struct Order;

struct Bookshop;

impl Shop<Order> for Bookshop {
    async fn take_order(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn pack_book(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn print_invoice(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn hand_over(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(Order);
}
