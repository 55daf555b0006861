#![deny(dead_code)]

mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: diamond label:"Paid?"
            n3: circle label:"Sold"
            n4: circle label:"Not sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left) [label="Yes"]
            n2.handle(bottom) -> n4.handle(top) [label="No"]
            n2.handle(top) -> n4.handle(right) [label="Not yet"]
        }
    }
}

use flowgen::{Result, Visit};
use shop::shop::{Paid, Shop};

struct Bookshop;

struct Order {
    paid: bool,
}

impl Shop<Order> for Bookshop {
    async fn paid(&self, order: &Order, _: &Visit) -> Result<Paid> {
        Ok(if order.paid { Paid::Yes } else { Paid::No })
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(Order { paid: true });
}
