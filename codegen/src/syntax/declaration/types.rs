use super::ast::TypeText;
use super::lexer::{Cursor, Kind, Token, is_identifier};
use crate::syntax::SyntaxError;
use crate::syntax::keywords::is_keyword;

/// How deep types may be nested, so that reading takes constant stack.
const DEEPEST: usize = 32;

const A_TYPE: &str = "a type";
const A_ROOT: &str =
    "the name of a type that is imported, or a path that begins with `crate::`, `::` or `std::`";

/// Takes a type.
///
/// # Errors
///
/// The first thing that is no part of a type.
pub(super) fn type_text(cursor: &mut Cursor<'_>) -> Result<TypeText, SyntaxError> {
    let read = TypeText { words: Vec::new(), roots: Vec::new() };
    let mut types = Types { cursor, read };
    types.type_(DEEPEST)?;
    Ok(types.read)
}

/// Is this a path that a root such as `crate` begins, which needs a second word?
pub(super) fn is_crate(word: &str) -> bool {
    matches!(word, "crate" | "std" | "core" | "alloc")
}

struct Types<'c, 't> {
    cursor: &'c mut Cursor<'t>,
    read: TypeText,
}

type Read<T = ()> = Result<T, SyntaxError>;

impl Types<'_, '_> {
    fn type_(&mut self, depth: usize) -> Read {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.expected("a type that is less nested"));
        };
        match self.cursor.peek().kind {
            Kind::Sign('(') => {
                self.push();
                self.list(depth, ')', "`,` or `)`", Self::type_)
            }
            Kind::Sign('[') => {
                self.push();
                self.type_(depth)?;
                if self.eat(Kind::Sign(';')) {
                    self.number()?;
                }
                self.take(Kind::Sign(']'), "`]`")
            }
            Kind::Sign('&') => {
                self.push();
                self.lifetime()?;
                self.type_(depth)
            }
            Kind::Word if self.cursor.at_word("dyn") => {
                self.push();
                self.path(depth)?;
                while self.eat(Kind::Sign('+')) {
                    if self.cursor.at(Kind::Lifetime) { self.lifetime()? } else { self.path(depth)? }
                }
                Ok(())
            }
            _ => self.path(depth),
        }
    }

    /// Takes elements up to the closing sign.
    fn list(
        &mut self,
        depth: usize,
        close: char,
        expected: &'static str,
        element: fn(&mut Self, usize) -> Read,
    ) -> Read {
        while !self.eat(Kind::Sign(close)) {
            element(self, depth)?;
            if !self.cursor.at(Kind::Sign(close)) {
                self.take(Kind::Sign(','), expected)?;
            }
        }
        Ok(())
    }

    fn path(&mut self, depth: usize) -> Read {
        let is_global = self.eat(Kind::PathSeparator);
        let first = self.cursor.peek();
        if is_global {
            self.segment(A_TYPE)?;
        } else {
            self.root(first)?;
        }
        loop {
            if self.eat(Kind::Sign('<')) {
                return self.list(depth, '>', "`,` or `>`", Self::argument);
            }
            if !self.eat(Kind::PathSeparator) {
                return Ok(());
            }
            self.segment(A_TYPE)?;
        }
    }

    fn root(&mut self, first: Token) -> Read {
        let text = self.cursor.text(first);
        if is_crate(text) {
            self.read.roots.push(self.cursor.word(first));
            self.push();
            if !self.cursor.at(Kind::PathSeparator) {
                return Err(self.expected("`::` and a type"));
            }
            return Ok(());
        }
        if is_identifier(text) && is_keyword(text) {
            return Err(self.expected(A_ROOT));
        }
        self.read.roots.push(self.cursor.word(first));
        self.segment(A_TYPE)
    }

    fn segment(&mut self, expected: &'static str) -> Read {
        let text = self.cursor.text(self.cursor.peek());
        if !is_identifier(text) || is_keyword(text) {
            return Err(self.expected(expected));
        }
        self.push();
        Ok(())
    }

    /// An argument between `<` and `>`.
    fn argument(&mut self, depth: usize) -> Read {
        match self.cursor.peek().kind {
            Kind::Lifetime => self.lifetime(),
            Kind::Word if self.cursor.text(self.cursor.peek()).starts_with(|c: char| c.is_ascii_digit()) => {
                self.number()
            }
            _ => self.type_(depth),
        }
    }

    fn lifetime(&mut self) -> Read {
        if self.cursor.text(self.cursor.peek()) != "'static" {
            return Err(self.expected("`'static`"));
        }
        self.push();
        Ok(())
    }

    fn number(&mut self) -> Read {
        let text = self.cursor.text(self.cursor.peek());
        // Longer ones are out of range.
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=9).contains(&text.len());
        if !is_number {
            return Err(self.expected("a number"));
        }
        self.push();
        Ok(())
    }

    fn take(&mut self, kind: Kind, expected: &'static str) -> Read {
        if self.eat(kind) { Ok(()) } else { Err(self.expected(expected)) }
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let is_next = self.cursor.at(kind);
        if is_next {
            self.push();
        }
        is_next
    }

    fn push(&mut self) {
        let token = self.cursor.bump();
        self.read.words.push(self.cursor.word(token));
    }

    fn expected(&self, expected: &'static str) -> SyntaxError {
        self.cursor.expected(expected)
    }
}
