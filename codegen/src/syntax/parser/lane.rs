use super::Parser;
use crate::syntax::lexer::Kind;
use crate::syntax::{Lane, SyntaxError, Word};

impl Parser<'_> {
    pub(super) fn lane(&mut self) -> Lane {
        let name = self.lane_name();
        if self.cursor.eat(Kind::OpenBrace).is_none() {
            self.errors.push(SyntaxError::MissingBrace { lane: name.clone() });
        }
        let label = if self.cursor.at(Kind::Hash) { self.cursor.label() } else { None };
        let outside = std::mem::take(&mut self.nameless);
        let items = self.items(Some(&name));
        self.nameless = outside;
        self.lane_end(&name);
        Lane { name, label, items }
    }

    /// Takes the name. Several words are joined, as references can only use one.
    fn lane_name(&mut self) -> Word {
        let first = self.cursor.bump();
        let mut name = self.cursor.word(first);
        while !self.cursor.peek().first_in_line
            && let Some(more) = self.cursor.eat(Kind::Word).or_else(|| self.cursor.eat(Kind::Other))
        {
            if more.kind == Kind::Word {
                name.text.push_str(self.cursor.text(more.span));
            }
            name.span = name.span.to(more.span);
        }
        if name.span != first.span {
            let joined = name.text.clone();
            self.errors.push(SyntaxError::LaneNameOfSeveralWords { span: name.span, joined });
        }
        name
    }

    /// Takes the `}`; it is an error if there is none.
    fn lane_end(&mut self, name: &Word) {
        if self.cursor.eat(Kind::CloseBrace).is_some() {
            return;
        }
        let next = self.cursor.peek();
        let next = (next.kind != Kind::End).then(|| self.cursor.word(next));
        self.left_open += usize::from(next.is_some());
        self.errors.push(SyntaxError::UnclosedLane { lane: name.clone(), next });
    }
}
