//! How what is drawn looks.

use crate::shown::{Shown, picture};

const UNDONE: &str = r#"Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Reserve book"
  n3: diamond label:"Paid?"
  n4: circle label:"Sold"
  n5: rectangle label:"Release book"
  n6: circle label:"Not sold"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No"]
  n5.handle(right) -> n6.handle(left)
  n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
}
"#;

/// The class of the group with this title.
fn class(svg: &str, title: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let title = document.descendants().find(|node| node.text() == Some(title)).unwrap();
    title.ancestors().find_map(|node| node.attribute("class")).unwrap().to_owned()
}

#[test]
fn compensations_are_tinted_and_their_association_is_dotted() {
    let svg = picture(UNDONE);
    assert_eq!(class(&svg, "n2: Reserve book"), "step");
    assert_eq!(class(&svg, "n5: Release book"), "step undo");
    assert_eq!(class(&svg, "n3 → n5"), "arrow undo");
    assert_eq!(class(&svg, "n2 → n5"), "arrow dotted undo");
    assert!(svg.contains(">compensated by</text>") && !svg.contains("waits for"));
}

#[test]
fn a_message_is_dashed() {
    let svg = picture(
        "L { # L\nn1: circle\nn2: circle\nn1.handle(right) -> n2.handle(left) [label=\"async: Told\"]\n}",
    );
    assert_eq!(class(&svg, "n1 → n2"), "arrow dashed");
    assert!(svg.contains(">Told</text>"));
}

#[test]
fn an_arrow_down_leads_to_the_node_below() {
    let shown = Shown::read(&picture(UNDONE));
    let (paid, release) = (&shown.figures[2], &shown.figures[4]);
    assert!(paid.around[3] < release.around[1]);
    assert_eq!(shown.arrows[3].corners.len(), 2, "a straight line");
}

#[test]
fn figures_of_a_row_are_in_the_order_of_the_flow() {
    let shown = Shown::read(&picture(UNDONE));
    for pair in shown.figures[..4].windows(2) {
        assert!(pair[0].around[2] < pair[1].around[0]);
    }
}

#[test]
fn a_text_describes_the_picture() {
    let svg = picture(UNDONE);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let text =
        |tag| root.children().find(|node| node.has_tag_name(tag)).and_then(|node| node.text()).unwrap();
    assert_eq!(text("title"), "The workflow of Shop");
    assert!(text("desc").contains("Paid? → Sold (Yes), Release book (No)."), "{}", text("desc"));
}

#[test]
fn the_text_of_a_loop_is_at_its_way_back() {
    let drawn = "L { # L\nn1: circle\nn2: rectangle\nn3: diamond\nn4: circle\n\
        n1.handle(right) -> n2.handle(left)\nn2.handle(right) -> n3.handle(left)\n\
        n3.handle(top) -> n2.handle(top) [label=\"No\"]\nn3.handle(right) -> n4.handle(left) [label=\"Yes\"]\n\
        loop [up to 3 times] n2 n3\n}";
    let svg = picture(drawn);
    assert_eq!(Shown::read(&svg).arrows.len(), 4);
    assert!(svg.contains(">↻ up to 3 times</text>"));
}

#[test]
fn a_loop_that_is_only_listed_has_its_arrow() {
    let implied = "L { # L\nn1: circle\nn2: rectangle\nn3: circle\nn1.handle(right) -> n2.handle(left)\n\
        n2.handle(right) -> n3.handle(left)\nloop [max 3] n2\n}";
    let shown = Shown::read(&picture(implied));
    assert_eq!(shown.arrows.last().unwrap().title, "n2 → n2");
    assert_eq!(shown.figures.len(), 3, "the decision that it implies is not drawn");
}
