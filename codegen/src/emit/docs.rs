//! What the documentation of emitted items says.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Arrow, Kind, Model, Node};

/// A doc comment, line by line.
pub(super) fn comment(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Text from a drawing, as code, so that nothing in it is taken for markup.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", on_one_line(text).replace('`', "'"))
}

/// A text as a message of `#[diagnostic::on_unimplemented]` shows it: there, braces hold parameters.
pub(super) fn verbatim(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Text on one line, without characters that cannot be seen.
pub(super) fn on_one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || is_unseen(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Control characters, and the marks that turn the reading direction, which rustc refuses.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// `` `Create order record` (n7) ``
pub(super) fn name(node: &Node) -> String {
    format!("{} ({})", code(&node.label.text), word(&node.id.text))
}

/// A word as it is if it could be one of a sentence, else as code.
fn word(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if is_plain { word.to_owned() } else { code(word) }
}

/// The summary of a node, with its messages and attributes.
pub(super) fn node(model: &Model, node: &Node) -> String {
    let hands_over = node.next.iter().filter(|arrow| is_message(model, node, arrow)).map(|arrow| {
        let message = arrow.label.as_ref().map_or("", |label| &label.text);
        format!(" Then {} to {}.", code(message), code(&model[model[arrow.to].lane].label.text))
    });
    let sends = node
        .sends
        .iter()
        .map(|arrow| format!(" Sends a message to {}, and does not wait for it.", name(&model[arrow.to])));
    let attributes = node
        .attributes
        .iter()
        .map(|(key, value)| format!("\n\n{}: {}.", capitalized(&word(&key.text)), code(&value.text)));
    let sentences: String = hands_over.chain(sends).chain(attributes).collect();
    summary(model, node) + &sentences
}

/// The kind of a node, and its role in rollbacks.
pub(super) fn summary(model: &Model, node: &Node) -> String {
    let undoes = node.undoes.iter().map(|&step| format!(" Undoes {}.", name(&model[step])));
    let undone_by = node.undone_by.map(|by| format!(" Undone by {}.", name(&model[by])));
    let trigger = node.is_trigger.then(|| " Starts the rollback.".to_owned());
    let sentences: String = undoes.chain(undone_by).chain(trigger).collect();
    format!("{}{}.{sentences}", name(node), role(node))
}

/// A labeled arrow to another lane, which is more than the next step.
fn is_message(model: &Model, node: &Node, arrow: &Arrow) -> bool {
    node.kind != Kind::Decision && model[arrow.to].lane != node.lane && arrow.label.is_some()
}

fn role(node: &Node) -> &'static str {
    match node.kind {
        Kind::Start => ", where the flow starts",
        Kind::End => ", where the flow ends",
        Kind::Milestone => ", a milestone",
        Kind::Task => ", done by a person",
        Kind::Decision => ", a decision",
        Kind::Step => "",
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::{code, word};

    #[test]
    fn text_stays_in_its_place() {
        assert_eq!(code("a`b\r\n  c\u{2028}d\u{202E} \u{7}"), "`a'b c d`");
        assert_eq!(code(" [x](y) <b> "), "`[x](y) <b>`");
    }

    #[test]
    fn words_that_look_like_names_are_code() {
        assert_eq!([word("n7"), word("n7_loop"), word("theEnd")], ["n7", "`n7_loop`", "`theEnd`"]);
    }
}
