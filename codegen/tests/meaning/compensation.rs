use flowgen_codegen::model::Model;

use crate::support::{codes, ids, model, node, sketch};

/// A line of steps and, behind an arrow that speaks of rollback, of steps that may undo them.
fn saga(done: &[&str], undoing: &[&str]) -> String {
    let ends = ["circle s Start", "diamond d All well?", "circle e Done", "circle f Undone", "d -> e: Yes"];
    let mut lines: Vec<_> = ends.map(str::to_owned).into();
    for (prefix, steps) in [("a", done), ("b", undoing)] {
        for (at, step) in steps.iter().enumerate() {
            lines.push(format!("rectangle {prefix}{at} {step}"));
            lines.extend((at > 0).then(|| format!("{prefix}{} -> {prefix}{at}", at - 1)));
        }
    }
    lines.extend(["s -> a0".to_owned(), format!("a{} -> d", done.len() - 1)]);
    lines.extend(["d -> b0: Roll back".to_owned(), format!("b{} -> f\n", undoing.len() - 1)]);
    lines.join("\n")
}

fn pairs(model: &Model) -> Vec<(&str, &str)> {
    model
        .nodes
        .iter()
        .flat_map(|node| {
            node.undoes.iter().map(|&step| (node.id.text.as_str(), model[step].id.text.as_str()))
        })
        .collect()
}

#[test]
fn verbs_and_objects_pair() {
    for (done, undoing) in [
        ("Process payment", "Refund the payment"),
        ("Reserve inventory items", "Release inventory"),
        ("Create order record", "Cancel order"),
        ("Book flights", "Cancel flight"),
        ("Grant access", "Revoke access"),
        ("Lock account", "Unlock account"),
        ("Register user", "De-register user"),
        ("Add entry", "Undo add entry"),
        ("Send letters to customers", "Revert letters"),
        ("Anything at all", "Roll back anything"),
    ] {
        let drawing = saga(&[done], &[undoing]);
        assert_eq!(pairs(&model(&drawing)), [("b0", "a0")], "{done} / {undoing}");
        assert_eq!(codes(&drawing), ["F403"], "{done} / {undoing}");
    }
}

#[test]
fn what_does_not_fit_is_not_paired() {
    for (done, undoing) in [
        ("Process payment", "Refund invoice"),
        ("Report payment", "Refund payment"),
        ("Create order", "Cancel"),
    ] {
        let drawing = saga(&[done], &[undoing]);
        assert_eq!((pairs(&model(&drawing)), codes(&drawing)), (vec![], vec!["F401"]), "{done} / {undoing}");
    }
}

#[test]
fn verbs_that_have_another_meaning_are_let_pass() {
    for undoing in ["Close ticket", "Return goods", "Stop timer", "Deliver apology", "Understand why"] {
        assert!(codes(&saga(&["Process payment"], &[undoing])).is_empty(), "{undoing}");
    }
}

#[test]
fn two_that_fit_as_well_are_as_good_as_none() {
    let drawing = saga(&["Process payment", "Charge payment"], &["Refund payment"]);
    assert_eq!((pairs(&model(&drawing)), codes(&drawing)), (vec![], vec!["F401"]));
}

#[test]
fn the_same_object_beats_a_part_of_it() {
    let drawing = saga(&["Reserve hotel room", "Reserve room"], &["Release room"]);
    assert_eq!(pairs(&model(&drawing)), [("b0", "a1")]);
}

#[test]
fn of_two_compensations_the_better_one_has_the_step() {
    let drawing = saga(&["Create order record"], &["Cancel order", "Delete order record"]);
    assert_eq!(pairs(&model(&drawing)), [("b1", "a0")]);
    let drawing = saga(&["Create order"], &["Cancel order", "Delete order"]);
    assert_eq!(pairs(&model(&drawing)), []);
}

#[test]
fn pairs_are_looked_for_only_behind_a_rollback() {
    let drawing = saga(&["Process payment"], &["Refund payment"]).replace(": Roll back", ": No");
    assert!(codes(&drawing).is_empty() && pairs(&model(&drawing)).is_empty());
    let labelled = drawing.replace("All well?", "Compensation needed?");
    assert_eq!(pairs(&model(&labelled)), [("b0", "a0")]);
}

#[test]
fn a_rollback_that_leads_back_to_the_beginning_pairs_too() {
    let drawing =
        saga(&["Take order", "Process payment"], &["Refund payment"]).replace("b0 -> f", "b0 -> a0");
    assert_eq!(pairs(&model(&drawing)), [("b0", "a1")]);
}

#[test]
fn a_drawn_pair_is_left_alone() {
    let drawing =
        saga(&["Process payment", "Send parcel"], &["Refund payment"]) + "a1 -> b0: Compensated By\n";
    assert_eq!(pairs(&model(&drawing)), [("b0", "a1")]);
    assert!(codes(&drawing).is_empty());
}

#[test]
fn one_compensation_may_undo_several_steps() {
    let drawing = saga(&["Reserve seat", "Reserve meal"], &["Give back"])
        + "a0 -> b0: compensated by\na1 -> b0: compensated by\n";
    assert_eq!(pairs(&model(&drawing)), [("b0", "a0"), ("b0", "a1")]);
}

#[test]
fn a_compensation_stands_alone_as_in_bpmn() {
    let drawing = "circle n1 Start
         rectangle n2 Charge
         circle n3 End
         taskbox n4 Pay back
         n1 -> n2
         n2 -> n3
         n2 -> n4: compensated by";
    assert!(codes(drawing).is_empty());
    assert!(node(&model(drawing), "n4").rolls_back);
}

#[test]
fn a_compensation_is_not_undone() {
    let drawing = "circle n1 Start
         rectangle n2 Charge
         circle n3 End
         rectangle n4 Pay back
         rectangle n5 Take again
         n1 -> n2
         n2 -> n3
         n4 -> n5: compensated by
         n2 -> n4: compensated by";
    assert_eq!(codes(drawing), ["F404"]);
    assert_eq!(pairs(&model(drawing)), [("n4", "n2")]);
}

#[test]
fn two_that_undo_each_other_are_one_pair() {
    let drawing = "circle n1 Start
         rectangle n2 Charge
         rectangle n4 Pay back
         circle n3 End
         n1 -> n2
         n2 -> n3
         n2 -> n4: compensated by
         n4 -> n2: compensated by";
    assert_eq!((codes(drawing), pairs(&model(drawing)).len()), (vec!["F404"], 1));
}

#[test]
fn what_leads_only_to_compensations_is_a_trigger() {
    let drawing = saga(&["Process payment"], &["Roll back everything", "Refund payment"]);
    let model = model(&drawing);
    assert_eq!((ids(&model, model.trigger), codes(&drawing)), (vec!["b0"], vec!["F403"]));
    assert!(node(&model, "b0").is_trigger && !node(&model, "b0").is_compensation());
}

#[test]
fn of_several_triggers_none_is_the_one() {
    let drawing =
        saga(&["Process payment"], &["Give up", "Refund payment"]) + "rectangle t Stop all\nt -> b1";
    let model = model(&drawing);
    assert_eq!((model.trigger, model.nodes.iter().filter(|node| node.is_trigger).count()), (None, 2));
}

#[test]
fn a_trigger_that_only_faults_lead_to_is_reached() {
    let drawing = "circle n1 Start
         rectangle n2 Charge
         circle n3 Sold
         rectangle n4 Give up
         rectangle n5 Pay back
         circle n6 Not sold
         n1 -> n2
         n2 -> n3
         n4 -> n5
         n5 -> n6
         n2 -> n5: compensated by";
    assert!(codes(drawing).is_empty(), "{}", sketch(drawing));
}

#[test]
fn a_compensation_that_the_flow_goes_on_from_does_not_roll_back() {
    let drawing = saga(&["Process payment"], &["Refund payment"]);
    assert!(node(&model(&drawing), "b0").rolls_back);
    let retried = drawing.replace("b0 -> f", "b0 -> a0");
    assert!(!node(&model(&retried), "b0").rolls_back);
}

#[test]
fn what_may_not_have_been_read_is_not_asked_for() {
    let drawing = saga(&["Process payment"], &["Refund invoice"]);
    assert_eq!(codes(&(drawing + "a0 -> nowhere: compensated by")), ["F103"]);
}

#[test]
fn a_label_that_is_almost_compensated_by_is_read_so() {
    for label in ["compensate by", "compensated_by", "Compensated-By:", "compensation by", "COMPENSATES BY"] {
        let drawing = format!(
            "circle n1 Start
             rectangle n2 Charge card
             circle n3 Sold
             rectangle n4 Refund card
             n1 -> n2
             n2 -> n3
             n2 -> n4: {label}"
        );
        assert_eq!(codes(&drawing), ["F411"], "{label}");
        assert!(node(&model(&drawing), "n4").is_compensation(), "{label}");
    }
    for label in ["accompanied by", "stand by", "compensated for", "compensated"] {
        let drawing =
            format!("circle n1 Start\n rectangle n2 Wait\n circle n3 Sold\n n1 -> n2\n n2 -> n3: {label}");
        assert!(codes(&drawing).is_empty(), "{label}");
    }
}
