use flowgen_codegen::analyze;
use flowgen_codegen::model::Model;

use crate::support::{codes, model, node, sketch};

fn method<'m>(model: &'m Model, id: &str) -> &'m str {
    &node(model, id).names.method
}

#[test]
fn of_several_the_first_id_keeps_the_plain_name() {
    let drawing = "rectangle n10 Monitor status
         rectangle n8 Monitor status
         rectangle n2 Monitor status";
    let model = model(drawing);
    assert_eq!(method(&model, "n2"), "monitor_status");
    assert_eq!(method(&model, "n8"), "monitor_status_n8");
    assert_eq!(method(&model, "n10"), "monitor_status_n10");
    assert_eq!(node(&model, "n8").names.variant, "MonitorStatusN8");
    assert_eq!(codes(drawing).iter().filter(|&&code| code == "F107").count(), 2);
}

#[test]
fn a_label_that_is_spelled_like_a_suffix_keeps_its_name() {
    let model = model(
        "rectangle n1 Monitor status
         rectangle n8 Monitor status
         rectangle n9 Monitor status n8",
    );
    assert_eq!(method(&model, "n9"), "monitor_status_n8");
    assert_eq!(method(&model, "n8"), "monitor_status_n8_2");
}

#[test]
fn decisions_and_steps_share_the_methods_of_a_lane() {
    let model = model("rectangle n1 Check stock\ndiamond n2 Check stock?");
    assert_eq!((method(&model, "n1"), method(&model, "n2")), ("check_stock", "check_stock_n2"));
    assert_eq!(node(&model, "n2").names.type_name, "CheckStock");
}

#[test]
fn nodes_of_two_lanes_share_only_the_variants() {
    let text = "A { # A\nn1: rectangle label:\"Pack\"\n}\nB { # B\nn2: rectangle label:\"Pack\"\n}\n";
    let model = analyze(text).model;
    assert_eq!((method(&model, "n1"), method(&model, "n2")), ("pack", "pack"));
    assert_eq!(node(&model, "n2").names.variant, "PackN2");
}

#[test]
fn a_decision_is_not_named_like_an_item_that_its_lane_needs() {
    let model = model("diamond n1 Shop?\ndiamond n2 Compensation?\ndiamond n3 Result?");
    let types: Vec<_> = model.nodes.iter().map(|node| node.names.type_name.as_str()).collect();
    assert_eq!(types, ["ShopN1", "CompensationDecision", "ResultDecision"]);
}

#[test]
fn a_circle_takes_no_method() {
    let model = model("circle n1 Start\nrectangle n2 Start\nn1 -> n2");
    assert_eq!((method(&model, "n1"), method(&model, "n2")), ("", "start"));
}

#[test]
fn lanes_are_named_by_their_names() {
    let text = "OrderService { # The orders\n}\nNode { # Node\n}\ncore { # Core\n}\nSelf { # Self\n}\norder_service { # 2\n}\n";
    let lanes = analyze(text).model.lanes;
    let names: Vec<_> = lanes.iter().map(|lane| (lane.module.as_str(), lane.type_name.as_str())).collect();
    assert_eq!(
        names,
        [
            ("order_service", "OrderService"),
            ("node", "NodeLane"),
            ("core_lane", "Core"),
            ("self_", "SelfLane"),
            ("order_service2", "OrderService2"),
        ]
    );
}

#[test]
fn outcomes_with_equal_names_get_suffixes() {
    let model = model(
        "diamond n1 How many?
         circle n2 Few
         circle n3 Many
         n1 -> n3: ≥ 5
         n1 -> n2: at least 5
         n1 -> n2: < 5",
    );
    let outcomes: Vec<_> = model.nodes[0].next.iter().map(|arrow| arrow.outcome.as_str()).collect();
    assert_eq!(outcomes, ["AtLeast5N3", "AtLeast5", "Below5"]);
}

#[test]
fn other_scripts_and_nothing_at_all() {
    let model = model(
        "rectangle n1 Έλεγχος πληρωμής
         rectangle n2 Проверка заказа
         rectangle n3 创建订单
         rectangle n4 ?!
         rectangle n5",
    );
    let methods: Vec<_> = model.nodes.iter().map(|node| node.names.method.as_str()).collect();
    assert_eq!(methods, ["elegkhos_pleromes", "proverka_zakaza", "chuang_jian_ding_dan", "n4", "n5"]);
}

#[test]
fn the_order_of_lanes_renames_no_node() {
    let a = "A { # A\nn3: diamond label:\"Go on?\"\nn1: rectangle label:\"Pack\"\n}\n";
    let b = "B { # B\nn2: rectangle label:\"Pack\"\nn3.handle(right) -> A.n1.handle(left) [label=\"x\"]\n}\n";
    let names = |text: String| {
        let model = analyze(&text).model;
        ["n1", "n2", "n3"].map(|id| node(&model, id).names.clone())
    };
    assert_eq!(names(format!("{a}{b}")), names(format!("{b}{a}")));
}

#[test]
fn the_id_twice_leaves_both_nodes() {
    let model = analyze(&sketch("rectangle n1 Pack\nrectangle n1 Pack")).model;
    let methods: Vec<_> = model.nodes.iter().map(|node| node.names.method.as_str()).collect();
    assert_eq!(methods, ["pack", "pack_n1"]);
}
