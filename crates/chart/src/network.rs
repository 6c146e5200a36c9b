//! The drawing of one real network: what it reads, its parts with their sizes, what it gives, from
//! left to right.
//!
//! Every text is the caller's, so that this module knows no family of models; a text of theirs is
//! never read as a formula.

use crate::sketch::{
    Anchor, LABEL, Language, NOTE, Point, Sketch, Spot, TITLE, Tone, Wire, fitted, literal,
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
    /// Whether it carries a state from the last step to the first too.
    both_ways: bool,
}

impl Block {
    /// A box with its name and what is said of it.
    pub fn new<L: AsRef<str>>(kind: Kind, name: &str, about: &[L]) -> Self {
        let mut lines = vec![fitted(name, LABEL, WIDTH - INSET)];
        let about = about.iter().map(AsRef::as_ref);
        lines.extend(about.map(|line| fitted(line, NOTE, WIDTH - INSET)));
        Block {
            kind,
            lines,
            both_ways: false,
        }
    }

    /// A recurrent layer that carries states from the first step to the last and from the last to the first.
    #[must_use]
    pub fn both_ways(self) -> Self {
        Block {
            both_ways: true,
            ..self
        }
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
    /// The names of the steps that its boxes are unfolded over.
    steps: Vec<String>,
    /// Whether what comes next reads all of them, not the last one alone.
    every_step: bool,
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
            every_step: false,
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

    /// Shows its boxes at each of these steps.
    #[must_use]
    pub fn unfolded(mut self, steps: Vec<String>) -> Self {
        self.steps = steps
            .iter()
            .map(|step| fitted(step, NOTE, STEP - 20.0))
            .collect();
        self
    }

    /// What comes next reads every step, not the last one alone; seen where the steps are shown.
    #[must_use]
    pub fn read_at_every_step(mut self) -> Self {
        self.every_step = true;
        self
    }

    /// The place of the box that takes what the part before gives. Where other boxes stand below the first recurrent
    /// one they read something of their own, and what comes is that one's initial state.
    fn entry(&self) -> usize {
        let recurrent = |block: &Block| block.kind == Kind::Recurrent;
        self.blocks.iter().position(recurrent).unwrap_or(0)
    }

    /// Height of the line above the steps that gathers them.
    fn gathered(&self) -> f64 {
        if self.every_step && !self.steps.is_empty() {
            BETWEEN
        } else {
            0.0
        }
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
    heights - BETWEEN + steps + part.gathered()
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
    if let Some(entry) = spots[..boxes].iter().rev().nth(part.entry()) {
        enter(s, from, *entry, entry.left().0 - GAP / 2.0);
    }
    spots[..boxes]
        .first()
        .map(|spot| spot.right())
        .into_iter()
        .collect()
}

/// A part at each of its steps; where what comes next takes it from.
fn unfolded(
    s: &mut Sketch,
    part: &Part,
    (left, width): (f64, f64),
    top: f64,
    from: &[Point],
) -> Vec<Point> {
    let pitch = width / part.steps.len() as f64;
    let mut y = top + part.gathered();
    // From the highest row of boxes to the lowest.
    let mut rows: Vec<Vec<Spot>> = Vec::new();
    for block in part.blocks.iter().rev() {
        let tall = box_height(block);
        let mut row: Vec<Spot> = Vec::new();
        for k in 0..part.steps.len() {
            let at = (left + (k as f64 + 0.5) * pitch, y + tall / 2.0);
            // Sizes stand in the folded drawing; here there is room for the name.
            let name = fitted(&block.lines[0], LABEL, STEP - 34.0 - INSET);
            let spot = s.block(block.kind.tone(), at, (STEP - 34.0, tall), &name);
            if let (Some(before), Kind::Recurrent) = (row.last(), block.kind) {
                carry(s, before, spot, block.both_ways);
            }
            row.push(spot);
        }
        for (below, above) in row.iter().zip(rows.last().into_iter().flatten()) {
            s.arrow(Tone::Ink, &[below.top(), above.bottom()]);
        }
        rows.push(row);
        y += tall + BETWEEN;
    }
    let entry = rows
        .iter()
        .rev()
        .nth(part.entry())
        .and_then(|row| row.first());
    let state = part.beside.is_some() || part.entry() > 0;
    let lowest = rows.last().into_iter().flatten();
    for (k, (spot, step)) in lowest.zip(&part.steps).enumerate() {
        let read = s.bead(Tone::Input, (spot.x, y + 4.0), "$X$");
        s.arrow(Tone::Input, &[read.top(), spot.bottom()]);
        s.note((spot.x, y + 38.0), Anchor::Middle, step);
        if let (0, Some(entry)) = (k, entry) {
            // What comes is read; or, where something else is read, it is the state to begin with.
            let to = if state { *entry } else { read };
            enter(s, from, to, spot.left().0 - GAP / 4.0);
        }
    }
    match rows.first() {
        Some(row) if part.every_step => gather(s, row, top),
        Some(row) => row.last().map(|spot| spot.right()).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The state from one step to the next, and back where it goes both ways.
fn carry(s: &mut Sketch, before: &Spot, after: Spot, both_ways: bool) {
    let ((from, y), (to, _)) = (before.right(), after.left());
    if both_ways {
        s.arrow(Tone::Output, &[(from, y - 9.0), (to, y - 9.0)]);
        s.arrow(Tone::Output, &[(to, y + 9.0), (from, y + 9.0)]);
    } else {
        s.arrow(Tone::Output, &[(from, y), (to, y)]);
    }
}

/// The line at height `y` that every box of a row joins; its right end.
fn gather(s: &mut Sketch, row: &[Spot], y: f64) -> Vec<Point> {
    let (Some(first), Some(last)) = (row.first(), row.last()) else {
        return Vec::new();
    };
    let end = (last.right().0, y);
    s.add(Wire::new(Tone::Ink, &[first.top(), (first.x, y), end]).plain());
    for spot in &row[1..] {
        s.add(Wire::new(Tone::Ink, &[spot.top(), (spot.x, y)]).plain());
    }
    vec![end]
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
    fn steps_read_both_ways_and_gathered_are_drawn_without_a_fault() {
        for steps in [1, 2, 12] {
            for layers in [1, 3] {
                let names: Vec<String> = (1..=steps).map(|k| format!("word {k}")).collect();
                let cells = vec![block(Kind::Recurrent).both_ways(); layers];
                let mut decoder = cells.clone();
                decoder.insert(0, block(Kind::Layer));
                let parts = [
                    Part::together("reads", vec![block(Kind::Input)]),
                    Part::chain("encoder", cells)
                        .unfolded(names.clone())
                        .read_at_every_step(),
                    Part::chain("attention", vec![block(Kind::Layer)]),
                    Part::chain("decoder", decoder)
                        .beside(block(Kind::Input))
                        .unfolded(names),
                    Part::together("gives", vec![block(Kind::Output); 2]),
                ];
                let sketch = network("my model", Language::French, &parts, &[]);
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
