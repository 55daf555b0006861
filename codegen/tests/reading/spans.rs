//! Every span of a tree, to check it or to take it away.

use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{Attribute, Drawing, Item, Node, Reference, Word};

pub(crate) fn each_span(drawing: &mut Drawing, visit: &mut dyn FnMut(&mut Span)) {
    drawing.items.iter_mut().for_each(|item| in_item(item, visit));
}

fn in_item(item: &mut Item, visit: &mut dyn FnMut(&mut Span)) {
    match item {
        Item::Lane(lane) => {
            in_word(&mut lane.name, visit);
            lane.label.iter_mut().for_each(|label| in_word(label, visit));
            lane.items.iter_mut().for_each(|item| in_item(item, visit));
        }
        Item::Node(Node { id, shape_span, attributes, .. }) => {
            in_word(id, visit);
            visit(shape_span);
            in_attributes(attributes, visit);
        }
        Item::Edge(edge) => {
            in_reference(&mut edge.from.node, visit);
            in_reference(&mut edge.to.node, visit);
            in_attributes(&mut edge.attributes, visit);
            edge.unbracketed.iter_mut().for_each(&mut *visit);
        }
        Item::Loop(drawn) => {
            visit(&mut drawn.keyword);
            in_word(&mut drawn.text, visit);
            drawn.nodes.iter_mut().for_each(|node| in_reference(node, visit));
        }
        Item::Comment(comment) => in_word(comment, visit),
    }
}

/// Takes away where brackets could stand, which depends on how the drawing was written, too.
pub(crate) fn forget_brackets(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Lane(lane) => forget_brackets(&mut lane.items),
            Item::Edge(edge) => edge.unbracketed = None,
            Item::Node(_) | Item::Loop(_) | Item::Comment(_) => {}
        }
    }
}

fn in_attributes(attributes: &mut [Attribute], visit: &mut dyn FnMut(&mut Span)) {
    for Attribute { key, value } in attributes {
        in_word(key, visit);
        in_word(value, visit);
    }
}

fn in_reference(reference: &mut Reference, visit: &mut dyn FnMut(&mut Span)) {
    reference.lane.iter_mut().for_each(|lane| in_word(lane, visit));
    in_word(&mut reference.id, visit);
}

fn in_word(word: &mut Word, visit: &mut dyn FnMut(&mut Span)) {
    visit(&mut word.span);
}
