//! A typed flow, written by hand as generated code is. Its declaration:
//!
//! ```text
//! use crate::typed::shop::{Courier, Item, Label, Order, Parcel, Shortage};
//! order_received -> order: Order;                express_received -> order: Order;
//! next_item(order, [parcel]) -> item: Item;
//! reserve(order, item) -> Yes(parcel: Parcel), No(shortage: Shortage) done: Yes;
//! more_items(order, [parcel]);                   begin_delivery(order);
//! book_courier([parcel]) -> courier: Courier;    print_label(order) -> label: Label;
//! confirm(order, courier, label);                notify(order, courier);
//! tell_failure(order, shortage?, label?, [parcel], cause);
//! release(item);                                 void_label(order, cause);
//! delivered(order, courier, [parcel]);           not_delivered(order, shortage?);    notified(courier);
//! ```

use std::sync::Arc;

use flowgen::data::{Data, Inputs, SavedValue, Value as _, ValueId};
use flowgen::plan::Plan;
use flowgen::{Effect, Next, Result, Running, Visit};

pub(super) mod types {
    #![allow(non_camel_case_types)]
    use crate::typed::shop::{Courier, Item, Label, Order, Parcel, Shortage};
    pub(crate) type order = Order;
    pub(crate) type item = Item;
    pub(crate) type parcel = Parcel;
    pub(crate) type shortage = Shortage;
    pub(crate) type courier = Courier;
    pub(crate) type label = Label;
}

pub(crate) use super::lanes::{delivery, store};
use super::plan::{COURIER, ITEM, LABEL, ORDER, PARCEL, PLAN, SHORTAGE};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    OrderReceived,
    NextItem,
    Reserve,
    Reserved,
    MoreItems,
    BeginDelivery,
    BookCourier,
    PrintLabel,
    Confirm,
    TellFailure,
    Release,
    NotDelivered,
    Delivered,
    Notify,
    Notified,
    ExpressReceived,
    VoidLabel,
}

impl flowgen::Node for Node {
    type End = EndNode;

    const ALL: &'static [Self] = &[
        Self::OrderReceived,
        Self::NextItem,
        Self::Reserve,
        Self::Reserved,
        Self::MoreItems,
        Self::BeginDelivery,
        Self::BookCourier,
        Self::PrintLabel,
        Self::Confirm,
        Self::TellFailure,
        Self::Release,
        Self::NotDelivered,
        Self::Delivered,
        Self::Notify,
        Self::Notified,
        Self::ExpressReceived,
        Self::VoidLabel,
    ];

    const PLAN: &'static Plan = &PLAN;

    fn index(self) -> u32 {
        self as u32
    }

    fn end(self) -> Option<EndNode> {
        match self {
            Self::NotDelivered => Some(EndNode::NotDelivered),
            Self::Delivered => Some(EndNode::Delivered),
            Self::Notified => Some(EndNode::Notified),
            _ => None,
        }
    }
}

/// How the flow can end, without the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EndNode {
    NotDelivered,
    Delivered,
    Notified,
}

/// How the flow ended, and what it gave.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    NotDelivered { order: Arc<types::order>, shortage: Option<Arc<types::shortage>> },
    Delivered { order: Arc<types::order>, courier: Arc<types::courier>, parcel: Vec<Arc<types::parcel>> },
    Notified { courier: Arc<types::courier> },
}

/// Where a run starts, with its input.
pub(crate) enum Start {
    OrderReceived(types::order),
    ExpressReceived(types::order),
}

/// The values of the flow.
#[derive(Clone)]
pub(crate) enum Value {
    Order(Arc<types::order>),
    Item(Arc<types::item>),
    Parcel(Arc<types::parcel>),
    Shortage(Arc<types::shortage>),
    Courier(Arc<types::courier>),
    Label(Arc<types::label>),
}

mod value {
    use super::{Arc, Value, types};
    macro_rules! accessors {
        ($($name:ident $variant:ident)*) => { $(
            pub(super) fn $name(value: &Value) -> Option<&Arc<types::$name>> {
                if let Value::$variant(value) = value { Some(value) } else { None }
            }
        )* };
    }
    accessors! { order Order item Item parcel Parcel shortage Shortage courier Courier label Label }
}

impl flowgen::data::Value for Value {
    type Node = Node;
    type End = End;

    fn name(&self) -> u32 {
        match self {
            Self::Order(_) => ORDER,
            Self::Item(_) => ITEM,
            Self::Parcel(_) => PARCEL,
            Self::Shortage(_) => SHORTAGE,
            Self::Courier(_) => COURIER,
            Self::Label(_) => LABEL,
        }
    }

    fn end(at: Node, given: &Inputs<'_, Self>) -> Result<Option<End>> {
        Ok(Some(match at {
            Node::NotDelivered => End::NotDelivered {
                order: given.shared(0, value::order)?,
                shortage: given.shared_optional(1, value::shortage)?,
            },
            Node::Delivered => End::Delivered {
                order: given.shared(0, value::order)?,
                courier: given.shared(1, value::courier)?,
                parcel: given.shared_list(2, value::parcel)?,
            },
            Node::Notified => End::Notified { courier: given.shared(0, value::courier)? },
            _ => return Ok(None),
        }))
    }
}

flowgen::__if_serde! {
    impl SavedValue for Value {
        fn save<S: flowgen::__serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Order(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
                Self::Item(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
                Self::Parcel(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
                Self::Shortage(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
                Self::Courier(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
                Self::Label(value) => flowgen::__serde::Serialize::serialize(&**value, serializer),
            }
        }

        fn load<'de, D: flowgen::__serde::Deserializer<'de>>(name: u32, from: D) -> Result<Self, D::Error> {
            Ok(match name {
                ORDER => Self::Order(Arc::new(flowgen::data::decode(from)?)),
                ITEM => Self::Item(Arc::new(flowgen::data::decode(from)?)),
                PARCEL => Self::Parcel(Arc::new(flowgen::data::decode(from)?)),
                SHORTAGE => Self::Shortage(Arc::new(flowgen::data::decode(from)?)),
                COURIER => Self::Courier(Arc::new(flowgen::data::decode(from)?)),
                LABEL => Self::Label(Arc::new(flowgen::data::decode(from)?)),
                _ => return Err(flowgen::__serde::de::Error::custom("flowgen bug: no such name")),
            })
        }
    }
}

pub(crate) struct Flow<Store, Delivery> {
    pub(crate) store: Store,
    pub(crate) delivery: Delivery,
}

impl<Store, Delivery> Flow<Store, Delivery> {
    /// Runs the flow once, from this start.
    pub(crate) fn run(&self, start: Start) -> Running<'_, Node, Data<Value>>
    where
        Store: store::Store + store::Compensation,
        Delivery: delivery::Delivery + delivery::Compensation,
    {
        let (start, input) = start.into_data();
        flowgen::Runner::run_once(self, start, input)
    }
}

impl Start {
    /// The node, by its index in the plan, and the context of the run.
    pub(crate) fn into_data(self) -> (u32, Data<Value>) {
        match self {
            Self::OrderReceived(order) => (0, Data::with_input(Value::Order(Arc::new(order)))),
            Self::ExpressReceived(order) => (15, Data::with_input(Value::Order(Arc::new(order)))),
        }
    }
}

impl<Store, Delivery> flowgen::Flow<Data<Value>> for Flow<Store, Delivery>
where
    Store: store::Store + store::Compensation,
    Delivery: delivery::Delivery + delivery::Compensation,
{
    type Node = Node;

    #[allow(clippy::too_many_lines)]
    async fn step(&self, at: Node, cx: &mut Data<Value>, visit: &Visit) -> Result<Next<Node>> {
        let given = Inputs::new(cx, visit);
        Ok(match at {
            Node::OrderReceived => Next::to(Node::NextItem),
            Node::NextItem => {
                let takes = store::takes::NextItem {
                    order: given.one(0, value::order)?,
                    parcel: &given.list(1, value::parcel)?,
                };
                let item = self.store.next_item(takes, visit).await?;
                cx.give(visit, Value::Item(Arc::new(item)))?;
                Next::to(Node::Reserve)
            }
            Node::Reserve => {
                let takes = store::takes::Reserve {
                    order: given.one(0, value::order)?,
                    item: given.one(1, value::item)?,
                };
                if visit.is_inquiry() {
                    let did = self.store.did_reserve(takes, visit).await?;
                    let did = did.map(|parcel| Value::Parcel(Arc::new(parcel)));
                    return Ok(Next::answer(cx.answer(visit, did)?));
                }
                match self.store.reserve(takes, visit).await? {
                    store::Reserved::Yes(parcel) => {
                        cx.give(visit, Value::Parcel(Arc::new(parcel)))?;
                        Next::to(Node::MoreItems).with_effect(Effect::Done).outcome(0)
                    }
                    store::Reserved::No(shortage) => {
                        cx.give(visit, Value::Shortage(Arc::new(shortage)))?;
                        Next::to(Node::TellFailure).with_effect(Effect::NotDone).outcome(1)
                    }
                }
            }
            Node::MoreItems => {
                let takes = store::takes::MoreItems {
                    order: given.one(0, value::order)?,
                    parcel: &given.list(1, value::parcel)?,
                };
                match self.store.more_items(takes, visit).await? {
                    store::MoreItems::Yes => Next::to(Node::NextItem).outcome(0),
                    store::MoreItems::No => Next::to(Node::BeginDelivery).outcome(1),
                }
            }
            Node::BeginDelivery => {
                let takes = delivery::takes::BeginDelivery { order: given.one(0, value::order)? };
                self.delivery.begin_delivery(takes, visit).await?;
                Next::fork(&[Node::BookCourier, Node::PrintLabel])
            }
            Node::BookCourier => {
                let takes = delivery::takes::BookCourier { parcel: &given.list(0, value::parcel)? };
                let courier = self.delivery.book_courier(takes, visit).await?;
                cx.give(visit, Value::Courier(Arc::new(courier)))?;
                Next::to(Node::Confirm)
            }
            Node::PrintLabel => {
                let takes = delivery::takes::PrintLabel { order: given.one(0, value::order)? };
                if visit.is_inquiry() {
                    let did = self.delivery.did_print_label(takes, visit).await?;
                    let did = did.map(|label| Value::Label(Arc::new(label)));
                    return Ok(Next::answer(cx.answer(visit, did)?));
                }
                let label = self.delivery.print_label(takes, visit).await?;
                cx.give(visit, Value::Label(Arc::new(label)))?;
                Next::to(Node::Confirm)
            }
            Node::Confirm => {
                let takes = delivery::takes::Confirm {
                    order: given.one(0, value::order)?,
                    courier: given.one(1, value::courier)?,
                    label: given.one(2, value::label)?,
                };
                self.delivery.confirm(takes, visit).await?;
                Next::to(Node::Delivered)
            }
            Node::TellFailure => {
                let takes = store::takes::TellFailure {
                    order: given.one(0, value::order)?,
                    shortage: given.optional(1, value::shortage)?,
                    label: given.optional(2, value::label)?,
                    parcel: &given.list(3, value::parcel)?,
                    cause: &given.cause(4)?,
                };
                self.store.tell_failure(takes, visit).await?;
                Next::to(Node::VoidLabel)
            }
            Node::Release => {
                let undo = given.undo(value::parcel)?;
                let takes = store::takes::Release { item: given.one(0, value::item)? };
                self.store.release(undo, takes, visit).await?;
                Next::to(Node::NotDelivered)
            }
            Node::Notify => {
                let takes = delivery::takes::Notify {
                    order: given.one(0, value::order)?,
                    courier: given.one(1, value::courier)?,
                };
                self.delivery.notify(takes, visit).await?;
                Next::to(Node::Notified)
            }
            Node::ExpressReceived => Next::to(Node::BeginDelivery),
            Node::VoidLabel => {
                let undo = given.undo(value::label)?;
                let takes = delivery::takes::VoidLabel {
                    order: given.one(0, value::order)?,
                    cause: &given.cause(1)?,
                };
                self.delivery.void_label(undo, takes, visit).await?;
                Next::to(Node::Release)
            }
            Node::NotDelivered | Node::Delivered | Node::Notified => Next::end(),
            // `reserve` answers it.
            Node::Reserved => return Err(given.is_answered()),
        })
    }

    fn fork(cx: &Data<Value>) -> Option<Data<Value>> {
        Some(cx.clone())
    }

    fn join(cx: &mut Data<Value>, branch: Data<Value>) {
        cx.join(branch);
    }

    fn retain(cx: &mut Data<Value>, is_needed: &dyn Fn(ValueId) -> bool) {
        cx.retain(is_needed);
    }
}

/// The label of a value's name.
pub(crate) fn name_of(value: &Value) -> &'static str {
    <Node as flowgen::Node>::PLAN.names[value.name() as usize]
}
