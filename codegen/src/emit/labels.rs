//! The labels that emitted items are named after, with their locations.

use super::locations::DrawingFile;
use super::{decision, docs};
use crate::model::{Arrow, Kind, Model, Node};
use crate::source::Span;

/// A label of a drawing, with its location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedLabel {
    /// The span that the emitter looks up for the items that are named after the label.
    pub span: Span,
    /// `` `Reserve book` (n2), flow/shop.fz:3 ``
    pub text: String,
}

/// All labels of lanes, nodes and outcomes, in the order of the model.
pub(crate) fn all(model: &Model, file: &DrawingFile<'_>) -> Vec<LocatedLabel> {
    let located =
        |name: String, span| LocatedLabel { span, text: format!("{name}, {}", file.location(span)) };
    let lanes = model
        .lanes
        .iter()
        .map(|lane| located(format!("lane {}", docs::code(&lane.label.text)), lane.name.span));
    let nodes = model.nodes.iter().flat_map(|node| {
        let outcomes: &[Arrow] = if node.kind == Kind::Decision { &node.next } else { &[] };
        let outcomes = outcomes.iter().map(|arrow| located(outcome(node, arrow), arrow.label_span()));
        std::iter::once(located(docs::name(node), node.label.span)).chain(outcomes)
    });
    lanes.chain(nodes).collect()
}

/// `` `Yes` of `Paid?` (n4) ``
fn outcome(decision: &Node, arrow: &Arrow) -> String {
    let label = match decision::label(arrow) {
        "" => &arrow.outcome,
        label => label,
    };
    format!("{} of {}", docs::code(label), docs::name(decision))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use crate::settings::{Location, Settings};
    use crate::source::Sources;

    const DRAWING: &str = r#"Shop { # Book shop
n1: circle label:"Ordered"
n2: rectangle label:"Pack `book`"
n3: diamond label:"Packed?"
n4: circle label:"Sold"
n5: rectangle
n6: taskbox label:"Call customer"
n1.handle(right) -> n2.handle(left)
n2.handle(right) -> n3.handle(left)
n3.handle(right) -> Post.n7.handle(left) [label="Yes"]
n3.handle(bottom) -> n5.handle(top)
n5.handle(right) -> n6.handle(left)
n6.handle(right) -> n4.handle(left)
loop [up to 3 times] n5 n6
}
Post {
n7: rectangle label:"Send book"
n7.handle(top) -> Shop.n6.handle(top)
}
"#;

    fn location() -> Location {
        Location { file: "src/lib.rs".to_owned(), line: 11 }
    }

    #[test]
    fn labels_have_locations_in_their_file() {
        let labels = crate::labels(&Sources::new(DRAWING), &location());
        let texts: Vec<&str> = labels.iter().map(|label| label.text.as_str()).collect();
        let expected = [
            "lane `Book shop`, src/lib.rs:11",
            "`Pack 'book'` (n2), src/lib.rs:13",
            "`Packed?` (n3), src/lib.rs:14",
            "`Yes` of `Packed?` (n3), src/lib.rs:20",
            "`N5` of `Packed?` (n3), src/lib.rs:21",
            "`n5` (n5), src/lib.rs:16",
        ];
        for text in expected {
            assert!(texts.contains(&text), "{text} is not in {texts:#?}");
        }
    }

    #[test]
    fn every_name_of_an_item_has_a_label() {
        let spans = RefCell::new(Vec::new());
        let settings = Settings { location: Some(location()), ..Settings::default() };
        let items = crate::items(&Sources::new(DRAWING), &settings, &|span| {
            spans.borrow_mut().push(span);
            proc_macro2::Span::call_site()
        });
        assert!(!items.is_empty());
        let labels = crate::labels(&Sources::new(DRAWING), &location());
        assert!(spans.borrow().len() > labels.len());
        for span in spans.into_inner() {
            let is_labelled = labels.iter().any(|label| label.span == span);
            assert!(is_labelled, "{span:?}: {:?}", DRAWING.get(span.range()));
        }
    }
}
