//! Labels of arrows and texts of loops: outcomes of steps, slips of `async:`, bounds, and names that collide.

use flowgen_codegen::analyze;
use flowgen_codegen::fix::fix;

use crate::support::{codes, found, ids, model, node, sketch};

fn fixed(text: &str) -> String {
    fix(text, |text| analyze(text).findings).text
}

/// A step with two labeled arrows.
fn step(one: &str, other: &str) -> String {
    format!(
        "circle n1 Begin
         rectangle n2 Charge card
         rectangle n3 Ship goods
         rectangle n4 Tell customer
         circle n5 End
         n1 -> n2
         n2 -> n3: {one}
         n2 -> n4: {other}
         n3 -> n5
         n4 -> n5"
    )
}

#[test]
fn outcomes_of_a_step() {
    for (one, other) in [
        ("Success", "Failure"),
        ("Yes", "No"),
        ("Approved", "Rejected"),
        ("OK", "Error"),
        ("> 100", "<= 100"),
    ] {
        assert_eq!(codes(&step(one, other)), ["F215"], "{one}, {other}");
    }
    for (one, other) in [("Payment request", "Stock request"), ("Goods", "Letter"), ("Failure", "Invoice")] {
        assert!(codes(&step(one, other)).is_empty(), "{one}, {other}");
    }
    assert!(codes("circle n1 A\n rectangle n2 B\n circle n3 C\n n1 -> n2\n n2 -> n3: Yes").is_empty());
}

#[test]
fn outcomes_of_a_start_a_task_and_a_milestone() {
    for shape in ["circle", "taskbox"] {
        let drawing = step("Yes", "No").replace("rectangle n2", &format!("{shape} n2"));
        assert_eq!(codes(&drawing), ["F215"], "{shape}");
    }
    let start = step("Yes", "No")
        .replace("n1 -> n2", "")
        .replace("circle n1 Begin", "")
        .replace("rectangle n2", "circle n2");
    assert!(codes(&start).contains(&"F215"), "{:?}", codes(&start));
}

#[test]
fn an_outcome_that_leads_straight_to_the_join() {
    let drawing = "circle n1 Begin
         rectangle n2 Charge card
         rectangle n3 Ship goods
         circle n4 End
         n1 -> n2
         n2 -> n3: Success
         n2 -> n4: Failure
         n3 -> n4";
    assert_eq!(codes(drawing), ["F215"]);
}

#[test]
fn the_fix_inserts_a_decision_after_the_step_and_changes_nothing_else() {
    let text = "Shop { # Shop\r\n\tn1: circle label:\"Begin\"\r\n\tn2: rectangle label:\"Charge \\\"card\\\"\" owner:\"Ann\"\r\n\tn3: circle label:\"Sold\"\r\n\tn4: circle label:\"Not sold\"\r\n\tn1.handle(right) -> n2.handle(left)\r\n\tn2.handle(top) -> n3.handle(left) [label=\"Success\"]\r\n}\r\nPost { # Post\r\n\tn5: circle label:\"Other\"\r\n\tShop.n2.handle(bottom) -> Shop.n4.handle(left) [label=\"Failure\"] // so\r\n\tloop [until sold] Shop.n1 Shop.n2\r\n}\r\n";
    let text = text.replace("\tloop [until sold] Shop.n1 Shop.n2\r\n", "");
    let expected = text
        .replace("owner:\"Ann\"", "owner:\"Ann\"\r\n\tn6: diamond label:\"Charge \\\"card\\\": outcome?\"")
        .replace("\tn2.handle(top) ->", "\tn2.handle(top) -> n6.handle(left)\r\n\tn6.handle(top) ->")
        .replace("Shop.n2.handle(bottom)", "Shop.n6.handle(bottom)");
    assert_eq!(fixed(&text), expected);
}

#[test]
fn several_decisions_are_put_at_once_and_into_loops() {
    let drawing = sketch(
        "circle n1 Begin
         rectangle n2 Charge card
         rectangle n3 Ship goods
         rectangle n4 Tell customer
         circle n5 End
         n1 -> n2
         n2 -> n3: OK
         n2 -> n2: Error
         n3 -> n5: OK
         n3 -> n4: Error
         n4 -> n5
         loop [until charged] n2",
    );
    let text = fixed(&drawing);
    assert!(found(&text).is_empty(), "{text}\n{:?}", found(&text));
    assert!(text.contains("n6: diamond") && text.contains("n7: diamond") && text.contains("n2 n6"), "{text}");
}

#[test]
fn a_step_with_other_arrows_has_no_fix() {
    let drawing = sketch(&format!("{}\n rectangle n6 Log\n n2 -> n6\n n6 -> n5", step("Yes", "No")));
    assert!(found(&drawing).iter().any(|(code, _)| *code == "F215"));
    assert_eq!(fixed(&drawing), drawing);
    let conditions = sketch(&step("if gift", "if express"));
    assert!(found(&conditions).iter().any(|(code, _)| *code == "F215"));
    assert_eq!(fixed(&conditions), conditions);
}

/// A step that sends something, with this label.
fn sending(label: &str) -> String {
    format!(
        "circle n1 Begin
         rectangle n2 Pack order
         circle n3 Packed
         rectangle n4 Write to customer
         circle n5 Written
         n1 -> n2
         n2 -> n3
         n2 -> n4: {label}
         n4 -> n5"
    )
}

#[test]
fn misspelled_async() {
    for (label, message) in [
        ("async : tell customer", "tell customer"),
        ("async tell", "tell"),
        ("Async tell", "tell"),
        ("asynchronous: tell", "tell"),
        ("Async- tell", "tell"),
        ("asnyc: tell", "tell"),
        ("ASYNC - tell", "tell"),
        ("aync: tell", "tell"),
        ("async; tell", "tell"),
        ("async：tell", "tell"),
        ("(async) tell", "tell"),
        ("[async] tell", "tell"),
        ("a-sync: tell", "tell"),
        ("a sync: tell", "tell"),
        ("asynchronously tell", "tell"),
        ("Asynchronously: tell", "tell"),
        ("asyncronous: tell", "tell"),
        ("asynch: tell", "tell"),
        ("asynchron: tell", "tell"),
        ("异步：通知", "通知"),
        ("асинхронно: x", "x"),
        ("async", ""),
        ("Async.", ""),
        ("async – tell", "tell"),
        ("async_tell", "tell"),
        ("saync: tell", "tell"),
        ("async, tell", "tell"),
    ] {
        let drawing = sending(label);
        assert_eq!(codes(&drawing), ["F218"], "{label}");
        let model = model(&drawing);
        let sent = &node(&model, "n2").sends;
        assert_eq!(ids(&model, sent.iter().map(|arrow| arrow.to)), ["n4"], "{label}");
        assert_eq!(sent[0].label.as_ref().map_or("", |label| &label.text), message, "{label}");
        let text = sketch(&drawing);
        let exact = if message.is_empty() { "async:".to_owned() } else { format!("async: {message}") };
        assert_eq!(fixed(&text), text.replace(&format!("\"{label}\""), &format!("\"{exact}\"")), "{label}");
    }
}

#[test]
fn labels_that_are_no_messages() {
    for label in [
        "Asynchronous report wanted",
        "tell async",
        "Report (async)",
        "sync: tell",
        "synchronous: tell",
        "Sync tell",
        "Async/await result",
        "asyncapi spec",
        "Asynchrony",
        "basic: x",
        "music: x",
        "ask: price",
        "As is",
        "async2: x",
        "A synchronous report",
        "a synced order",
        "as: x",
        "Call asynchronously",
    ] {
        assert!(!codes(&sending(label)).contains(&"F218"), "{label}");
        assert!(node(&model(&sending(label)), "n2").sends.is_empty(), "{label}");
    }
    for label in ["async: tell", "ASYNC:tell", " async: "] {
        assert!(codes(&sending(label)).is_empty(), "{label}");
    }
}

/// A decision with these outcomes.
fn decision(one: &str, other: &str) -> String {
    format!(
        "circle n1 Begin
         diamond n2 How many?
         circle n3 Some
         circle n4 None
         n1 -> n2
         n2 -> n3: {one}
         n2 -> n4: {other}"
    )
}

#[test]
fn outcomes_that_collide() {
    for (one, other) in [
        ("1", "-1"),
        ("Yes!", "Yes?"),
        ("Müller", "Mueller?"),
        ("a b", "a-b"),
        ("résumé", "resume"),
        ("Да", "Da"),
        ("C", "c!"),
    ] {
        let drawing = decision(one, other);
        let outcomes: Vec<String> =
            node(&model(&drawing), "n2").next.iter().map(|arrow| arrow.outcome.clone()).collect();
        let is_renamed = outcomes[1].ends_with("N4");
        assert_eq!(codes(&drawing).contains(&"F107"), is_renamed, "{one} {other}: {outcomes:?}");
        assert!(is_renamed || one == "Müller", "{outcomes:?}");
    }
    let long = "very ".repeat(20);
    assert_eq!(codes(&decision(&format!("{long} good"), &format!("{long} bad"))), ["F107"]);
    assert!(codes(&decision("Yes", "No")).is_empty());
    assert_eq!(codes(&decision("Yes", "yes")), ["F208"], "said once");
}

#[test]
fn nodes_and_lanes_that_collide() {
    for (one, other) in [("Pay -1", "Pay 1"), ("Pay!", "Pay?"), ("Überweisen", "Uberweisen"), ("PAY", "pay")]
    {
        let drawing = format!(
            "circle n1 A\n rectangle n2 {one}\n rectangle n3 {other}\n circle n4 B\n n1 -> n2\n n2 -> n3\n n3 -> n4"
        );
        assert_eq!(codes(&drawing), ["F107"], "{one}, {other}");
    }
    for (one, other) in [("Shop", "shop"), ("Shop_1", "Shop1"), ("shopDesk", "Shop_desk")] {
        let text = format!(
            "{one} {{ # A\nn1: circle label:\"A\"\n}}\n{other} {{ # B\nn2: circle label:\"B\"\n{one}.n1.handle(right) -> n2.handle(left)\n}}\n"
        );
        let codes: Vec<_> = found(&text).into_iter().map(|(code, _)| code).collect();
        let modules: Vec<_> = analyze(&text)
            .model
            .lanes
            .iter()
            .map(|lane| (lane.module.clone(), lane.type_name.clone()))
            .collect();
        let is_renamed =
            modules[0].0 != modules[1].0 && (modules[1].1.ends_with('2') || modules[0].1.ends_with('2'));
        assert_eq!(codes.contains(&"F107"), is_renamed, "{modules:?}");
    }
}

const LOOP: &str = "circle n1 Begin
     rectangle n2 Call
     diamond n3 Reached?
     rectangle n4 Look up number
     circle n5 End
     n1 -> n2
     n2 -> n3
     n3 -> n5: Yes
     n3 -> n2: Busy
     n3 -> n4: Wrong number
     n4 -> n2";

#[test]
fn the_note_shows_the_bound_of_a_loop() {
    let message = |text: &str| {
        let drawing = sketch(&format!("{LOOP}\n loop [{text}] n2 n3 n4"));
        let findings = analyze(&drawing).findings;
        let found = findings.iter().find(|finding| finding.span.range() == drawing_range(&drawing, text));
        found.map(|finding| (finding.rule.code, finding.message.clone()))
    };
    let note = |text: &str| Some(("F216", text.to_owned()));
    assert_eq!(message("up to 3 times"), note("`up to 3 times` allows at most 3 passes"));
    assert_eq!(
        message("retry up to 3 times"),
        note("`retry up to 3 times` allows at most 4 passes: the first one and 3 retries")
    );
    assert_eq!(
        message("retry once"),
        note("`retry once` allows at most 2 passes: the first one and 1 retry")
    );
    assert_eq!(
        message("at least 3 times"),
        note("the number in `at least 3 times` is not a bound, so the loop has none")
    );
    assert_eq!(
        message("99999999999 times"),
        note("`99999999999 times` allows at most 4294967295 passes, the largest possible bound")
    );
    assert_eq!(message("until paid"), None);
    assert_eq!(message("max 0").unwrap().0, "F213");
    assert_eq!(message("max -1"), note("the number in `max -1` is not a bound, so the loop has none"));
}

fn drawing_range(drawing: &str, text: &str) -> std::ops::Range<usize> {
    let start = drawing.find(text).unwrap();
    start..start + text.len()
}

#[test]
fn a_cycle_that_leaves_a_loop() {
    assert_eq!(codes(&format!("{LOOP}\n loop [max 3] n2 n3 n4")), ["F216"]);
    assert_eq!(codes(&format!("{LOOP}\n loop [max 3] n2 n3")), ["F217", "F216"]);
    assert_eq!(codes(&format!("{LOOP}\n loop [until reached] n2 n3")), [""; 0], "it bounds nothing");
    let around = format!("{LOOP}\n loop [max 3] n2 n3\n loop [for each number] n2 n3 n4");
    assert_eq!(codes(&around), ["F216"], "a loop around it covers the cycle");
    let text = sketch(&format!("{LOOP}\n loop [max 3] n2 n3"));
    let findings = analyze(&text).findings;
    let finding = findings.iter().find(|finding| finding.rule.code == "F217").unwrap();
    assert_eq!(finding.path.iter().map(|stop| stop.id.as_str()).collect::<Vec<_>>(), ["n2", "n3", "n4"]);
}

#[test]
fn a_cycle_within_a_loop_does_not_leave_it() {
    let drawing = "circle n1 Begin
         rectangle n2 Take order
         rectangle n3 Call
         diamond n4 Reached?
         circle n5 End
         n1 -> n2
         n2 -> n3
         n3 -> n4
         n4 -> n5: Yes
         n4 -> n3: Busy
         n4 -> n2: Other order
         loop [max 3] n2 n3 n4";
    assert_eq!(codes(drawing), ["F216"]);
    assert_eq!(codes(&drawing.replace("n2 n3 n4", "n3 n4")), ["F217", "F216"]);
}

#[test]
fn a_loop_around_a_bounded_one_is_counted_too() {
    let loops = |text: &str| {
        let model = model(&format!("{LOOP}\n{text}"));
        model.counted_loops().map(|looped| looped.bound).collect::<Vec<_>>()
    };
    assert_eq!(loops("loop [max 3] n2 n3\n loop [for each number] n2 n3 n4"), [Some(3), None]);
    assert_eq!(loops("loop [until reached] n2 n3\n loop [max 3] n2 n3 n4"), [Some(3)]);
}
