//! Drawings made up at random.

use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{
    Attribute, Direction, Drawing, Edge, Handle, Item, Lane, Loop, Node, Reference, Shape, Word,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn drawing() -> impl Strategy<Value = Drawing> {
    let lane = (id(), option::of(prose()), vec(item(), 0..8))
        .prop_map(|(name, label, items)| Item::Lane(Lane { name, label, items }));
    vec(prop_oneof![3 => lane, 1 => item()], 0..5).prop_map(|items| Drawing { items, ..Drawing::default() })
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        (id(), select(Shape::ALL.to_vec()), attributes()).prop_map(|(id, shape, attributes)| {
            Item::Node(Node { id, shape, shape_span: Span::default(), attributes })
        }),
        (handle(), handle(), attributes()).prop_map(|(from, to, attributes)| Item::Edge(Edge {
            from,
            to,
            attributes,
            unbracketed: None,
        })),
        (prose(), vec(reference(), 0..4)).prop_map(|(text, nodes)| Item::Loop(Loop {
            keyword: Span::default(),
            text,
            nodes
        })),
        "[a-z/ {}\"#é]{0,12}".prop_map(|text| Item::Comment(word(text.trim()))),
    ]
}

fn handle() -> impl Strategy<Value = Handle> {
    let node = (option::of(id()), prop_oneof![9 => id(), 1 => Just(word("handle"))]);
    (node, option::of(select(Direction::ALL.to_vec())))
        .prop_map(|((lane, id), direction)| Handle { node: Reference { lane, id }, direction })
}

fn reference() -> impl Strategy<Value = Reference> {
    (option::of(id()), id()).prop_map(|(lane, id)| Reference { lane, id })
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    vec((id(), r#"[^\r\n]{0,8}|["\\]{0,4}"#), 0..3).prop_map(|pairs| {
        pairs.into_iter().map(|(key, value)| Attribute { key, value: word(&value) }).collect()
    })
}

/// Ids, among them the words that mean something elsewhere.
fn id() -> impl Strategy<Value = Word> {
    prop_oneof![
        6 => "n[0-9]{1,2}".boxed(),
        1 => r"[\p{L}\p{Nd}_]{1,6}".boxed(),
        1 => select(vec!["loop", "circle", "label", "left"]).prop_map(str::to_owned).boxed(),
    ]
    .prop_filter("in Rust's eyes alphanumeric", |id| id.chars().all(|c| c.is_alphanumeric() || c == '_'))
    .prop_map(|id| word(&id))
}

/// A label or the text of a loop: anything but what ends one.
fn prose() -> impl Strategy<Value = Word> {
    r"[\w&$|?'’—-][\w &$|?'’—.,:-]{0,12}[\w?!]".prop_map(|text| word(&text))
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), span: Span::default() }
}
