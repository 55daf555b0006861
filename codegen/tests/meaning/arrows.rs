use flowgen_codegen::analyze;
use flowgen_codegen::model::Kind;

use crate::support::{codes, found, ids, model, next, node};

#[test]
fn circles_are_what_their_arrows_make_them() {
    let model = model(
        "circle n1 Order came in
         circle n2 Packed
         circle n3 Sold
         n1 -> n2
         n2 -> n3",
    );
    let kinds: Vec<_> = model.nodes.iter().map(|node| node.kind).collect();
    assert_eq!(kinds, [Kind::Start, Kind::Milestone, Kind::End]);
    assert_eq!(
        (ids(&model, model.starts.clone()), ids(&model, model.ends.clone())),
        (vec!["n1"], vec!["n3"])
    );
}

#[test]
fn several_starts_and_ends() {
    let model = model(
        "circle n1 By phone
         circle n2 By mail
         diamond n3 In stock?
         circle n4 Sold
         circle n5 Not sold
         n1 -> n3
         n2 -> n3
         n3 -> n4: Yes
         n3 -> n5: No",
    );
    assert_eq!(ids(&model, model.starts.clone()), ["n1", "n2"]);
    assert_eq!(ids(&model, model.ends.clone()), ["n4", "n5"]);
}

#[test]
fn a_circle_that_a_message_leads_to_is_no_start() {
    let model = model(
        "circle n1 Start
         rectangle n2 Pack
         circle n3 Sold
         circle n4 Mail wanted
         rectangle n5 Write mail
         n1 -> n2
         n2 -> n3
         n2 -> n4: ASYNC: order packed
         n4 -> n5",
    );
    assert_eq!(ids(&model, model.starts.clone()), ["n1"]);
    let sent = &node(&model, "n2").sends;
    assert_eq!(sent[0].label.as_ref().map(|label| label.text.as_str()), Some("order packed"));
    assert_eq!(next(&model, "n2"), ["n3"]);
}

#[test]
fn a_message_has_to_come_to_an_end_like_any_run() {
    let drawing = "circle n1 Start
         rectangle n2 Pack
         circle n3 Sold
         rectangle n4 Write mail
         n1 -> n2
         n2 -> n3
         n2 -> n4: async:write";
    assert_eq!(codes(drawing), ["F205"]);
}

#[test]
fn a_message_is_no_outcome() {
    let drawing = "circle n1 Start
         diamond n2 In stock?
         circle n3 Sold
         circle n4 Counted
         n1 -> n2
         n2 -> n3: Yes
         n2 -> n4: async: asked";
    assert_eq!(codes(drawing), ["F206"]);
    assert_eq!(model(drawing).nodes[1].next.len(), 1);
}

#[test]
fn outcomes_may_lead_to_the_same_node() {
    let model = model(
        "circle n1 Start
         diamond n2 How?
         rectangle n3 Pack
         circle n4 Sold
         n1 -> n2
         n2 -> n3: By post
         n2 -> n3: Fetched
         n3 -> n4
         n3 -> n4",
    );
    let outcomes: Vec<_> = node(&model, "n2").next.iter().map(|arrow| arrow.outcome.as_str()).collect();
    assert_eq!(outcomes, ["ByPost", "Fetched"]);
    assert_eq!(next(&model, "n3"), ["n4"]);
}

#[test]
fn an_outcome_without_a_label_is_named_after_its_target() {
    let drawing = "circle n1 Start
         diamond n2 How?
         circle n3 By post
         circle n4 Fetched
         n1 -> n2
         n2 -> n3: By post
         n2 -> n4";
    assert_eq!(codes(drawing), ["F207"]);
    assert_eq!(node(&model(drawing), "n2").next[1].outcome, "Fetched");
}

#[test]
fn nodes_are_found_by_id_despite_a_wrong_lane() {
    let text = r#"Shop { # Shop
n1: circle label:"Start"
Carrier.n2.handle(right) -> n3.handle(left)
n3.handle(right) -> Shop.n4.handle(left)
n1.handle(right) -> Nowhere.n2.handle(left)
}
n2.handle(top) -> n2.handle(top) [label="async: again"]
Carrier { # Carrier
n2: rectangle label:"Fetch"
n3: rectangle label:"Drive"
n4: circle label:"There"
loop [while it rains] Shop.n3 n2
}
"#;
    let expected = [("F105", "n3"), ("F105", "n3"), ("F104", "Shop"), ("F104", "Nowhere"), ("F104", "Shop")];
    let found: Vec<_> = found(text).into_iter().filter(|(code, _)| code.starts_with("F1")).collect();
    assert_eq!(found, expected.map(|(code, at)| (code, at.to_owned())));
    let model = analyze(text).model;
    assert_eq!(model.lanes.len(), 2);
    assert_eq!(next(&model, "n3"), ["n4"]);
}

#[test]
fn nodes_of_a_second_lane_of_one_name_go_to_the_first() {
    let text = "A { # A\nn1: circle\n}\nB { # B\n}\nA { # Other\nn2: circle\nn1.handle(right) -> n2.handle(left)\n}\n";
    assert_eq!(found(text), [("F102", "A".to_owned())]);
    let model = analyze(text).model;
    assert_eq!((model.lanes.len(), model.nodes[1].lane.0, model.lanes[0].label.text.as_str()), (2, 0, "A"));
}
