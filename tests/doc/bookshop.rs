// The flow that the examples in the documentation run.
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

#[derive(Clone)]
struct Order {
    paid: bool,
}

struct Bookshop;

impl shop::shop::Shop<Order> for Bookshop {
    async fn reserve_book(
        &self,
        _: &mut Order,
        _: &flowgen::Visit,
    ) -> flowgen::Result<flowgen::Effect> {
        Ok(flowgen::Effect::Done)
    }

    async fn paid(&self, order: &Order, _: &flowgen::Visit) -> flowgen::Result<shop::shop::Paid> {
        Ok(if order.paid { shop::shop::Paid::Yes } else { shop::shop::Paid::No })
    }
}

impl shop::shop::Compensation<Order> for Bookshop {
    async fn release_book(&self, _: &mut Order, _: &flowgen::Visit) -> flowgen::Result {
        Ok(())
    }
}
