//! What drawings in the wild look like, and how it is read: without a finding of an error.

use flowgen_codegen::syntax::print;

use crate::support::{found, read};

const TIDY: &str = "Shop { # Front desk\n  n1: circle label:\"Start\"\n  n2: taskbox owner:\"Ann\"\n  \
                    n1.handle(right) -> n2.handle(left) [label=\"Yes\"]\n}\n";

/// `text` gives no findings and says what `tidy` says.
#[track_caller]
fn reads_as(text: &str, tidy: &str) {
    assert_eq!(found(text), [], "{text}");
    warns_and_reads_as(text, &[], tidy);
}

#[track_caller]
fn warns_and_reads_as(text: &str, warnings: &[(&'static str, &str)], tidy: &str) {
    let (drawing, _) = read(text);
    assert_eq!(print(&drawing), tidy, "{text}");
    assert_eq!(found(text), warnings, "{text}");
    assert!(!drawing.incomplete, "{text}");
}

#[test]
fn nothing_is_an_empty_drawing() {
    for text in ["", "\n", " \r\n\t", "\u{feff}"] {
        reads_as(text, "");
    }
    reads_as("// later", "// later\n");
}

#[test]
fn a_label_with_and_without_a_space_on_the_same_or_a_later_line() {
    for head in [
        "Shop { # Front desk",
        "Shop {# Front desk",
        "Shop{#Front desk  ",
        "Shop\n{ # Front desk",
        "Shop {\n# Front desk",
        "Shop {\n\n  # Front desk\t",
    ] {
        reads_as(&TIDY.replace("Shop { # Front desk", head), TIDY);
    }
}

#[test]
fn a_lane_without_a_label() {
    for head in ["Shop {", "Shop { #", "Shop {\n  #  "] {
        reads_as(&TIDY.replace("Shop { # Front desk", head), &TIDY.replace(" # Front desk", ""));
    }
}

#[test]
fn any_line_ends_and_any_indent() {
    reads_as(&TIDY.replace('\n', "\r\n"), TIDY);
    reads_as(&TIDY.replace('\n', "\r"), TIDY);
    reads_as(&TIDY.replace('\n', "\n\n"), TIDY);
    reads_as(&TIDY.replace("  ", ""), TIDY);
    reads_as(&TIDY.replace("  ", "\t\t"), TIDY);
    reads_as(&TIDY.replace("  ", "\u{a0}\u{3000}\u{200b}"), TIDY);
    reads_as(&format!("\u{feff}{TIDY}").replace("}\n", "\u{2028}}\u{2029}"), TIDY);
}

#[test]
fn several_items_on_one_line_and_one_on_several() {
    reads_as(&TIDY.replace('\n', " "), TIDY);
    reads_as(&TIDY.replace("\" ", "\"\n").replace(": ", "\n:\n").replace(" -> ", "\n->\n"), TIDY);
}

#[test]
fn white_space_within_items() {
    let spaced = TIDY
        .replace("label:", "label : ")
        .replace("label=", " label = ")
        .replace(".handle(right)", " . handle ( right ) ")
        .replace("\"]", "\" ]");
    reads_as(&spaced, TIDY);
    reads_as(&TIDY.replace(" -> ", "->").replace(": ", ":").replace(" [", "["), TIDY);
}

#[test]
fn mixed_up_separators_are_a_warning() {
    let mixed = TIDY.replace("label:", "label=").replace("[label=", "[label:").replace("n2:", "n2 =");
    warns_and_reads_as(&mixed, &[("F006", "="), ("F006", "="), ("F006", ":")], TIDY);
}

#[test]
fn missing_handles_are_a_warning() {
    let bare = TIDY.replace(".handle(right) -> n2.handle(left)", "-> n2");
    let tidy = TIDY.replace(".handle(right) -> n2.handle(left)", " -> n2");
    warns_and_reads_as(&bare, &[("F008", "n1"), ("F008", "n2")], &tidy);
    warns_and_reads_as(
        &bare.replace("-> n2", ".handle -> n2.handle()"),
        &[("F008", "n1"), ("F008", "n2")],
        &tidy,
    );
}

#[test]
fn prefixes_wherever_they_are() {
    let prefixed = TIDY.replace("  n1.handle", "  Shop.n1.handle").replace("-> n2", "-> Nowhere.n2");
    reads_as(&prefixed, &prefixed);
}

#[test]
fn arrows_and_loops_outside_of_lanes_and_before_the_nodes() {
    let text = "n2.handle(top) -> Shop.n1.handle(top)\nloop [max 3] Shop.n1 n2\n";
    reads_as(&format!("{text}{TIDY}"), &format!("{text}{TIDY}"));
    reads_as(&format!("{TIDY}{text}"), &format!("{TIDY}\n{text}"));
}

#[test]
fn loops_end_with_their_line_or_where_an_item_begins() {
    let two = "loop [up to 3 times, see //wiki] n5 Shop.n6\nn5.handle(left) -> n6.handle(right)\n";
    reads_as(two, two);
    reads_as(&two.replace('\n', " "), two);
    reads_as(&two.replace("n6\nn5.handle", "n6 // so\nn5.handle"), &two.replace("n6\nn5", "n6\n// so\nn5"));
    reads_as("loop[ twice ]\nloop [] loop loop [again] n1", "loop [twice]\nloop [] loop\nloop [again] n1\n");
    reads_as("A { loop [x] n1 n2: circle label:\"y\" }", "A {\n  loop [x] n1\n  n2: circle label:\"y\"\n}\n");
}

#[test]
fn words_of_the_language_as_names() {
    let text = "loop { # loop\n  circle: circle label:\"label\"\n  loop: diamond\n  \
                loop.handle(left) -> loop.loop.handle(right)\n  handle.handle(left) -> loop.handle.handle(left)\n}\n";
    reads_as(text, text);
}

#[test]
fn labels_with_any_text() {
    for label in
        ["R&D | $5 – 7", "don’t — ever", "注文 → 出荷", "مرحبا", "😀", r"C:\temp", "a // b", "{x} # [y]", ""]
    {
        let text = TIDY.replace("Start", label);
        reads_as(&text, &text);
    }
    for label in ["R&D | $5 – 7", "don't — ever", "注文 → 出荷", "Team: circle", "a // b", "a \"b\" [c]"]
    {
        let cut = label.split(" //").next().unwrap();
        let text = TIDY.replace("Front desk", label);
        assert_eq!(found(&text), []);
        assert!(print(&read(&text).0).starts_with(&format!("Shop {{ # {cut}\n")), "{label}");
    }
}

#[test]
fn quotes_plain_typographic_and_escaped() {
    reads_as(&TIDY.replace("\"Start\"", "“Start”").replace("\"Yes\"", "”Yes\""), TIDY);
    let quoting = TIDY.replace("Start", r#"Say \"go\" or “stop”"#);
    reads_as(&quoting, &quoting);
}

#[test]
fn arrows_that_an_editor_made_pretty() {
    reads_as(&TIDY.replace("->", "→"), TIDY);
}

#[test]
fn several_attributes_in_brackets() {
    let tidy = TIDY.replace("Yes\"]", "Yes\" kind=\"main\"]");
    reads_as(&tidy, &tidy);
    reads_as(&tidy.replace("Yes\" ", "Yes\", "), &tidy);
    reads_as(&TIDY.replace(" [label=\"Yes\"]", " []"), &TIDY.replace(" [label=\"Yes\"]", ""));
}

#[test]
fn comments_are_kept() {
    let commented = "// above\nShop { # Front desk\n  // within: n9.handle(left) ->\n  n1: circle\n  // behind\n  //\n  \
                     n1.handle(left) -> n1.handle(right)\n}\n\n// below\n";
    reads_as(commented, commented);
    let crowded =
        commented.replace("\n  // behind", " // behind").replace("Shop { # Front desk", "Shop {# Front desk");
    reads_as(&crowded, commented);
    reads_as("Shop { // first\n# Front desk\n}", "Shop { # Front desk\n  // first\n}\n");
    reads_as(
        "n1 // a\n.handle(left) -> // b\nn2.handle(left)",
        "n1.handle(left) -> n2.handle(left)\n// a\n// b\n",
    );
}

#[test]
fn ids_in_any_order_with_gaps_and_in_any_script() {
    let text = "Shop {\n  n9: circle\n  n2: circle\n  größe_7: circle\n  注文: circle\n}\n";
    reads_as(text, text);
}
