use super::Parser;
use crate::rules::f001_unexpected_text::{self as f001, Fault};
use crate::rules::f002_unclosed_lane;
use crate::syntax::lexer::Kind;
use crate::syntax::{Lane, Word};

impl Parser<'_, '_> {
    pub(super) fn lane(&mut self) -> Lane {
        let name = self.lane_name();
        if self.cursor.eat(Kind::OpenBrace).is_none() {
            f001::report(self.sink, name.span, &Fault::MissingBrace { lane: &name.text });
        }
        let label = if self.cursor.at(Kind::Hash) { self.cursor.label() } else { None };
        let outside = std::mem::take(&mut self.nameless);
        let items = self.items(Some(&name));
        self.nameless = outside;
        self.lane_end(&name);
        Lane { name, label, items }
    }

    /// Takes the name. Where it is several words, references can only have meant them as one.
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
            let written = self.cursor.text(name.span);
            f001::report(self.sink, name.span, &Fault::LaneName { written, joined: &name.text });
        }
        name
    }

    /// Takes the `}`, or reports that it is missing.
    fn lane_end(&mut self, name: &Word) {
        if self.cursor.eat(Kind::CloseBrace).is_some() {
            return;
        }
        let next = self.cursor.peek();
        if next.kind == Kind::End {
            f002_unclosed_lane::report(self.sink, name, None);
        } else {
            self.left_open += 1;
            f002_unclosed_lane::report(self.sink, name, Some(&self.cursor.word(next)));
        }
    }
}
