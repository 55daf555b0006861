use flowgen_codegen::syntax::declaration::{DataItem, InputForm, Outputs, parse};
use flowgen_codegen::syntax::{SyntaxError, parse as parse_drawing, print};
use flowgen_codegen::{Analysis, analyze};

fn item(text: &str) -> DataItem {
    let (declaration, errors) = parse(text, 0);
    assert!(errors.is_empty() && !declaration.incomplete, "{text}: {errors:?}");
    let [item] = &declaration.items[..] else { panic!("{declaration:?}") };
    item.clone()
}

/// What is wrong, with the text that it is about.
fn errors(text: &str) -> Vec<String> {
    let shown = |error: SyntaxError| match error {
        SyntaxError::Unexpected { span } => format!("unexpected {}", &text[span.range()]),
        SyntaxError::Instead { found, expected } => format!("{expected}, not {}", &text[found.range()]),
        SyntaxError::Missing { after, expected } => format!("{expected} after {}", &text[after.range()]),
        SyntaxError::NotBuiltYet { span } => format!("not built: {}", &text[span.range()]),
        other => panic!("{other:?}"),
    };
    parse(text, 0).1.into_iter().map(shown).collect()
}

#[test]
fn an_item_has_a_node_inputs_and_an_output() {
    let item = item("payment.charge_payment(order, label?, [ticket], take body, cause) -> charge: Charge;");
    assert_eq!(item.node.lane.unwrap().text, "payment");
    assert_eq!(item.node.name.text, "charge_payment");
    let inputs: Vec<_> = item.inputs.iter().map(|input| (input.name.text.as_str(), input.form)).collect();
    let expected = [
        ("order", InputForm::One),
        ("label", InputForm::Optional),
        ("ticket", InputForm::List),
        ("body", InputForm::Moved),
        ("cause", InputForm::Cause),
    ];
    assert_eq!(inputs, expected);
    let Some(Outputs::Value(charge)) = item.outputs else { panic!("no value") };
    assert_eq!((charge.name.text.as_str(), charge.type_text.text().as_str()), ("charge", "Charge"));
}

#[test]
fn an_item_has_outcomes_and_those_that_mean_done() {
    let item =
        item("charge(order) -> Accepted(charge: Charge), Declined(reason: Decline), No done: Accepted;");
    let Some(Outputs::Outcomes(outcomes)) = item.outputs else { panic!("no outcomes") };
    let outcomes: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            (outcome.outcome.text.as_str(), outcome.output.as_ref().map(|output| output.name.text.as_str()))
        })
        .collect();
    assert_eq!(outcomes, [("Accepted", Some("charge")), ("Declined", Some("reason")), ("No", None)]);
    assert_eq!(item.done[0].text, "Accepted");
}

#[test]
fn a_name_may_be_take_or_done() {
    assert_eq!(item("pack(done, take done);").inputs.len(), 2);
}

#[test]
fn types_are_read_whole() {
    let types = [
        "Order",
        "Vec<Order>",
        "Option<Vec<(Order, u32)>>",
        "()",
        "(Order,)",
        "[u8; 32]",
        "Box<[Order]>",
        "crate::shop::Order",
        "::money::Amount<3>",
        "std::sync::Arc<str>",
        "&'static str",
        "Box<dyn std::error::Error + Send + 'static>",
    ];
    for written in types {
        let item = item(&format!("n1 -> x: {written};"));
        let Some(Outputs::Value(output)) = item.outputs else { panic!("no value") };
        assert_eq!(output.type_text.text(), written);
        syn::parse_str::<syn::Type>(&output.type_text.text()).unwrap();
    }
}

#[test]
fn imports_are_read_whole() {
    let text =
        "use crate::shop::{self, Order, money::{Amount as Money, Tax}}; use ::time::Instant; use std::fmt;";
    let (declaration, errors) = parse(text, 0);
    assert!(errors.is_empty(), "{errors:?}");
    let names = |at: usize| {
        let names = declaration.uses[at].names.iter().map(|name| name.text.as_str());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(0), ["shop", "Order", "Money", "Tax"]);
    assert_eq!((names(1), names(2)), (vec!["Instant"], vec!["fmt"]));
}

#[test]
fn what_is_no_declaration_is_named() {
    let table = [
        ("pack(order) -> parcel: Parcel", "`;` after Parcel"),
        ("pack(order)\nship(order);", "`;` after )"),
        ("pack(Order);", "a name in lower case, such as `order`, not Order"),
        ("pack(order ship);", "`,` or `)`, not ship"),
        ("pack(größe);", "a name in lower case, such as `order`, not größe"),
        ("pack -> ;", "an output, such as `order: Order`, or an outcome, not ;"),
        ("pack -> x: ;", "a type, not ;"),
        ("pack -> x: Vec<;", "a type, not ;"),
        ("pack -> x: &str;", "`'static`, not str"),
        (
            "pack -> x: impl Copy;",
            "the name of a type that is imported, or a path that begins with `crate::`, `::` or `std::`, not impl",
        ),
        (
            "pack -> x: super::Order;",
            "the name of a type that is imported, or a path that begins with `crate::`, `::` or `std::`, not super",
        ),
        ("pack -> x: [u8; 1e9];", "a number, not 1e9"),
        ("use super::Order;", "`crate`, `std` or `::` and the name of a crate, not super"),
        ("use crate::shop::*;", "a name, not *"),
        ("use crate;", "`::` and a name, not ;"),
        ("= 3;", "unexpected ="),
        ("paid = wait 3 days;", "not built: paid = wait"),
        ("pack.(order);", "a node of the lane, not ("),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn reading_continues_after_an_error() {
    let (declaration, errors) = parse("pack(order,;\n// all of it\nship(&) -> x;\nuse 3;\nsell(order);", 0);
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(declaration.incomplete);
    let nodes: Vec<_> = declaration.items.iter().map(|item| item.node.name.text.as_str()).collect();
    assert_eq!(nodes, ["pack", "ship", "sell"]);
    assert_eq!(declaration.items[0].inputs.len(), 1, "what was read before the error");
}

#[test]
fn deep_types_are_an_error() {
    let deep = format!("n1 -> x: {}u8{};", "Vec<".repeat(5_000), ">".repeat(5_000));
    assert_eq!(errors(&deep), ["a type that is less nested, not Vec"]);
    let deep = format!("use crate::{}x{};", "a::{".repeat(5_000), "}".repeat(5_000));
    assert_eq!(errors(&deep), ["a name, not {"]);
}

#[test]
fn spans_are_those_of_the_whole_text() {
    let (declaration, _) = parse("pack(order) -> x: Vec<Order>;", 100);
    let item = &declaration.items[0];
    assert_eq!((item.node.span().start, item.inputs[0].span.start), (100, 105));
    let Some(Outputs::Value(output)) = &item.outputs else { panic!("no value") };
    assert_eq!((output.type_text.span().start, output.type_text.span().end), (118, 128));
}

const SHOP: &str = "Shop { # Shop\n  n1: circle label:\"Ordered\"\n}\n";

#[test]
fn a_declaration_before_the_drawing_is_skipped() {
    let text = format!("// first\n#![data {{ // }}\n ordered -> order: String; }}]\n{SHOP}");
    let (drawing, errors) = parse_drawing(&text);
    assert!(errors.is_empty(), "{errors:?}");
    let declaration = drawing.declaration.as_ref().unwrap();
    assert_eq!(&text[declaration.span.range()], declaration.text);
    let Analysis { model, .. } = analyze(&text);
    assert_eq!(model.data.unwrap().names[0].name.text, "order");
    let printed = print(&drawing);
    assert_eq!(parse_drawing(&printed).0.declaration.unwrap().text, declaration.text);
    assert_eq!(print(&parse_drawing(&printed).0), printed);
}

#[test]
fn an_unclosed_declaration_is_one_error() {
    for unclosed in ["#![data {", "#![data { a; ]", "#![data { a; }", "#![data { use crate::{a; }]"] {
        let text = format!("{unclosed}\n{SHOP}");
        let (drawing, errors) = parse_drawing(&text);
        assert!(drawing.incomplete && drawing.items.is_empty());
        assert!(matches!(errors[..], [SyntaxError::UnclosedDeclaration { .. }]), "{errors:?}");
    }
}

#[test]
fn other_attributes_are_no_declaration() {
    for text in ["#![strict]", "#![data]", "#[data {}]", "#!"] {
        assert!(parse_drawing(text).0.declaration.is_none(), "{text}");
    }
}
