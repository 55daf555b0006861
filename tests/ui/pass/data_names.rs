//! Steps that are named like their lane, a type, or a value.

#![deny(warnings)]

mod shop {
    pub(crate) struct Order(pub(crate) u32);
    pub(crate) struct Charge(pub(crate) u32);
    pub(crate) struct Receipt;
}

mod order {
    flowgen::flow! {
        #![data {
            use crate::shop::{Charge, Order, Receipt};
            order -> order: Order;
            shop(order) -> charge: Charge;
            receipt(order, charge) -> receipt: Receipt;
            refund_card(order);
            sold(receipt);
        }]
        Shop { # Shop
            n1: circle label:"Order"
            n2: rectangle label:"Shop"
            n3: rectangle label:"Receipt"
            n4: circle label:"Sold"
            n5: rectangle label:"Refund card"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
        }
    }
}

use flowgen::data::Undo;
use flowgen::{Result, Visit};
use order::shop::takes::{RefundCard, Receipt as ReceiptTakes, Shop as ShopTakes};
use order::shop::{Compensation, Shop};
use shop::{Charge, Order, Receipt};

struct Bookshop;

impl Shop for Bookshop {
    async fn shop(&self, ShopTakes { order }: ShopTakes<'_>, _: &Visit) -> Result<Charge> {
        Ok(Charge(order.0))
    }

    async fn receipt(
        &self,
        ReceiptTakes { order, charge }: ReceiptTakes<'_>,
        _: &Visit,
    ) -> Result<Receipt> {
        let _ = order.0 + charge.0;
        Ok(Receipt)
    }
}

impl Compensation for Bookshop {
    async fn refund_card(
        &self,
        undo: Undo<'_, Charge>,
        RefundCard { order }: RefundCard<'_>,
        _: &Visit,
    ) -> Result {
        let _ = match undo {
            Undo::Done(charge) => charge.0,
            Undo::InDoubt(_) => order.0,
        };
        Ok(())
    }
}

fn main() {
    let flow = order::Flow { shop: Bookshop };
    let _running = flow.run(Order(1));
}
