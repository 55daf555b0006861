//! The plan of the typed flow.

use flowgen::plan::{Kind, LaneSpec, NodeSpec, Output, Plan, Take};

pub(super) const ORDER: u32 = 0;
pub(super) const ITEM: u32 = 1;
pub(super) const PARCEL: u32 = 2;
pub(super) const SHORTAGE: u32 = 3;
pub(super) const COURIER: u32 = 4;
pub(super) const LABEL: u32 = 5;

/// What the visits of `reserve` gave since control last entered its loop.
const PARCELS: Take = Take::List { name: PARCEL, since: &[(2, 0)] };

pub(super) static PLAN: Plan = Plan::new(
    &[LaneSpec::new("store", "Store"), LaneSpec::new("delivery", "Delivery")],
    &[
        NodeSpec::new("n1", "Order received", 0, Kind::Start).next(&[1]).gives(&[Output::new(Some(ORDER))]),
        NodeSpec::new("n2", "Next item", 0, Kind::Step)
            .method("next_item")
            .next(&[2])
            .takes(&[Take::One(ORDER), PARCELS])
            .gives(&[Output::new(Some(ITEM))]),
        NodeSpec::new("n3", "Reserve", 0, Kind::Step)
            .method("reserve")
            .next(&[3])
            .undone_by(10)
            .takes(&[Take::One(ORDER), Take::One(ITEM)])
            .gives(&[Output::new(Some(PARCEL)).done(), Output::new(Some(SHORTAGE))])
            .fused(3)
            .asks(),
        NodeSpec::new("n4", "Reserved?", 0, Kind::Decision)
            .method("reserved")
            .next(&[4, 9])
            .outcomes(&["Yes", "No"]),
        NodeSpec::new("n5", "More items?", 0, Kind::Decision)
            .method("more_items")
            .next(&[1, 5])
            .outcomes(&["Yes", "No"])
            .takes(&[Take::One(ORDER), PARCELS]),
        NodeSpec::new("n6", "Begin delivery", 1, Kind::Step)
            .method("begin_delivery")
            .next(&[6, 7])
            .join(8)
            .takes(&[Take::One(ORDER)]),
        NodeSpec::new("n7", "Book courier", 1, Kind::Step)
            .method("book_courier")
            .next(&[8])
            .takes(&[PARCELS])
            .gives(&[Output::new(Some(COURIER))]),
        NodeSpec::new("n8", "Print label", 1, Kind::Step)
            .method("print_label")
            .next(&[8])
            .undone_by(16)
            .takes(&[Take::One(ORDER)])
            .gives(&[Output::new(Some(LABEL)).done()])
            .asks(),
        NodeSpec::new("n9", "Confirm", 1, Kind::Step).method("confirm").next(&[12]).sends(&[13]).takes(&[
            Take::One(ORDER),
            Take::One(COURIER),
            Take::One(LABEL),
        ]),
        NodeSpec::new("n10", "Tell failure", 0, Kind::Step)
            .method("tell_failure")
            .next(&[16])
            .rolls_back()
            .takes(&[
                Take::One(ORDER),
                Take::Optional(SHORTAGE),
                Take::Optional(LABEL),
                PARCELS,
                Take::Cause,
            ]),
        NodeSpec::new("n11", "Release", 0, Kind::Step)
            .method("release")
            .next(&[11])
            .undoes(&[2])
            .takes(&[Take::One(ITEM)]),
        NodeSpec::new("n12", "Not delivered", 0, Kind::End)
            .takes(&[Take::One(ORDER), Take::Optional(SHORTAGE)]),
        NodeSpec::new("n13", "Delivered", 1, Kind::End).takes(&[
            Take::One(ORDER),
            Take::One(COURIER),
            PARCELS,
        ]),
        NodeSpec::new("n14", "Notify", 1, Kind::Step)
            .method("notify")
            .next(&[14])
            .takes(&[Take::One(ORDER), Take::One(COURIER)]),
        NodeSpec::new("n15", "Notified", 1, Kind::End).takes(&[Take::One(COURIER)]),
        NodeSpec::new("n16", "Express received", 0, Kind::Start)
            .next(&[5])
            .gives(&[Output::new(Some(ORDER))]),
        NodeSpec::new("n17", "Void label", 1, Kind::Step)
            .method("void_label")
            .next(&[10])
            .undoes(&[7])
            .takes(&[Take::One(ORDER), Take::Cause]),
    ],
    &[],
)
.names(&["order", "item", "parcel", "shortage", "courier", "label"])
.lists(&[PARCEL])
.cycles(&[&[1, 2, 3, 4]])
.trigger(9)
.hash(1);
