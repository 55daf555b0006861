use flowgen_codegen::model::{Kind, Model};

use crate::support::{codes, ids, ix, model, next, node};

const LINE: &str = "circle n1 Start
     rectangle n2 Call
     rectangle n3 Note answer
     circle n4 End
     n1 -> n2
     n2 -> n3
     n3 -> n4";

fn heads(model: &Model) -> Vec<&str> {
    ids(model, model.loops.iter().map(|drawn| drawn.head))
}

#[test]
fn a_bound_is_read_from_the_text() {
    let model = model(&format!("{LINE}\n loop [up to 3 times] n2 n3"));
    assert_eq!((model.loops[0].bound, heads(&model)), (Some(3), vec!["n2"]));
}

#[test]
fn a_loop_without_a_way_back_gets_a_decision_after_its_last_node() {
    let drawing = format!("{LINE}\n loop [until answered] n2 n3");
    assert_eq!(codes(&drawing), ["F214"]);
    let model = model(&drawing);
    let decision = node(&model, "n3_loop");
    assert_eq!((decision.kind, decision.label.text.as_str()), (Kind::Decision, "until answered"));
    assert_eq!((next(&model, "n3"), next(&model, "n3_loop")), (vec!["n3_loop"], vec!["n2", "n4"]));
    let outcomes: Vec<_> = decision.next.iter().map(|arrow| arrow.outcome.as_str()).collect();
    assert_eq!((outcomes, decision.names.type_name.as_str()), (vec!["Again", "Done"], "UntilAnswered"));
    assert_eq!(
        (model.loops[0].bound, ids(&model, model.loops[0].nodes.clone())),
        (None, vec!["n2", "n3", "n3_loop"])
    );
}

#[test]
fn a_loop_over_one_node_repeats_it() {
    let model = model(&format!("{LINE}\n loop [3x] n2"));
    assert_eq!((next(&model, "n2"), next(&model, "n2_loop")), (vec!["n2_loop"], vec!["n2", "n3"]));
}

#[test]
fn a_decision_at_the_end_gets_an_outcome() {
    let drawing = "circle n1 Start
         rectangle n2 Call
         diamond n3 Answered?
         circle n4 End
         circle n5 Given up
         n1 -> n2
         n2 -> n3
         n3 -> n4: Yes
         n3 -> n5: Never
         loop [not yet] n2 n3";
    assert_eq!(codes(drawing), ["F214"]);
    let model = model(drawing);
    assert_eq!(
        (next(&model, "n3"), node(&model, "n3").next[2].outcome.as_str()),
        (vec!["n4", "n5", "n2"], "NotYet")
    );
}

#[test]
fn a_last_node_without_arrows_just_leads_back() {
    let model = model(
        "circle n1 Start
         rectangle n2 Call
         rectangle n3 Wait
         n1 -> n2
         n2 -> n3
         loop [for ever] n2 n3",
    );
    assert_eq!(next(&model, "n3"), ["n2"]);
}

#[test]
fn a_drawn_arrow_back_is_enough() {
    for listed in ["n2 n3", "n2 n5 n3", "n3 n2"] {
        let model = model(&format!(
            "circle n1 Start
             rectangle n2 Call
             diamond n3 Answered?
             circle n4 End
             rectangle n5 Wait
             n1 -> n2
             n2 -> n5
             n5 -> n3
             n3 -> n2: No
             n3 -> n4: Yes
             loop [max 5] {listed}"
        ));
        assert_eq!((model.nodes.len(), next(&model, "n3")), (5, vec!["n2", "n4"]), "{listed}");
        assert_eq!((heads(&model), model.loops[0].bound), (vec!["n2"], Some(5)));
    }
}

#[test]
fn an_arrow_back_around_a_loop_is_not_its_own() {
    let model = model(
        "circle n1 Start
         rectangle n2 Take order
         rectangle n3 Call
         rectangle n4 Note answer
         diamond n5 More?
         circle n6 End
         n1 -> n2
         n2 -> n3
         n3 -> n4
         n4 -> n5
         n5 -> n2: Yes
         n5 -> n6: No
         loop [while orders come] n2 n3 n4 n5
         loop [3 times] n3 n4",
    );
    assert_eq!(next(&model, "n4_loop"), ["n3", "n5"]);
    assert_eq!(heads(&model), ["n2", "n3"]);
    let outer = &model.loops[0].nodes;
    assert!(outer.contains(&ix(&model, "n4_loop")) && outer.is_sorted());
}

#[test]
fn two_loops_over_the_same_nodes_have_decisions_of_their_own() {
    let model = model(&format!("{LINE}\n loop [3 times] n2 n3\n loop [until answered] n2 n3"));
    assert_eq!(next(&model, "n3"), ["n3_loop_2"]);
    assert_eq!(
        (next(&model, "n3_loop_2"), next(&model, "n3_loop")),
        (vec!["n2", "n3_loop"], vec!["n2", "n4"])
    );
}

#[test]
fn a_loop_over_unknown_nodes_is_reported_once() {
    assert_eq!(codes(&format!("{LINE}\n loop [3 times] n8 n9")), ["F103", "F103"]);
    assert_eq!(codes(&format!("{LINE}\n loop [3 times]")), ["F209"]);
    assert!(model(&format!("{LINE}\n loop [3 times]")).loops.is_empty());
}
