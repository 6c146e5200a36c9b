//! The drawing of one real network: what it reads, its parts with their sizes, what it gives, from
//! left to right.
//!
//! Every text is the caller's, so that this module knows no family of models; a text of theirs is
//! never read as a formula.

use crate::sketch::{
    Anchor, LABEL, Language, NOTE, Point, Sketch, Spot, TITLE, Tone, fitted, literal,
};

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is read.
    Input,
    /// What is done to values before and after the network.
    Scaling,
    /// A layer that carries a state from step to step.
    Recurrent,
    /// Another layer.
    Layer,
    /// What comes out.
    Output,
}

impl Kind {
    const fn tone(self) -> Tone {
        match self {
            Kind::Input => Tone::Input,
            Kind::Scaling => Tone::Quiet,
            Kind::Recurrent => Tone::Gate,
            Kind::Layer => Tone::Cell,
            Kind::Output => Tone::Output,
        }
    }
}

/// A box: a name, and lines about it.
#[derive(Clone, Debug)]
pub struct Block {
    kind: Kind,
    lines: Vec<String>,
}

impl Block {
    /// A box with its name and what is said of it.
    pub fn new<L: AsRef<str>>(kind: Kind, name: &str, about: &[L]) -> Self {
        let mut lines = vec![fitted(name, LABEL, WIDTH - INSET)];
        let about = about.iter().map(AsRef::as_ref);
        lines.extend(about.map(|line| fitted(line, NOTE, WIDTH - INSET)));
        Block { kind, lines }
    }
}

/// Boxes that stand together, the first read first.
#[derive(Clone, Debug)]
pub struct Part {
    heading: String,
    blocks: Vec<Block>,
    /// Whether each box reads the one before; otherwise all are read together.
    chained: bool,
    /// What else its first box reads.
    beside: Option<Block>,
    /// What is said below.
    notes: Vec<String>,
    /// The names of the steps that its recurrent boxes are unfolded over.
    steps: Vec<String>,
}

impl Part {
    /// Boxes each of which reads the one before.
    pub fn chain(heading: &str, blocks: Vec<Block>) -> Self {
        Part {
            heading: fitted(heading, LABEL, WIDTH / 1.13),
            blocks,
            chained: true,
            beside: None,
            notes: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Boxes side by side.
    pub fn together(heading: &str, blocks: Vec<Block>) -> Self {
        Part {
            chained: false,
            ..Part::chain(heading, blocks)
        }
    }

    /// What the first box reads besides.
    #[must_use]
    pub fn beside(mut self, block: Block) -> Self {
        self.beside = Some(block);
        self
    }

    /// A line below the boxes.
    #[must_use]
    pub fn note(mut self, text: &str) -> Self {
        self.notes.push(fitted(text, NOTE, WIDTH));
        self
    }

    /// Shows its recurrent boxes at each of these steps.
    #[must_use]
    pub fn unfolded(mut self, steps: Vec<String>) -> Self {
        self.steps = steps
            .iter()
            .map(|step| fitted(step, NOTE, STEP - 20.0))
            .collect();
        self
    }
}

const WIDTH: f64 = 216.0;
/// Room in a box that is not text.
const INSET: f64 = 12.0;
/// Between parts; between boxes; a line of text in a box; between steps.
const GAP: f64 = 72.0;
const BETWEEN: f64 = 40.0;
const LINE: f64 = 21.0;
const STEP: f64 = 156.0;

/// Draws a network, its parts from left to right.
pub fn network(title: &str, language: Language, parts: &[Part], remarks: &[String]) -> Sketch {
    let mut s = Sketch::new(&fitted(title, TITLE, 900.0), language);
    let tallest = parts.iter().map(height).fold(0.0, f64::max);
    let mut left = 0.0;
    let mut out: Vec<Point> = Vec::new();
    for part in parts {
        let width = if part.steps.is_empty() {
            WIDTH
        } else {
            WIDTH.max(part.steps.len() as f64 * STEP)
        };
        let middle = left + width / 2.0;
        s.heading((middle, -34.0), &part.heading);
        let top = (tallest - height(part)) / 2.0;
        out = if part.steps.is_empty() {
            folded(&mut s, part, middle, top, &out)
        } else {
            unfolded(&mut s, part, (left, width), top, &out)
        };
        for (row, note) in notes(part).iter().enumerate() {
            let y = tallest + 26.0 + LINE * row as f64;
            s.note((middle, y), Anchor::Middle, note);
        }
        left += width + GAP;
    }
    for remark in remarks {
        s.remark(&literal(remark));
    }
    s
}

fn box_height(block: &Block) -> f64 {
    26.0 + LINE * block.lines.len() as f64
}

fn height(part: &Part) -> f64 {
    let beside = part.beside.as_ref().filter(|_| part.steps.is_empty());
    let boxes = part.blocks.iter().chain(beside);
    let heights: f64 = boxes.map(|block| box_height(block) + BETWEEN).sum();
    let steps = if part.steps.is_empty() { 0.0 } else { 90.0 };
    heights - BETWEEN + steps
}

/// The lines below a part; where its steps are shown, what they read stands among them.
fn notes(part: &Part) -> Vec<String> {
    let read = part.beside.iter().filter(|_| !part.steps.is_empty());
    let read = read.map(|block| {
        format!(
            "$X$: {}",
            block.lines[..2.min(block.lines.len())].join(", ")
        )
    });
    part.notes.iter().cloned().chain(read).collect()
}

fn placed(s: &mut Sketch, block: &Block, at: Point, width: f64) -> Spot {
    let size = (width, box_height(block));
    s.block(block.kind.tone(), at, size, &block.lines.join("\n"))
}

/// Arrows from where the part before ends to the left side of a box, turning at `bend`.
fn enter(s: &mut Sketch, from: &[Point], to: Spot, bend: f64) {
    let tip = to.left();
    for start in from {
        let way = [*start, (bend, start.1), (bend, tip.1), tip];
        let straight = [*start, tip];
        let way = if (start.1 - tip.1).abs() < 1.0 {
            &straight[..]
        } else {
            &way[..]
        };
        s.arrow(Tone::Ink, way);
    }
}

/// A part as it is; where its boxes end.
fn folded(s: &mut Sketch, part: &Part, middle: f64, top: f64, from: &[Point]) -> Vec<Point> {
    let mut y = top;
    let mut spots: Vec<Spot> = Vec::new();
    // Data rises: the first box of a chain stands lowest.
    let order: Vec<&Block> = match part.chained {
        true => part.blocks.iter().rev().collect(),
        false => part.blocks.iter().collect(),
    };
    for block in order.into_iter().chain(&part.beside) {
        let tall = box_height(block);
        spots.push(placed(s, block, (middle, y + tall / 2.0), WIDTH));
        y += tall + BETWEEN;
    }
    let boxes = part.blocks.len();
    if part.beside.is_some() && boxes > 0 {
        s.arrow(
            Tone::Input,
            &[spots[boxes].top(), spots[boxes - 1].bottom()],
        );
    }
    if !part.chained {
        for spot in &spots[..boxes] {
            enter(s, from, *spot, spot.left().0 - GAP / 2.0);
        }
        return spots[..boxes].iter().map(|spot| spot.right()).collect();
    }
    for pair in spots[..boxes].windows(2) {
        s.arrow(Tone::Ink, &[pair[1].top(), pair[0].bottom()]);
    }
    // What comes is the state of the first recurrent box, where vectors of their own stand before it.
    let order = part.blocks.iter().zip(spots[..boxes].iter().rev());
    let first = order
        .clone()
        .find(|(block, _)| block.kind == Kind::Recurrent);
    if let Some((_, first)) = first.or(order.clone().next()) {
        enter(s, from, *first, first.left().0 - GAP / 2.0);
    }
    spots[..boxes]
        .first()
        .map(|spot| spot.right())
        .into_iter()
        .collect()
}

/// A part at each of its steps; where the last step's boxes end.
fn unfolded(
    s: &mut Sketch,
    part: &Part,
    (left, width): (f64, f64),
    top: f64,
    from: &[Point],
) -> Vec<Point> {
    let pitch = width / part.steps.len() as f64;
    let mut lowest: Vec<Spot> = Vec::new();
    let mut ends = Vec::new();
    let mut y = top;
    let mut above: Option<Vec<Spot>> = None;
    for block in part.blocks.iter().rev() {
        let tall = box_height(block);
        let mut row: Vec<Spot> = Vec::new();
        for k in 0..part.steps.len() {
            let at = (left + (k as f64 + 0.5) * pitch, y + tall / 2.0);
            // Sizes stand in the folded drawing; here there is room for the name.
            let name = fitted(&block.lines[0], LABEL, STEP - 34.0 - INSET);
            let spot = s.block(block.kind.tone(), at, (STEP - 34.0, tall), &name);
            if let Some(before) = row.last() {
                s.arrow(Tone::Output, &[before.right(), spot.left()]);
            }
            row.push(spot);
        }
        match &above {
            None => ends.extend(row.last().map(|spot| spot.right())),
            Some(above) => {
                for (below, above) in row.iter().zip(above) {
                    s.arrow(Tone::Ink, &[below.top(), above.bottom()]);
                }
            }
        }
        lowest.clone_from(&row);
        above = Some(row);
        y += tall + BETWEEN;
    }
    for (k, (spot, step)) in lowest.iter().zip(&part.steps).enumerate() {
        let read = s.bead(Tone::Input, (spot.x, y + 4.0), "$X$");
        s.arrow(Tone::Input, &[read.top(), spot.bottom()]);
        s.note((spot.x, y + 38.0), Anchor::Middle, step);
        if k == 0 {
            // What comes is read; or, where something else is read, it is the state to begin with.
            let entry = if part.beside.is_some() { *spot } else { read };
            enter(s, from, entry, spot.left().0 - GAP / 4.0);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::geometry::faults;

    fn block(kind: Kind) -> Block {
        Block::new(
            kind,
            "lstm 64 with a name too long",
            &["in 12, out 64", "19 712 parameters, and more"],
        )
    }

    fn parts(layers: usize, steps: usize) -> Vec<Part> {
        let names = |count: usize| (0..count).map(|k| format!("t − {k}")).collect::<Vec<_>>();
        let layer = |kind| vec![block(kind); layers];
        vec![
            Part::together("reads", vec![block(Kind::Input); layers]).note("168 steps"),
            Part::chain("scaling", vec![block(Kind::Scaling)]),
            Part::chain("encoder", layer(Kind::Recurrent))
                .unfolded(names(steps))
                .note("dropout 0.1")
                .note("a"),
            Part::chain("decoder", layer(Kind::Recurrent))
                .beside(block(Kind::Input))
                .unfolded(names(steps)),
            Part::chain("head", layer(Kind::Layer)).beside(block(Kind::Input)),
            Part::chain("gives", vec![block(Kind::Output)]),
        ]
    }

    #[test]
    fn a_network_of_any_depth_and_any_steps_is_drawn_without_a_fault() {
        for layers in [1, 2, 5] {
            for steps in [0, 1, 2, 12] {
                let sketch = network(
                    "my model",
                    Language::English,
                    &parts(layers, steps),
                    &["said".into()],
                );
                let faults = faults(&sketch);
                assert!(faults.is_empty(), "{layers} {steps}: {}", faults.join("\n"));
            }
        }
    }

    #[test]
    fn a_users_text_is_neither_markup_nor_a_formula() {
        let name = "<b>&\"$a_b$";
        let parts = [Part::chain(name, vec![Block::new(Kind::Input, name, &[name])]).note(name)];
        let svg = network(name, Language::French, &parts, &[name.to_owned()]).file();
        assert!(!svg.contains("<b>") && !svg.contains("class=\"f"), "{svg}");
    }
}
