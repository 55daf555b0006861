//! The tree to text.

use std::fmt::{self, Display, Formatter, Write as _};

use super::characters::is_line_end;
use super::string::escape;
use super::{Attribute, Drawing, Edge, Handle, Item, Lane, Loop, Node, Reference};

/// Writes a drawing as plain FlowZap Code: each item on a line, the items of a lane indented, a blank line
/// after each lane. A declaration before the drawing is written as it is.
///
/// ```
/// use flowgen_codegen::syntax::{parse, print};
///
/// let drawing = parse("Shop {# Front desk\nn1:circle label=“Start”}").0;
/// assert_eq!(print(&drawing), "Shop { # Front desk\n  n1: circle label:\"Start\"\n}\n");
/// ```
#[must_use]
pub fn print(drawing: &Drawing) -> String {
    let mut text = String::new();
    if let Some(declaration) = &drawing.declaration {
        let _ = writeln!(text, "#![data {{{}}}]", declaration.text);
    }
    for (index, item) in drawing.items.iter().enumerate() {
        if index > 0 && matches!(drawing.items[index - 1], Item::Lane(_)) {
            text.push('\n');
        }
        print_item(&mut text, item);
    }
    text
}

fn print_item(text: &mut String, item: &Item) {
    let line = match item {
        Item::Lane(lane) => return print_lane(text, lane),
        Item::Node(node) => node.to_string(),
        Item::Edge(edge) => edge.to_string(),
        Item::Loop(drawn) => drawn.to_string(),
        Item::Comment(comment) => after("//", &comment.text),
    };
    text.push_str(&on_one_line(&line));
    text.push('\n');
}

fn print_lane(text: &mut String, lane: &Lane) {
    let label = lane.label.as_ref().map_or(String::new(), |label| after(" #", &label.text));
    text.push_str(&on_one_line(&format!("{} {{{label}", lane.name.text)));
    text.push('\n');
    for item in &lane.items {
        text.push_str("  ");
        print_item(text, item);
    }
    text.push_str("}\n");
}

fn after(mark: &str, text: &str) -> String {
    if text.is_empty() { mark.to_owned() } else { format!("{mark} {text}") }
}

/// Parsed items have no line ends; a tree from elsewhere may have.
fn on_one_line(line: &str) -> String {
    line.replace(is_line_end, " ")
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id.text, self.shape.name())?;
        self.attributes.iter().try_for_each(|attribute| write!(f, " {}", pair(attribute, ':')))
    }
}

impl Display for Edge {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)?;
        if self.attributes.is_empty() {
            return Ok(());
        }
        let attributes: Vec<String> = self.attributes.iter().map(|attribute| pair(attribute, '=')).collect();
        write!(f, " [{}]", attributes.join(" "))
    }
}

impl Display for Loop {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "loop [{}]", self.text.text)?;
        self.nodes.iter().try_for_each(|node| write!(f, " {node}"))
    }
}

impl Display for Handle {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)?;
        match self.direction {
            Some(direction) => write!(f, ".handle({})", direction.name()),
            // Without more, the id would be read as the keyword.
            None if self.node.lane.is_some() && self.node.id.text == "handle" => f.write_str(".handle()"),
            None => Ok(()),
        }
    }
}

impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(lane) = &self.lane {
            write!(f, "{}.", lane.text)?;
        }
        f.write_str(&self.id.text)
    }
}

fn pair(attribute: &Attribute, separator: char) -> String {
    format!("{}{separator}\"{}\"", attribute.key.text, escape(&attribute.value.text))
}
