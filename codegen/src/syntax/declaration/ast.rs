use crate::source::Span;
use crate::syntax::Word;

/// A whole declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    /// The `use` lines, in the order written.
    pub uses: Vec<Use>,
    /// The items, in the order written.
    pub items: Vec<DataItem>,
    /// Text that could not be read was left out. It may have held anything that seems to be missing.
    pub incomplete: bool,
}

/// `use crate::shop::{Order, Charge};`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The tokens between `use` and `;`: an import that is valid Rust.
    pub words: Vec<Word>,
    /// The names that it imports.
    pub names: Vec<Word>,
}

/// What a node takes and gives: `reserve(order) -> Yes(reservation: Reservation), No;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataItem {
    /// The node.
    pub node: NodeName,
    /// What it takes, in the order written.
    pub inputs: Vec<Input>,
    /// What it gives, if anything.
    pub outputs: Option<Outputs>,
    /// The outcomes after `done:`.
    pub done: Vec<Word>,
}

/// The name of a node: `charge_payment`, `payment.charge_payment` or `n12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeName {
    /// The lane before the dot.
    pub lane: Option<Word>,
    /// The method or the id.
    pub name: Word,
}

/// What a node takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The name.
    pub name: Word,
    /// How it takes it.
    pub form: InputForm,
    /// The whole input.
    pub span: Span,
}

/// How a node takes an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputForm {
    /// `x`: the latest value, which is always there.
    One,
    /// `x?`: the latest value, if there is one.
    Optional,
    /// `[x]`: the values that a loop has given so far.
    List,
    /// `take x`: the latest value, moved.
    Moved,
    /// `cause`: why the run rolls back.
    Cause,
}

/// What a node gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// `-> order: Order`
    Value(Output),
    /// `-> Yes(reservation: Reservation), No`: the decision behind the step is fused with it.
    Outcomes(Vec<OutcomeOutput>),
}

/// `Yes(reservation: Reservation)` or `No`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeOutput {
    /// The outcome.
    pub outcome: Word,
    /// What is given with it.
    pub output: Option<Output>,
}

/// `order: Order`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name.
    pub name: Word,
    /// The type.
    pub type_text: TypeText,
}

/// A type: valid Rust, if the names in it exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeText {
    /// The tokens.
    pub words: Vec<Word>,
    /// The first words of the paths in it that do not begin with `::`.
    pub roots: Vec<Word>,
}

impl NodeName {
    /// The whole name.
    #[must_use]
    pub fn span(&self) -> Span {
        self.lane.as_ref().map_or(self.name.span, |lane| lane.span.to(self.name.span))
    }
}

impl TypeText {
    /// The whole type.
    #[must_use]
    pub fn span(&self) -> Span {
        let spans = self.words.iter().map(|word| word.span);
        spans.reduce(Span::to).unwrap_or_default()
    }

    /// The type in one form, however it is spaced: `Vec<Order>`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            let begins_word = word.text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '\''));
            let after_word = text.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let after_sign = text.ends_with([',', ';', '+']) && !matches!(word.text.as_str(), ")" | ">");
            if begins_word && after_word || after_sign || word.text == "+" {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }
}
