use flowgen_codegen::finding::Severity;
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
fn steps_that_do_not_fit_are_not_paired() {
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
fn verbs_with_another_meaning_are_not_paired() {
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
fn a_step_is_paired_with_the_better_of_two_compensations() {
    let drawing = saga(&["Create order record"], &["Cancel order", "Delete order record"]);
    assert_eq!(pairs(&model(&drawing)), [("b1", "a0")]);
    let drawing = saga(&["Create order"], &["Cancel order", "Delete order"]);
    assert_eq!(pairs(&model(&drawing)), []);
}

#[test]
fn pairs_are_inferred_only_in_a_rollback() {
    let drawing = saga(&["Process payment"], &["Refund payment"]).replace(": Roll back", ": No");
    assert!(codes(&drawing).is_empty() && pairs(&model(&drawing)).is_empty());
    let labeled = drawing.replace("All well?", "Compensation needed?");
    assert_eq!(pairs(&model(&labeled)), [("b0", "a0")]);
}

#[test]
fn a_rollback_that_leads_back_to_the_beginning_pairs_too() {
    let drawing =
        saga(&["Take order", "Process payment"], &["Refund payment"]).replace("b0 -> f", "b0 -> a0");
    assert_eq!(pairs(&model(&drawing)), [("b0", "a1")]);
}

#[test]
fn a_drawn_pair_is_not_changed() {
    let drawing =
        saga(&["Process payment", "Send parcel"], &["Refund payment"]) + "a1 -> b0: Compensated By\n";
    assert_eq!(pairs(&model(&drawing)), [("b0", "a1")]);
    // Nothing undoes the payment.
    assert_eq!(codes(&drawing), ["F405"]);
}

#[test]
fn one_compensation_may_undo_several_steps() {
    let drawing = saga(&["Reserve seat", "Reserve meal"], &["Give back"])
        + "a0 -> b0: compensated by\na1 -> b0: compensated by\n";
    assert_eq!(pairs(&model(&drawing)), [("b0", "a0"), ("b0", "a1")]);
}

#[test]
fn a_compensation_needs_no_other_edges_as_in_bpmn() {
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
fn a_step_that_leads_only_to_compensations_is_a_trigger() {
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
fn a_compensation_on_the_forward_path_does_not_roll_back() {
    let drawing = saga(&["Process payment"], &["Refund payment"]);
    assert!(node(&model(&drawing), "b0").rolls_back);
    let retried = drawing.replace("b0 -> f", "b0 -> a0");
    assert!(!node(&model(&retried), "b0").rolls_back);
}

#[test]
fn an_incomplete_drawing_has_no_finding_about_missing_parts() {
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

/// A migration: `Delete snapshot` lies on the way that goes well, `Restore snapshot` behind the other.
const MIGRATION: &str = "circle n1 Begin
     rectangle n2 Take snapshot
     rectangle n3 Run migration
     diamond n4 Data intact?
     rectangle n5 Delete snapshot
     circle n6 Migrated
     rectangle n7 Rollback migration
     rectangle n8 Restore snapshot
     circle n9 Rolled back
     n1 -> n2
     n2 -> n3
     n3 -> n4
     n4 -> n5: Yes
     n4 -> n7: No
     n5 -> n6
     n7 -> n8
     n8 -> n9
";

#[test]
fn a_step_that_never_comes_before_is_not_undone() {
    assert_eq!((pairs(&model(MIGRATION)), codes(MIGRATION)), (vec![], vec!["F401"]));
    assert!(!node(&model(MIGRATION), "n8").rolls_back && !node(&model(MIGRATION), "n7").is_trigger);
    // A fault of the deletion would lead there, if the rollback were there to undo it.
    for changed in [
        MIGRATION.replace("Rollback migration", "Roll back"),
        MIGRATION.replace("Rollback migration", "Roll back").replace("snapshot", "old version"),
        MIGRATION.replace("n4 -> n7: No", "n4 -> n8: No, roll back").replace("n7 -> n8\n", "n7 -> n9\n"),
    ] {
        assert_eq!((pairs(&model(&changed)), codes(&changed).contains(&"F401")), (vec![], true), "{changed}");
    }
}

#[test]
fn a_drawn_pair_of_which_no_path_passes_the_step_is_reported() {
    let drawn = format!("{MIGRATION}n5 -> n8: compensated by");
    assert!(codes(&drawn).contains(&"F408"), "{:?}", codes(&drawn));
    let alone = "circle n1 Start
         diamond n2 Buy?
         rectangle n3 Charge card
         circle n4 Sold
         rectangle n5 Refund card
         circle n6 Not sold
         n1 -> n2
         n2 -> n3: Yes
         n2 -> n5: No
         n3 -> n4
         n5 -> n6
         n3 -> n5: compensated by";
    assert_eq!(codes(alone), ["F408"]);
    // The step comes behind its compensation.
    let before = "circle n1 Start
         rectangle n2 Refund card
         rectangle n3 Charge card
         circle n4 Sold
         n1 -> n2
         n2 -> n3
         n3 -> n4
         n3 -> n2: compensated by";
    assert_eq!(codes(before), ["F408"]);
}

#[test]
fn a_fault_leads_from_the_last_step_to_its_compensation() {
    let drawing = saga(&["Reserve stock"], &["Roll back", "Cancel shipment", "Release stock"])
        .replace("d -> e: Yes", "rectangle c Schedule shipment\nd -> c: Yes\nc -> e");
    assert_eq!(pairs(&model(&drawing)), [("b1", "c"), ("b2", "a0")]);
    // Another step before it may be what it undoes.
    let doubtful = drawing.replace("Reserve stock", "Announce shipment");
    assert_eq!(pairs(&model(&doubtful)), []);
    let other_name = drawing.replace("rectangle b0 Roll back", "rectangle b0 Look around");
    assert_eq!(pairs(&model(&other_name)), [("b1", "c"), ("b2", "a0")]);
    // Without the trigger no fault leads there.
    let bare = saga(&["Reserve stock"], &["Cancel shipment", "Release stock"])
        .replace("d -> e: Yes", "rectangle c Schedule shipment\nd -> c: Yes\nc -> e");
    assert_eq!(pairs(&model(&bare)), [("b1", "a0")]);
}

#[test]
fn a_step_of_another_branch_may_be_undone() {
    let drawing = "circle n1 Start
         rectangle n2 Begin
         rectangle n3 Reserve room
         diamond n4 Seat free?
         rectangle n5 Meet
         circle n6 Booked
         rectangle n7 Release room
         circle n8 Off
         rectangle n9 Book room service
         n1 -> n2
         n2 -> n3
         n2 -> n4
         n3 -> n5
         n4 -> n5: Yes
         n4 -> n7: No, undo all
         n5 -> n9
         n9 -> n6
         n7 -> n8";
    assert_eq!(pairs(&model(drawing)), [("n7", "n3")]);
}

#[test]
fn a_step_of_a_message_is_not_undone_by_its_sender() {
    let drawing = saga(&["Take order"], &["Refund payment"])
        + "rectangle m Process payment\ncircle g Paid\na0 -> m: async: pay\nm -> g\n";
    assert_eq!((pairs(&model(&drawing)), codes(&drawing)), (vec![], vec!["F401"]));
}

/// `Hold seat` is undone, `Take money` is not, and `Refund deposit` undoes nothing.
const TICKET: &str = "circle n1 Start
     rectangle n2 Hold seat
     rectangle n3 Take money
     diamond n4 Ticketed?
     circle n5 Sold
     rectangle n6 Unwind
     rectangle n7 Refund deposit
     rectangle n8 Free seat
     circle n9 Off
     n1 -> n2
     n2 -> n3
     n3 -> n4
     n4 -> n5: Yes
     n4 -> n6: No
     n6 -> n7
     n7 -> n8
     n8 -> n9
     n2 -> n8: compensated by
";

fn warnings(drawing: &str) -> Vec<&'static str> {
    let findings = flowgen_codegen::analyze(&sketch(drawing)).findings;
    let warnings = findings.iter().filter(|finding| finding.severity() > Severity::Note);
    warnings.map(|finding| finding.rule.code).collect()
}

#[test]
fn a_drawn_compensation_makes_a_rollback_of_its_path() {
    assert_eq!(warnings(TICKET), ["F405", "F401"]);
    // Before it, behind it, and beside another step that leads there.
    let behind = TICKET
        .replace("n6 -> n7", "n6 -> n8")
        .replace("n7 -> n8", "n8 -> n7")
        .replace("n8 -> n9", "n7 -> n9");
    assert_eq!(warnings(&behind), ["F405", "F401"]);
    // On the way forward it is the job itself.
    let forward = TICKET
        .replace("n2 -> n3", "n2 -> n7")
        .replace("n7 -> n8", "n7 -> n3")
        .replace("n6 -> n7", "n6 -> n8");
    assert_eq!(warnings(&forward), ["F405"]);
    let paired = format!("{TICKET}n3 -> n7: compensated by");
    assert_eq!(warnings(&paired), <[&str; 0]>::default());
}

#[test]
fn a_payment_without_a_compensation_is_reported_if_a_fault_rolls_back() {
    let straight =
        TICKET.replace("n4 -> n6: No", "n4 -> n8: No").replace("n6 -> n7\n", "").replace("n7 -> n8\n", "");
    let straight = straight.replace("rectangle n6 Unwind\n", "").replace("rectangle n7 Refund deposit\n", "");
    assert_eq!(warnings(&straight), ["F405"]);
    for harmless in ["Take notes", "Send payment reminder", "Look at card"] {
        assert_eq!(warnings(&straight.replace("Take money", harmless)), <[&str; 0]>::default(), "{harmless}");
    }
    // In a flow without a compensation nothing rolls back.
    let plain = straight.replace("n2 -> n8: compensated by\n", "");
    assert_eq!(warnings(&plain), <[&str; 0]>::default());
}

#[test]
fn a_label_with_another_sense_of_undo_is_not_an_error() {
    let desk = "circle n1 Customer wants payment reverted
         rectangle n2 Check receipt
         diamond n3 Valid?
         rectangle n4 Refund payment
         rectangle n5 Cancel order
         circle n6 Refunded
         circle n7 Refused
         n1 -> n2
         n2 -> n3
         n3 -> n4: Yes
         n3 -> n7: No
         n4 -> n5
         n5 -> n6";
    assert_eq!(warnings(desk), ["F401", "F401"]);
    let model = model(desk);
    assert!(model.trigger.is_none() && model.nodes.iter().all(|node| !node.is_trigger && !node.rolls_back));
}
