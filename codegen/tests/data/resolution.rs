use flowgen_codegen::model::data::{Gives, NameIx, Take};

use crate::support::{analyzed, data, found, ix};

const SAGA: &str = "
    lane Shop
    circle n1 Order received
    rectangle n2 Reserve stock
    diamond n3 In stock?
    rectangle n4 Charge card
    circle n5 Sold
    circle n6 Sold out
    rectangle n7 Release stock
    n1 -> n2
    n2 -> n3
    n2 -> n7: compensated by
    n3 -> n4: Yes
    n3 -> n6: No
    n4 -> n5
";

#[test]
fn nodes_are_named_by_method_by_lane_and_by_id() {
    let declaration = "order_received -> order: String; shop.reserve_stock(order) -> Yes(parcel: u32), No;
        n4(parcel) -> charge: (); sold(charge?); Shop.sold_out(order);";
    assert_eq!(found(SAGA, declaration), [""; 0]);
    let analysis = analyzed(SAGA, declaration);
    let (model, data) = (&analysis.model, data(&analysis));
    let names: Vec<_> = data.names.iter().map(|name| name.name.text.as_str()).collect();
    assert_eq!(names, ["order", "parcel", "charge"]);
    let takes = |id: &str| data.takes(ix(model, id)).iter().map(|taken| taken.take).collect::<Vec<_>>();
    assert_eq!(takes("n2"), [Take::One(NameIx(0))]);
    assert_eq!(takes("n5"), [Take::Optional(NameIx(2))]);
    assert_eq!(*data.gives(ix(model, "n4")), Gives::Value(NameIx(2)));
    assert_eq!(data.names[1].givers, [(ix(model, "n2"), Some(0))]);
}

#[test]
fn a_step_with_outcomes_is_fused_with_the_decision_behind_it() {
    let analysis = analyzed(
        SAGA,
        "order_received -> order: String; reserve_stock(order) -> No(why: String), Yes done: Yes;",
    );
    let (model, data) = (&analysis.model, data(&analysis));
    let Gives::Outcomes { decision, outcomes } = data.gives(ix(model, "n2")) else { panic!("not fused") };
    assert_eq!(*decision, ix(model, "n3"));
    let outcomes: Vec<_> = outcomes.iter().map(|outcome| (outcome.name, outcome.is_done)).collect();
    assert_eq!(outcomes, [(None, true), (Some(NameIx(1)), false)], "in the order of the decision");
}

#[test]
fn the_only_outcome_with_a_value_means_done() {
    let analysis = analyzed(SAGA, "reserve_stock -> Yes(parcel: u32), No;");
    let Gives::Outcomes { outcomes, .. } = data(&analysis).gives(ix(&analysis.model, "n2")) else {
        panic!("not fused")
    };
    assert!(outcomes[0].is_done && !outcomes[1].is_done);
}

#[test]
fn what_a_declaration_gets_wrong_is_named() {
    let table = [
        ("reserve_stok;", "F502 reserve_stok: no node is called `reserve_stok`"),
        ("bank.charge_card;", "F502 bank.charge_card: the lane `bank` has no `charge_card`"),
        ("charge_card; n4;", "F502 n4: `Charge card` (n4) has an item already"),
        ("charge_card(order);", "F502 order: no node gives `order`"),
        ("charge_card -> visit: u8;", "F502 visit: `visit` is no name of a value"),
        ("charge_card -> cause: u8;", "F502 cause: `cause` is no name of a value"),
        ("charge_card -> self: u8;", "F502 self: `self` is no name of a value"),
        ("charge_card -> u8: u8;", "F502 u8: `u8` is no name of a value"),
        ("charge_card(cause?);", "F502 cause: `cause` is no name of a value"),
        ("use crate::stock; charge_card -> stock: u8; sold(stock);", "F502 stock: `stock` is imported, too"),
        (
            "order_received -> x: u8; charge_card -> x: u16; sold(x);",
            "F502 x: `x` is `u16` here and `u8` elsewhere",
        ),
        ("order_received -> x: Order; sold(x);", "F502 Order: no `use` line imports `Order`"),
        ("order_received -> x: u8; sold(x, [x]);", "F502 [x]: `x` is taken twice"),
        ("order_received -> x: u8; sold(x?, x);", "F502 x: `x` is taken twice"),
        ("release_stock(cause, cause);", "F502 cause: `cause` is taken twice"),
        (
            "order_received(x) -> x: u8; sold(x);",
            "F502 x: `Order received` (n1) is a start and takes nothing",
        ),
        ("sold -> x: u8; sold_out(x);", "F502 sold: `Sold` (n5) is an end and gives nothing"),
        ("in_stock -> x: u8;", "F502 in_stock: `In stock?` (n3) is a decision and gives nothing"),
        (
            "release_stock -> x: u8;",
            "F502 release_stock: `Release stock` (n7) is a compensation and gives nothing",
        ),
        (
            "order_received -> Yes, No;",
            "F502 order_received: `Order received` (n1) is a start and gives nothing",
        ),
        ("reserve_stock -> Yes, Nein done: Yes;", "F502 Nein: `In stock?` (n3) has no outcome `Nein`"),
        ("reserve_stock -> Yes, No, Yes done: Yes;", "F502 Yes: the outcome `Yes` is listed twice"),
        ("reserve_stock -> Yes(x: u8), No done: Jes;", "F502 Jes: `In stock?` (n3) has no outcome `Jes`"),
        (
            "reserve_stock -> Yes(x: u8);",
            "F505 reserve_stock: the outcome `No` of `In stock?` (n3) is not listed",
        ),
        (
            "reserve_stock -> Yes, No;",
            "F505 reserve_stock: it is unknown which outcomes mean that `Reserve stock` (n2) is done",
        ),
        (
            "reserve_stock -> Yes(x: u8), No(y: u8); sold(x); sold_out(y);",
            "F505 reserve_stock: it is unknown which outcomes mean that `Reserve stock` (n2) is done",
        ),
        (
            "reserve_stock -> Yes(x: u8), No done: Yes, No; sold(x);",
            "F505 No: `Yes` and `No` mean done, and give different values",
        ),
        ("charge_card -> x: u8 done: Yes; sold(x);", "F505 Yes: no compensation undoes `Charge card` (n4)"),
        ("reserve_stock -> x: u8 done: Yes; sold(x);", "F505 Yes: `Reserve stock` (n2) lists no outcomes"),
        ("charge_card -> Yes, No;", "F505 charge_card: no decision comes right behind `Charge card` (n4)"),
        (
            "in_stock; reserve_stock -> Yes(x: u8), No;",
            "F505 in_stock: `In stock?` (n3) is answered by `Reserve stock` (n2)",
        ),
        ("charge_card -> x: u8;", "F506 x: no node takes `x`"),
        (
            "order_received -> x: u8; sold(take x); sold_out(x?);",
            "F502 x?: `x` is moved by another node, and not by this one",
        ),
        ("charge_card(", "F001 (: expected a name in lower case, such as `order` after `(`"),
        ("paid = wait;", "F001 paid = wait: declared waits are not built yet"),
    ];
    for (declaration, expected) in table {
        assert_eq!(found(SAGA, declaration), [expected], "{declaration}");
    }
}

#[test]
fn the_value_of_a_compensable_step_is_taken_by_its_compensation() {
    assert_eq!(found(SAGA, "reserve_stock -> Yes(parcel: u32), No;"), [""; 0]);
}

#[test]
fn names_of_left_out_items_are_no_second_error() {
    let declaration = "recieved -> order: String; charge_card(order);";
    assert_eq!(found(SAGA, declaration), ["F502 recieved: no node is called `recieved`"]);
    assert_eq!(found(SAGA, "n1 -> ; charge_card(order);").len(), 1);
}

#[test]
fn a_name_of_several_nodes_has_to_be_qualified() {
    let lines = "
        lane Shop
        circle n1 Begin
        rectangle n2 Pack
        circle n4 Packed
        lane Stock
        rectangle n3 Pack
        n3 -> n4
        lane Rest
        n1 -> n2
        n2 -> n3
    ";
    assert_eq!(found(lines, "pack;"), ["F502 pack: `pack` names 2 nodes"]);
    assert_eq!(found(lines, "shop.pack; n3;"), [""; 0]);
}

#[test]
fn a_decision_in_another_lane_or_with_another_way_in_is_not_fused() {
    let lines = |more: &str| {
        format!(
            "lane Shop
            circle n1 Begin
            rectangle n2 Pack
            lane Stock
            diamond n3 Packed?
            circle n4 Yes
            circle n5 No
            n3 -> n4: Yes
            n3 -> n5: No
            lane Rest
            rectangle n6 Retry
            n1 -> n2
            n2 -> n3
            {more}"
        )
    };
    let other_lane = "F505 pack: `Packed?` (n3) is in another lane than `Pack` (n2)";
    assert_eq!(found(&lines(""), "pack -> Yes, No;"), [other_lane]);
    let same_lane = lines("n6 -> n3").replace("lane Stock\n", "").replace("lane Rest\n", "");
    let other_source = "F505 pack: `Packed?` (n3) does not come from `Pack` (n2) alone";
    assert_eq!(found(&same_lane, "pack -> Yes, No;"), [other_source]);
}

#[test]
fn the_cycle_that_limits_a_list_depends_on_its_taker() {
    let lines = "
        circle n1 Begin
        rectangle n2 Next order
        rectangle n3 Next item
        diamond n4 More items?
        diamond n5 More orders?
        circle n6 End
        n1 -> n2
        n2 -> n3
        n3 -> n4
        n4 -> n3: Yes
        n4 -> n5: No
        n5 -> n2: Yes
        n5 -> n6: No
    ";
    let analysis = analyzed(lines, "next_item([item]) -> item: u8; next_order([item]); end([item]);");
    let (model, data) = (&analysis.model, data(&analysis));
    let since = |taker: &str| {
        data.since(ix(model, taker), NameIx(0)).into_iter().map(|(_, cycle)| data.cycles[cycle].len())
    };
    assert_eq!(since("n3").collect::<Vec<_>>(), [2], "all cycles hold it: the innermost");
    assert_eq!(since("n2").collect::<Vec<_>>(), [2], "the only one that does not hold it");
    assert_eq!(since("n6").collect::<Vec<_>>(), [4], "the outermost");
}
