//! What is reported, where, and what is still understood.

use flowgen_codegen::rules::RULES;
use flowgen_codegen::syntax::print;

use crate::SAGA;
use crate::support::{found, read};

#[test]
fn the_drawings_of_each_rule_are_wrong_and_right() {
    for rule in RULES.iter().filter(|rule| rule.code.starts_with("F0")) {
        let codes: Vec<_> = found(rule.wrong).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, [rule.code]);
        assert_eq!(found(rule.right), []);
    }
}

/// `text` has these findings, and from what remains `understood` is printed.
#[track_caller]
fn reports(text: &str, findings: &[(&'static str, &str)], understood: &str) {
    assert_eq!(found(text), findings, "{text}");
    assert_eq!(print(&read(text).0), understood, "{text}");
}

#[test]
fn unexpected_text_costs_its_line_and_no_more() {
    let text = "A {\n  n1: circle\n  @@ n2: circle\n  n3: circle\n}\n";
    reports(text, &[("F001", "@@")], "A {\n  n1: circle\n  n3: circle\n}\n");
    assert!(read(text).0.incomplete);
    reports("A { ?? }\nB {\n}", &[("F001", "??")], "A {\n}\n\nB {\n}\n");
    reports("A {\n  n1: circle ) label:\"x\"\n}", &[("F001", ")")], "A {\n  n1: circle\n}\n");
}

#[test]
fn a_hash_is_no_comment() {
    let text = "A {\n  n1: circle # don't\n}";
    reports(text, &[("F001", "#")], "A {\n  n1: circle\n}\n");
    assert!(!read(text).0.incomplete);
}

#[test]
fn every_syntax_error_is_on_its_own_token() {
    let broken = SAGA
        .replace("n1: circle", "n1: cirle")
        .replace("n8.handle(right)", "n8.handle(up)")
        .replace("Shipment scheduled?\"", "Shipment scheduled?");
    assert_eq!(found(&broken), [("F004", "cirle"), ("F005", "up"), ("F003", "\"Shipment scheduled?")]);
    assert_eq!(print(&read(&broken).0).lines().count(), print(&read(SAGA).0).lines().count());
}

#[test]
fn arrows_that_lack_something() {
    let arrow = "n1.handle(left) -> n2.handle(top)\n";
    reports(&arrow.replace("->", "=>"), &[("F001", "=>")], arrow);
    reports(&arrow.replace("->", "-->"), &[("F001", "-->")], arrow);
    reports(&arrow.replace("-> ", ""), &[("F001", "n2")], arrow);
    reports(&arrow.replace("(top)", "(top"), &[("F001", "top")], arrow);
    reports(&arrow.replace("(left)", "(left side)"), &[("F001", "side")], arrow);
    reports(&arrow.replace("n1.", "A.B.n1."), &[("F001", "A")], &format!("B.{arrow}"));
    reports("n1.handle(left)", &[("F001", ")")], "");
    reports(
        "n1.handle(left) ->\nn2.handle(top) -> n3.handle(left)",
        &[("F001", "->")],
        "n2.handle(top) -> n3.handle(left)\n",
    );
    reports("n1.handle(left) -> \"Pack\"\nloop [x] n1", &[("F001", "\"Pack\"")], "loop [x] n1\n");
    reports("n1. -> n2", &[("F001", "->")], "");
}

#[test]
fn brackets_that_lack_something() {
    let arrow = "n1.handle(left) -> n2.handle(top)";
    let yes = format!("{arrow} [label=\"Yes\"]\n");
    let tail = "n3.handle(left) -> n4.handle(left)\n";
    reports(&format!("{arrow} [label=\"Yes\"\n{tail}"), &[("F001", "[")], &format!("{yes}{tail}"));
    reports(&format!("{arrow} [label=\"Yes\n{tail}"), &[("F003", "\"Yes")], &format!("{yes}{tail}"));
    reports(&format!("{arrow} [label=\"Yes]\n{tail}"), &[("F003", "\"Yes]")], &format!("{yes}{tail}"));
    reports(&format!("{arrow} [label=Yes] {tail}"), &[("F001", "Yes")], &format!("{arrow}\n{tail}"));
    reports(&format!("{arrow} [\"Yes\"] {tail}"), &[("F001", "\"Yes\"")], &format!("{arrow}\n{tail}"));
    reports(&format!("{arrow} [label=]\n{tail}"), &[("F001", "]")], &format!("{arrow}\n{tail}"));
    reports("loop [up to 3 times n1\n", &[("F001", "[")], "loop [up to 3 times n1]\n");
    reports("loop n1 n2\n", &[("F001", "n1")], "loop [] n1 n2\n");
}

#[test]
fn lanes_that_lack_something() {
    let lane = "A { # Desk\n  n1: circle\n}\n";
    reports(&lane.replace(" {", ""), &[("F001", "A")], lane);
    reports("A\nn1: circle\n}\n", &[("F001", "A")], "A {\n  n1: circle\n}\n");
    reports(&lane.replace('}', ""), &[("F002", "A")], lane);
    reports(&format!("{lane}}}"), &[("F001", "}")], lane);
    reports("Front Desk {\n}", &[("F001", "Front Desk")], "FrontDesk {\n}\n");
    reports("front-desk {\n}", &[("F001", "front-desk")], "frontdesk {\n}\n");
    reports("{ # Desk\n  n1: circle\n}\nB {\n}\n", &[("F001", "{")], "n1: circle\nB {\n}\n");
    reports("junk(text) {\n  n1: circle\n}\nB {\n}\n", &[("F001", "junk")], "n1: circle\nB {\n}\n");
}

#[test]
fn a_lane_ends_where_the_next_begins() {
    let two = "A {\n  n1: circle\n}\n\nB {\n  n2: circle\n}\n";
    reports("A {\n n1: circle\nB {\n n2: circle\n}\n", &[("F002", "A")], two);
    reports("A {\n n1: circle\nB {\n n2: circle\n}\n}\n", &[("F002", "A")], two);
}

#[test]
fn strings_that_are_not_closed_end_with_their_line() {
    reports("A {\n  n1: circle label:\"It\n}\n", &[("F003", "\"It")], "A {\n  n1: circle label:\"It\"\n}\n");
    reports(
        "A {\n  n1: circle label:“It  \r\n}\n",
        &[("F003", "“It")],
        "A {\n  n1: circle label:\"It\"\n}\n",
    );
}

#[test]
fn nodes_that_lack_something() {
    let read_as = "A {\n  n1: rectangle label:\"x\"\n}\n";
    reports("A { n1: hexagon label:\"x\" }", &[("F004", "hexagon")], read_as);
    reports("A { n1: label:\"x\" }", &[("F004", "n1")], read_as);
    reports("A { n1: \"x\" }", &[("F004", "n1")], read_as);
    reports("A { n1: rectangle \"x\" }", &[("F001", "\"x\"")], read_as);
    reports("A { A.n1: rectangle label:\"x\" }", &[("F001", "A.")], read_as);
    reports("A {\n  n1: rectangle label:Start\n}", &[("F001", "Start")], "A {\n  n1: rectangle\n}\n");
    reports("A {\n  n1: rectangle label:\n}", &[("F001", ":")], "A {\n  n1: rectangle\n}\n");
    reports("A {\n  n1:\n  n2: circle\n}", &[("F004", "n1")], "A {\n  n1: rectangle\n  n2: circle\n}\n");
}

#[test]
fn nodes_outside_of_lanes_are_kept() {
    reports("n1: circle\nA {\n}\n", &[("F007", "n1")], "n1: circle\nA {\n}\n");
}

#[test]
fn the_nearest_shape_and_direction_are_suggested() {
    let edit = |text: &str| read(text).1.remove(0).edits.pop().map(|edit| edit.with);
    assert_eq!(edit("A { n1: Diamond }").as_deref(), Some("diamond"));
    assert_eq!(edit("A { n1: hexagon }"), None);
    assert_eq!(edit("n1.handle(botom) -> n2.handle(left)").as_deref(), Some("bottom"));
    assert_eq!(edit("n1.handle(up) -> n2.handle(left)").as_deref(), Some("top"));
}
