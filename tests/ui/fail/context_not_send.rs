mod shop {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve book"
            n3: circle label:"Sold"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

use flowgen::{Result, Visit};
use shop::shop::Shop;

struct Order {
    customer: std::rc::Rc<str>,
}

struct Bookshop;

impl Shop<Order> for Bookshop {
    async fn reserve_book(&self, order: &mut Order, _: &Visit) -> Result {
        println!("{}", order.customer);
        Ok(())
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(Order { customer: "Ada".into() });
}
