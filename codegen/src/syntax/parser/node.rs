use super::{Parser, Start};
use crate::source::Span;
use crate::syntax::lexer::Kind;
use crate::syntax::{Attribute, Node, Shape, SyntaxError, Word};

impl Parser<'_> {
    pub(super) fn node(&mut self) -> Node {
        self.node_prefix();
        let id = self.cursor.bump();
        let id = self.cursor.word(id);
        self.separator(Kind::Colon);
        let (shape, shape_span) = self.shape(&id);
        let mut attributes = Vec::from_iter(self.keyless_label(shape.is_some()));
        while !self.node_ends() {
            if !self.attribute_ahead() {
                self.unexpected();
            } else if let Some(attribute) = self.attribute(Kind::Colon) {
                attributes.push(attribute);
            } else {
                self.abandon_line();
            }
        }
        // Most have one, and there may be a million of them.
        attributes.shrink_to_fit();
        Node { id, shape: shape.unwrap_or(Shape::Rectangle), shape_span, attributes }
    }

    /// A node is declared in its lane, so there is no prefix to it.
    fn node_prefix(&mut self) {
        if self.cursor.second() == Kind::Dot {
            let prefix = self.cursor.bump().span.to(self.cursor.bump().span);
            self.errors.push(SyntaxError::NodePrefix { span: prefix });
        }
    }

    /// Takes the shape. Returns it, if it exists, with its span.
    fn shape(&mut self, id: &Word) -> (Option<Shape>, Span) {
        let token = self.cursor.peek();
        let shape = Shape::named(self.cursor.text(token.span));
        if shape.is_none() && (token.first_in_line || !self.shape_ahead()) {
            self.errors.push(SyntaxError::MissingShape { id: id.clone() });
            return (None, id.span);
        }
        self.cursor.bump();
        if shape.is_none() {
            self.errors.push(SyntaxError::UnknownShape { shape: self.cursor.word(token) });
        }
        (shape, token.span)
    }

    /// Is the next word meant as a shape? It is not if something begins with it.
    fn shape_ahead(&self) -> bool {
        self.cursor.at(Kind::Word) && !self.item_ahead()
    }

    /// Takes `"Start"` in place of `label:"Start"`. That is no second error if the shape is missing.
    fn keyless_label(&mut self, has_shape: bool) -> Option<Attribute> {
        let token = self.cursor.peek();
        if token.first_in_line || !matches!(token.kind, Kind::String { .. }) {
            return None;
        }
        if has_shape {
            self.expected("`label:`");
        }
        let value = self.string(None);
        Some(Attribute { key: Word { text: "label".to_owned(), span: value.span }, value })
    }

    fn node_ends(&self) -> bool {
        let next = self.cursor.peek();
        let elsewhere = next.first_in_line
            || matches!(next.kind, Kind::OpenBrace | Kind::CloseBrace | Kind::Hash)
            || self.start(true) != Start::Unexpected;
        elsewhere && !self.attribute_ahead()
    }
}
