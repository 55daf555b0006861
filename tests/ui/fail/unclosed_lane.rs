mod shop {
    flowgen::flow!(
        r#"
Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Reserve book"
  n3: circle label:"Sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
"#
    );
}

use flowgen::{Result, Visit};
use shop::shop::Shop;

struct Order;

struct Bookshop;

impl Shop<Order> for Bookshop {
    async fn reserve_book(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

fn main() {
    let flow = shop::Flow { shop: Bookshop };
    let _running = flow.run(Order);
}
