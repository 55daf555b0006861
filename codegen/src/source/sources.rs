use std::borrow::Cow;

use super::{Lines, Span};

/// The texts of a flow: its drawing, and the declaration of its data in a file beside it.
///
/// They are one text with one address space: spans of the declaration continue after the drawing.
/// [`SourceFiles`] finds the file of a span.
#[derive(Clone, Debug)]
pub struct Sources<'t> {
    /// The drawing, and after a line end the declaration.
    text: Cow<'t, str>,
    /// The length of the drawing.
    drawing: usize,
}

impl<'t> Sources<'t> {
    /// A drawing without a declaration beside it.
    #[must_use]
    pub const fn new(drawing: &'t str) -> Self {
        Self { text: Cow::Borrowed(drawing), drawing: drawing.len() }
    }

    /// A drawing and the declaration of its data.
    #[must_use]
    pub fn with_declaration(drawing: &'t str, declaration: &str) -> Self {
        let text = format!("{drawing}\n{declaration}");
        Self { text: Cow::Owned(text), drawing: drawing.len() }
    }

    /// The whole text, which all spans are about.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of the drawing.
    #[must_use]
    pub fn drawing(&self) -> &str {
        &self.text[..self.drawing]
    }

    /// The text of the declaration, if there is a file, and the byte of the whole text at which it begins.
    #[must_use]
    pub fn declaration(&self) -> Option<(&str, usize)> {
        let start = self.drawing + 1;
        self.text.get(start..).map(|text| (text, start))
    }
}

/// The files of a flow, with their names.
#[derive(Clone, Debug)]
pub struct SourceFiles<'t> {
    drawing: SourceFile<'t>,
    declaration: Option<SourceFile<'t>>,
}

/// A file of a flow.
#[derive(Clone, Debug)]
pub struct SourceFile<'t> {
    /// The name in messages.
    pub name: &'t str,
    /// The text.
    pub text: &'t str,
    /// The lines of the text.
    pub lines: Lines<'t>,
    /// The byte at which the file begins in the text of [`Sources`].
    start: usize,
}

impl<'t> SourceFiles<'t> {
    /// The file of a drawing.
    #[must_use]
    pub fn new(name: &'t str, drawing: &'t str) -> Self {
        Self { drawing: SourceFile::new(name, drawing, 0), declaration: None }
    }

    /// Adds the file of the declaration.
    #[must_use]
    pub fn with_declaration(mut self, name: &'t str, declaration: &'t str) -> Self {
        self.declaration = Some(SourceFile::new(name, declaration, self.drawing.text.len() + 1));
        self
    }

    /// The texts.
    #[must_use]
    pub fn sources(&self) -> Sources<'t> {
        match &self.declaration {
            None => Sources::new(self.drawing.text),
            Some(declaration) => Sources::with_declaration(self.drawing.text, declaration.text),
        }
    }

    /// The file of the drawing.
    #[must_use]
    pub fn drawing(&self) -> &SourceFile<'t> {
        &self.drawing
    }

    /// The file that a span of [`Sources`] is about, and the span in that file.
    #[must_use]
    pub fn locate(&self, span: Span) -> (&SourceFile<'t>, Span) {
        let file = self.declaration.as_ref().filter(|file| file.start <= span.start);
        let file = file.unwrap_or(&self.drawing);
        (file, Span::new(span.start - file.start, span.end.saturating_sub(file.start)))
    }
}

impl<'t> SourceFile<'t> {
    fn new(name: &'t str, text: &'t str, start: usize) -> Self {
        Self { name, text, lines: Lines::new(text), start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_the_declaration_continue_after_the_drawing() {
        let sources = Sources::with_declaration("Shop {}", "pack(order);");
        assert_eq!((sources.drawing(), sources.declaration()), ("Shop {}", Some(("pack(order);", 8))));
        let files = SourceFiles::new("a.fz", "Shop {}").with_declaration("a.data", "pack(order);");
        let at = |start, end| {
            let (file, span) = files.locate(Span::new(start, end));
            (file.name, &file.text[span.range()])
        };
        assert_eq!(at(0, 4), ("a.fz", "Shop"));
        assert_eq!(at(7, 7), ("a.fz", ""));
        assert_eq!(at(8, 12), ("a.data", "pack"));
    }

    #[test]
    fn a_drawing_alone_is_the_whole_text() {
        let sources = Sources::new("Shop {}");
        assert_eq!((sources.text(), sources.declaration()), ("Shop {}", None));
    }
}
