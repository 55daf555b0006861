mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve book"
            n3: diamond label:"Paid?"
            n4: circle label:"Sold"
            n5: rectangle label:"Release book"
            n6: circle label:"Not sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n5.handle(top) [label="No"]
            n5.handle(right) -> n6.handle(left)
            n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
        }
    }
}

use flowgen::{Result, Visit};
use shop::shop::{Compensation, Paid, Shop};

struct Bookshop;

struct Order {
    paid: bool,
}

impl Shop<Order> for Bookshop {
    async fn reserve_book(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }

    async fn paid(&self, order: &Order, _: &Visit) -> Result<Paid> {
        Ok(if order.paid { Paid::Yes } else { Paid::No })
    }
}

impl Compensation<Order> for Bookshop {
    async fn release_book(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(Order { paid: true });
}
