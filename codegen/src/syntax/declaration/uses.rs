use super::ast::Use;
use super::lexer::{Cursor, Kind, is_identifier};
use super::types::is_crate;
use crate::syntax::keywords::is_keyword;
use crate::syntax::{SyntaxError, Word};

/// How deep braces may be nested, so that reading takes constant stack.
const DEEPEST: usize = 32;

/// Takes what is between `use` and `;`.
///
/// # Errors
///
/// The first thing that is no part of an import. Imports of all names with `*` are no part, as they hide where a name
/// comes from.
pub(super) fn import(cursor: &mut Cursor<'_>) -> Result<Use, SyntaxError> {
    let mut imports = Imports { cursor, read: Use { words: Vec::new(), names: Vec::new() } };
    let is_global = imports.eat(Kind::PathSeparator);
    let root = imports.cursor.text(imports.cursor.peek());
    let is_root = if is_global { is_identifier(root) && !is_keyword(root) } else { is_crate(root) };
    if !is_root {
        return Err(imports.expected("`crate`, `std` or `::` and the name of a crate"));
    }
    let root = imports.push();
    imports.after(&root, DEEPEST)?;
    Ok(imports.read)
}

struct Imports<'c, 't> {
    cursor: &'c mut Cursor<'t>,
    read: Use,
}

impl Imports<'_, '_> {
    /// What follows a segment: `::` and more, `as Name`, or nothing.
    fn after(&mut self, segment: &Word, depth: usize) -> Result<(), SyntaxError> {
        let mut segment = segment.clone();
        while self.eat(Kind::PathSeparator) {
            if self.cursor.at(Kind::Sign('{')) {
                return self.braces(&segment, depth);
            }
            segment = self.segment()?;
        }
        if self.cursor.at_word("as") {
            self.push();
            segment = self.segment()?;
        }
        if is_keyword(&segment.text) {
            // `crate` alone.
            return Err(self.expected("`::` and a name"));
        }
        self.read.names.push(segment);
        Ok(())
    }

    fn braces(&mut self, outer: &Word, depth: usize) -> Result<(), SyntaxError> {
        let Some(depth) = depth.checked_sub(1) else { return Err(self.expected("a name")) };
        self.push();
        while !self.eat(Kind::Sign('}')) {
            if self.cursor.at_word("self") && !is_keyword(&outer.text) {
                self.push();
                let itself = Word { span: self.cursor.last().span, ..outer.clone() };
                self.after(&itself, depth)?;
            } else {
                let segment = self.segment()?;
                self.after(&segment, depth)?;
            }
            if !self.cursor.at(Kind::Sign('}')) && !self.eat(Kind::Sign(',')) {
                return Err(self.expected("`,` or `}`"));
            }
        }
        Ok(())
    }

    fn segment(&mut self) -> Result<Word, SyntaxError> {
        let text = self.cursor.text(self.cursor.peek());
        if is_identifier(text) && !is_keyword(text) { Ok(self.push()) } else { Err(self.expected("a name")) }
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let is_next = self.cursor.at(kind);
        if is_next {
            self.push();
        }
        is_next
    }

    fn push(&mut self) -> Word {
        let token = self.cursor.bump();
        let word = self.cursor.word(token);
        self.read.words.push(word.clone());
        word
    }

    fn expected(&self, expected: &'static str) -> SyntaxError {
        self.cursor.expected(expected)
    }
}
