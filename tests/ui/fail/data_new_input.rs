mod shop {
    pub(crate) struct Order(pub(crate) u32);
    pub(crate) struct Charge(pub(crate) u32);
    pub(crate) struct Receipt;
}

mod order {
    flowgen::flow! {
        #![data {
            use crate::shop::{Charge, Order, Receipt};
            ordered -> order: Order;
            charge_card(order) -> charge: Charge;
            write_receipt(order, charge) -> receipt: Receipt;
            refund_card(order);
            sold(receipt);
        }]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Charge card"
            n3: rectangle label:"Write receipt"
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
use order::shop::takes::{ChargeCard, RefundCard, WriteReceipt};
use order::shop::{Compensation, Shop};
use shop::{Charge, Order, Receipt};

struct Bookshop;

impl Shop for Bookshop {
    async fn charge_card(&self, ChargeCard { order }: ChargeCard<'_>, _: &Visit) -> Result<Charge> {
        Ok(Charge(order.0))
    }

    async fn write_receipt(
        &self,
        WriteReceipt { order }: WriteReceipt<'_>,
        _: &Visit,
    ) -> Result<Receipt> {
        let _ = order.0;
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
