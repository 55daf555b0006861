//! The tree of a drawing, as written.

use crate::source::Span;

/// A piece of text with its span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text; for a string without its quotes, escapes resolved.
    pub text: String,
    /// The span; for a string with its quotes.
    pub span: Span,
}

/// A whole drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// The items, in the order written.
    pub items: Vec<Item>,
    /// The text of the declaration before the drawing: `#![data { … }]`.
    pub declaration: Option<Word>,
    /// Text that could not be read was left out. It may have held anything that seems to be missing.
    pub incomplete: bool,
}

impl Drawing {
    /// All items but lanes, those of lanes among them, in the order of the text.
    pub fn inner_items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().flat_map(|item| match item {
            Item::Lane(lane) => lane.items.as_slice(),
            item => std::slice::from_ref(item),
        })
    }
}

/// An item of a drawing or of a lane. Lanes are not nested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `Name { # Label … }`
    Lane(Lane),
    /// `n1: circle label:"Start"`
    Node(Node),
    /// `n1.handle(right) -> n2.handle(left) [label="Yes"]`
    Edge(Edge),
    /// `loop [up to 3 times] n5 n6`
    Loop(Loop),
    /// `// text`, without the slashes and the space around the text.
    Comment(Word),
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The name that references use.
    pub name: Word,
    /// The text after `#`.
    pub label: Option<Word>,
    /// The items between the braces. No lanes.
    pub items: Vec<Item>,
}

/// The shape of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A start, an end or a milestone.
    Circle,
    /// A step.
    Rectangle,
    /// A decision.
    Diamond,
    /// A step that a person does.
    Taskbox,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Self; 4] = [Self::Circle, Self::Rectangle, Self::Diamond, Self::Taskbox];

    /// How it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Rectangle => "rectangle",
            Self::Diamond => "diamond",
            Self::Taskbox => "taskbox",
        }
    }

    /// The shape that is written so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }
}

/// The declaration of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The id, which is unique in the drawing.
    pub id: Word,
    /// The shape. An unknown shape is a syntax error, and read as a rectangle.
    pub shape: Shape,
    /// The span of the shape.
    pub shape_span: Span,
    /// `label`, `owner`, `description`, `system`, … in the order written.
    pub attributes: Vec<Attribute>,
}

impl Node {
    /// The keys that FlowZap Code has for nodes.
    pub const KEYS: [&str; 4] = ["label", "owner", "description", "system"];
}

/// A key and a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The key.
    pub key: Word,
    /// The value.
    pub value: Word,
}

/// A side of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `left`
    Left,
    /// `right`
    Right,
    /// `top`
    Top,
    /// `bottom`
    Bottom,
}

impl Direction {
    /// All directions.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// How it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
        }
    }

    /// The direction that is written so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.name() == name)
    }
}

/// A reference to a node, in an edge or a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The lane before the dot.
    pub lane: Option<Word>,
    /// The id.
    pub id: Word,
}

/// One end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The node.
    pub node: Reference,
    /// The side. `None` if it is missing or unknown, which is a syntax error.
    pub direction: Option<Direction>,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The source.
    pub from: Handle,
    /// The target.
    pub to: Handle,
    /// The attributes in brackets: `label`.
    pub attributes: Vec<Attribute>,
    /// The empty span after the second handle, where brackets can be inserted. `None` if there are brackets,
    /// or text that could not be read.
    pub unbracketed: Option<Span>,
}

impl Edge {
    /// The keys that FlowZap Code has for edges.
    pub const KEYS: [&str; 1] = ["label"];
}

/// A loop: a bound or a condition on a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The word `loop`.
    pub keyword: Span,
    /// The text in brackets, trimmed.
    pub text: Word,
    /// The nodes, in the order written.
    pub nodes: Vec<Reference>,
}
