use super::ast::{DataItem, Declaration, Input, InputForm, NodeName, OutcomeOutput, Output, Outputs};
use super::lexer::{Cursor, Kind, is_identifier};
use super::types::type_text;
use super::uses::import;
use crate::syntax::{SyntaxError, Word};

/// Reads a declaration: everything in `text` that can be read, and what is wrong with it, in the order of the text.
/// `start` is the byte of the whole text at which the declaration begins.
///
/// ```
/// use flowgen_codegen::syntax::declaration::{InputForm, parse};
///
/// let (declaration, errors) = parse("use crate::Order; pack(order, label?) -> parcel: Vec<Order>;", 0);
/// assert!(errors.is_empty());
/// let item = &declaration.items[0];
/// assert_eq!(item.node.name.text, "pack");
/// assert_eq!(item.inputs[1].form, InputForm::Optional);
/// ```
#[must_use]
pub fn parse(text: &str, start: usize) -> (Declaration, Vec<SyntaxError>) {
    let declaration = Declaration::default();
    let mut parser = Parser { cursor: Cursor::new(text, start), errors: Vec::new(), declaration };
    while !parser.cursor.at(Kind::End) {
        if parser.entry().is_none() {
            parser.declaration.incomplete = true;
            parser.skip_entry();
        }
    }
    (parser.declaration, parser.errors)
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    errors: Vec<SyntaxError>,
    declaration: Declaration,
}

/// What was read; `None` if it was an error, which is in the list.
type Read<T = ()> = Option<T>;

impl Parser<'_> {
    fn entry(&mut self) -> Read {
        if !self.cursor.at(Kind::Word) {
            self.errors.push(SyntaxError::Unexpected { span: self.cursor.peek().span });
            return None;
        }
        if self.cursor.at_word("use") {
            self.cursor.bump();
            let import = import(&mut self.cursor).map_err(|error| self.errors.push(error)).ok()?;
            self.declaration.uses.push(import);
        } else {
            self.item()?;
        }
        self.end_of_entry()
    }

    /// Takes the `;`. Without it, an entry also ends before a line that begins with a word.
    fn end_of_entry(&mut self) -> Read {
        if self.cursor.eat(Kind::Sign(';')).is_some() {
            return Some(());
        }
        self.expected("`;`");
        let next = self.cursor.peek();
        (next.first_in_line && matches!(next.kind, Kind::Word | Kind::End)).then_some(())
    }

    /// Skips the rest of an entry.
    fn skip_entry(&mut self) {
        let begins = self.cursor.peek().span.start;
        loop {
            let next = self.cursor.peek();
            let begins_entry = next.first_in_line && next.kind == Kind::Word && next.span.start > begins;
            if next.kind == Kind::End || begins_entry || self.cursor.bump().kind == Kind::Sign(';') {
                return;
            }
        }
    }

    /// Adds the item also if its end cannot be read: the rest of the item is known then.
    fn item(&mut self) -> Read {
        let node = self.node_name()?;
        if self.cursor.at(Kind::Sign('=')) {
            self.cursor.bump();
            let span = node.span().to(self.cursor.peek().span);
            self.errors.push(SyntaxError::NotBuiltYet { span });
            return None;
        }
        let mut item = DataItem { node, inputs: Vec::new(), outputs: None, done: Vec::new() };
        let read = self.signature(&mut item);
        self.declaration.items.push(item);
        read
    }

    fn signature(&mut self, item: &mut DataItem) -> Read {
        if self.cursor.eat(Kind::Sign('(')).is_some() {
            self.inputs(&mut item.inputs)?;
        }
        if self.cursor.eat(Kind::Arrow).is_some() {
            item.outputs = Some(self.outputs()?);
        }
        if self.cursor.at_word("done") && self.cursor.second() == Kind::Sign(':') {
            self.cursor.bump();
            self.cursor.bump();
            loop {
                item.done.push(self.identifier("an outcome")?);
                if self.cursor.eat(Kind::Sign(',')).is_none() {
                    break;
                }
            }
        }
        Some(())
    }

    fn node_name(&mut self) -> Read<NodeName> {
        let first = self.identifier("a node")?;
        if self.cursor.eat(Kind::Sign('.')).is_none() {
            return Some(NodeName { lane: None, name: first });
        }
        let name = self.identifier("a node of the lane")?;
        Some(NodeName { lane: Some(first), name })
    }

    /// Takes inputs up to the `)`.
    fn inputs(&mut self, inputs: &mut Vec<Input>) -> Read {
        loop {
            if self.cursor.eat(Kind::Sign(')')).is_some() {
                return Some(());
            }
            inputs.push(self.input()?);
            if !self.cursor.at(Kind::Sign(')')) {
                self.take(Kind::Sign(','), "`,` or `)`")?;
            }
        }
    }

    fn input(&mut self) -> Read<Input> {
        let first = self.cursor.peek().span;
        let (name, form) = if self.cursor.eat(Kind::Sign('[')).is_some() {
            let name = self.name()?;
            self.take(Kind::Sign(']'), "`]`")?;
            (name, InputForm::List)
        } else if self.cursor.at_word("take") && self.cursor.second() == Kind::Word {
            self.cursor.bump();
            (self.name()?, InputForm::Moved)
        } else {
            let name = self.name()?;
            let is_optional = self.cursor.eat(Kind::Sign('?')).is_some();
            let form = match name.text.as_str() {
                _ if is_optional => InputForm::Optional,
                "cause" => InputForm::Cause,
                _ => InputForm::One,
            };
            (name, form)
        };
        Some(Input { name, form, span: first.to(self.cursor.last().span) })
    }

    fn outputs(&mut self) -> Read<Outputs> {
        if self.cursor.second() == Kind::Sign(':') {
            return Some(Outputs::Value(self.output()?));
        }
        let mut outcomes = Vec::new();
        loop {
            let outcome = self.identifier("an output, such as `order: Order`, or an outcome")?;
            let mut output = None;
            if self.cursor.eat(Kind::Sign('(')).is_some() {
                output = Some(self.output()?);
                self.take(Kind::Sign(')'), "`)`")?;
            }
            outcomes.push(OutcomeOutput { outcome, output });
            if self.cursor.eat(Kind::Sign(',')).is_none() {
                return Some(Outputs::Outcomes(outcomes));
            }
        }
    }

    fn output(&mut self) -> Read<Output> {
        let name = self.name()?;
        self.take(Kind::Sign(':'), "`:` and a type")?;
        let type_text = type_text(&mut self.cursor).map_err(|error| self.errors.push(error)).ok()?;
        Some(Output { name, type_text })
    }

    /// Takes the name of a value.
    fn name(&mut self) -> Read<Word> {
        let text = self.cursor.text(self.cursor.peek());
        let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_name {
            self.expected("a name in lower case, such as `order`");
            return None;
        }
        let token = self.cursor.bump();
        Some(self.cursor.word(token))
    }

    fn identifier(&mut self, expected: &'static str) -> Read<Word> {
        if !is_identifier(self.cursor.text(self.cursor.peek())) {
            self.expected(expected);
            return None;
        }
        let token = self.cursor.bump();
        Some(self.cursor.word(token))
    }

    fn take(&mut self, kind: Kind, expected: &'static str) -> Read {
        if self.cursor.eat(kind).is_none() {
            self.expected(expected);
            return None;
        }
        Some(())
    }

    fn expected(&mut self, expected: &'static str) {
        self.errors.push(self.cursor.expected(expected));
    }
}
