//! The vocabulary of every drawing of a network: blocks, operations, wires that end on borders,
//! labels with real subscripts, a title and the formulas below.
//!
//! A sketch keeps what was placed, so that the tests can hold every drawing to the same geometry:
//! no label meets another or a wire, nothing leaves the picture, each wire ends on a border. Its
//! colours are written out, not named by custom properties, because programs for slides know none.

mod formula;
mod shape;
mod svg;
mod wire;

#[cfg(test)]
pub(crate) mod geometry;

pub(crate) use formula::{fitted, literal};
pub(crate) use shape::{Op, Shape, Spot};
pub(crate) use wire::Wire;

/// A place: to the right, down.
pub(crate) type Point = (f64, f64);

/// Sizes of letters.
pub(crate) const TITLE: f64 = 24.0;
pub(crate) const LABEL: f64 = 19.0;
pub(crate) const NOTE: f64 = 15.0;

/// The language of the words in a drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// The text of the two that is in this language.
    pub const fn of(self, english: &'static str, french: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::French => french,
        }
    }

    /// As in `lang="fr"`.
    pub const fn code(self) -> &'static str {
        self.of("en", "fr")
    }
}

/// What a thing stands for, told by its colour, the same in every drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Wires and operations.
    Ink,
    /// What is read: X.
    Input,
    /// What is carried: C.
    Cell,
    /// What comes out: H, Y.
    Output,
    /// What decides or computes: gates, layers.
    Gate,
    /// What is made small, or random.
    Loss,
    /// What stands beside.
    Quiet,
}

impl Tone {
    pub(crate) const ALL: [Tone; 7] = [
        Tone::Ink,
        Tone::Input,
        Tone::Cell,
        Tone::Output,
        Tone::Gate,
        Tone::Loss,
        Tone::Quiet,
    ];

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Tone::Ink => "t0",
            Tone::Input => "t1",
            Tone::Cell => "t2",
            Tone::Output => "t3",
            Tone::Gate => "t4",
            Tone::Loss => "t5",
            Tone::Quiet => "t6",
        }
    }

    /// The colour of the theme.
    const fn colour(self) -> &'static str {
        match self {
            Tone::Ink => "ink",
            Tone::Input => "line-1",
            Tone::Cell => "line-2",
            Tone::Output => "line-3",
            Tone::Gate => "line-4",
            Tone::Loss => "line-5",
            Tone::Quiet => "line-6",
        }
    }
}

/// Where a text stands relative to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A label; its place is at half the height of its letters.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    at: Point,
    anchor: Anchor,
    size: f64,
    class: &'static str,
    label: String,
}

/// A rectangle: left, top, right, bottom.
pub(crate) type Bounds = (f64, f64, f64, f64);

impl Text {
    fn bounds(&self) -> Bounds {
        // Bold letters are wider.
        let bold = if self.class == "head" { 1.13 } else { 1.0 };
        let width = bold * formula::width(&self.label, self.size);
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        let half = 0.5 * self.size;
        (left, self.at.1 - half, left + width, self.at.1 + half)
    }
}

/// A drawing of a network or a notion, to stand in a file or on a page.
#[derive(Clone, Debug)]
pub struct Sketch {
    title: String,
    language: Language,
    frames: Vec<(Bounds, Tone)>,
    shapes: Vec<(Spot, Shape, Tone)>,
    wires: Vec<Wire>,
    texts: Vec<Text>,
    captions: Vec<(String, bool)>,
}

impl Sketch {
    pub(crate) fn new(title: &str, language: Language) -> Self {
        Sketch {
            title: title.to_owned(),
            language,
            frames: Vec::new(),
            shapes: Vec::new(),
            wires: Vec::new(),
            texts: Vec::new(),
            captions: Vec::new(),
        }
    }

    /// The title, without marks of formulas.
    pub fn title(&self) -> String {
        formula::plain(&self.title)
    }

    /// The words of the drawing in its language.
    pub(crate) fn say(&self, english: &'static str, french: &'static str) -> &'static str {
        self.language.of(english, french)
    }

    /// A shape with its centre at a place, without words.
    pub(crate) fn shape(
        &mut self,
        shape: Shape,
        tone: Tone,
        (x, y): Point,
        (width, height): (f64, f64),
    ) -> Spot {
        let spot = Spot {
            x,
            y,
            across: width / 2.0,
            up: height / 2.0,
            round: matches!(shape, Shape::Circle | Shape::Operation(_)),
        };
        self.shapes.push((spot, shape, tone));
        spot
    }

    /// A rectangle with a label in its middle; lines after the first are notes.
    pub(crate) fn block(&mut self, tone: Tone, at: Point, size: (f64, f64), label: &str) -> Spot {
        let spot = self.shape(Shape::Block, tone, at, size);
        self.inside(at, label);
        spot
    }

    /// A circle with a letter: what comes in, what goes out.
    pub(crate) fn circle(&mut self, tone: Tone, at: Point, label: &str) -> Spot {
        let spot = self.shape(Shape::Circle, tone, at, (52.0, 52.0));
        self.inside(at, label);
        spot
    }

    /// A smaller circle, where several drawings share a picture.
    pub(crate) fn bead(&mut self, tone: Tone, at: Point, label: &str) -> Spot {
        let spot = self.shape(Shape::Circle, tone, at, (42.0, 42.0));
        self.text(at, Anchor::Middle, NOTE + 2.0, "ink", label);
        spot
    }

    /// An operation, element by element.
    pub(crate) fn operation(&mut self, op: Op, at: Point) -> Spot {
        self.shape(Shape::Operation(op), Tone::Ink, at, (30.0, 30.0))
    }

    /// Lines of text around a place: the first a label, the others notes.
    pub(crate) fn inside(&mut self, (x, y): Point, label: &str) {
        const LEADING: f64 = 21.0;
        let lines: Vec<&str> = label.split('\n').collect();
        let first = y - (lines.len() - 1) as f64 * LEADING / 2.0;
        for (row, line) in lines.into_iter().enumerate() {
            let (size, class) = if row == 0 {
                (LABEL, "ink")
            } else {
                (NOTE, "soft")
            };
            let at = (x, first + row as f64 * LEADING);
            self.text(at, Anchor::Middle, size, class, line);
        }
    }

    /// A label at a place.
    pub(crate) fn label(&mut self, at: Point, anchor: Anchor, label: &str) {
        self.text(at, anchor, LABEL, "ink", label);
    }

    /// A smaller, softer label.
    pub(crate) fn note(&mut self, at: Point, anchor: Anchor, label: &str) {
        self.text(at, anchor, NOTE, "soft", label);
    }

    /// The heading of a part.
    pub(crate) fn heading(&mut self, at: Point, label: &str) {
        self.text(at, Anchor::Middle, LABEL, "head", label);
    }

    fn text(&mut self, at: Point, anchor: Anchor, size: f64, class: &'static str, label: &str) {
        if !label.is_empty() {
            self.texts.push(Text {
                at,
                anchor,
                size,
                class,
                label: label.to_owned(),
            });
        }
    }

    /// A connection.
    pub(crate) fn add(&mut self, wire: Wire) {
        self.wires.push(wire);
    }

    /// An arrow through places.
    pub(crate) fn arrow(&mut self, tone: Tone, points: &[Point]) {
        self.add(Wire::new(tone, points));
    }

    /// A dot where a wire divides.
    pub(crate) fn dot(&mut self, tone: Tone, at: Point) {
        self.shape(Shape::Dot, tone, at, (8.0, 8.0));
    }

    /// The ground on which a unit stands.
    pub(crate) fn frame(&mut self, tone: Tone, bounds: Bounds) {
        self.frames.push((bounds, tone));
    }

    /// A line of formulas below the drawing.
    pub(crate) fn formula(&mut self, line: &str) {
        self.captions.push((line.to_owned(), true));
    }

    /// A line of words below the drawing.
    pub(crate) fn remark(&mut self, line: &str) {
        self.captions.push((line.to_owned(), false));
    }
}
