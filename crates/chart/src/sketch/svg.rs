//! A sketch as an SVG file.

use std::fmt::Write as _;

use super::{Anchor, Bounds, NOTE, Op, Shape, Sketch, Spot, TITLE, Text, Tone, formula};
use crate::markup::escape;
use crate::theme::{self, LETTERS};

/// Room around the drawing.
const MARGIN: f64 = 28.0;
/// Height of a line of formulas below.
const LINE: f64 = 32.0;

/// Serif letters for formulas; the last are on nearly every system.
const FORMULA_LETTERS: &str =
    "'STIX Two Text','Latin Modern Roman',Cambria,'Times New Roman','Liberation Serif',serif";

impl Sketch {
    /// The drawing as an SVG file, self-contained.
    pub fn file(&self) -> String {
        let (placed, (left, top, right, bottom)) = self.composed();
        let mut body = String::new();
        for (bounds, tone) in &self.frames {
            frame(&mut body, *bounds, *tone);
        }
        for wire in &self.wires {
            let (line, head) = wire.paths();
            let tone = wire.tone.class();
            let dashed = if wire.dashed { " dashed" } else { "" };
            let thin = if wire.thin { " thin" } else { "" };
            let _ = write!(
                body,
                "<path class=\"wire {tone}{dashed}{thin}\" d=\"{line}\"/>"
            );
            if !head.is_empty() {
                let _ = write!(body, "<path class=\"tip {tone}\" d=\"{head}\"/>");
            }
        }
        for (spot, shape, tone) in &self.shapes {
            drawn(&mut body, *spot, *shape, *tone);
        }
        for text in &placed {
            write_text(&mut body, text);
        }
        let (width, height) = (right - left, bottom - top);
        let (title, code) = (escape(&formula::plain(&self.title)), self.language.code());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ressac-sketch\" lang=\"{code}\" \
             viewBox=\"{left:.0} {top:.0} {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
             role=\"img\" aria-label=\"{title}\"><title>{title}</title><style>{}</style>{body}</svg>",
            style()
        )
    }

    /// Every text with its place, title and formulas among them, and the picture that holds all.
    pub(super) fn composed(&self) -> (Vec<Text>, Bounds) {
        let mut texts = self.texts.clone();
        let mut all = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        let shapes = self.shapes.iter().map(|(spot, ..)| bounds_of(*spot));
        let frames = self.frames.iter().map(|(bounds, _)| *bounds);
        let wires = self.wires.iter().flat_map(|wire| &wire.points);
        let wires = wires.map(|&(x, y)| (x - 6.0, y - 6.0, x + 6.0, y + 6.0));
        let labels = self.texts.iter().map(Text::bounds);
        for one in shapes.chain(frames).chain(wires).chain(labels) {
            all = joined(all, one);
        }
        let middle = ((all.0 + all.2) / 2.0).round();
        let line = |label: &str, y: f64, size: f64, class| Text {
            at: (middle, y),
            anchor: Anchor::Middle,
            size,
            class,
            label: label.to_owned(),
        };
        let mut added = vec![line(&self.title, all.1 - 44.0, TITLE, "head")];
        let mut y = all.3 + 14.0;
        for (label, is_formula) in &self.captions {
            y += LINE;
            let (size, class) = if *is_formula {
                (super::LABEL, "ink")
            } else {
                (NOTE, "soft")
            };
            added.push(line(label, y, size, class));
        }
        for text in &added {
            all = joined(all, text.bounds());
        }
        texts.extend(added);
        let (left, top) = ((all.0 - MARGIN).floor(), (all.1 - MARGIN).floor());
        let (right, bottom) = ((all.2 + MARGIN).ceil(), (all.3 + MARGIN).ceil());
        (texts, (left, top, right, bottom))
    }
}

pub(super) fn bounds_of(spot: Spot) -> Bounds {
    (
        spot.x - spot.across,
        spot.y - spot.up,
        spot.x + spot.across,
        spot.y + spot.up,
    )
}

fn joined(a: Bounds, b: Bounds) -> Bounds {
    (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3))
}

fn frame(body: &mut String, (left, top, right, bottom): Bounds, tone: Tone) {
    let _ = write!(
        body,
        "<rect class=\"frame {}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"18\"/>",
        tone.class(),
        right - left,
        bottom - top
    );
}

fn drawn(body: &mut String, spot: Spot, shape: Shape, tone: Tone) {
    let Spot {
        x, y, across, up, ..
    } = spot;
    let class = tone.class();
    let circle = |body: &mut String, kind: &str| {
        let _ = write!(
            body,
            "<circle class=\"{kind} {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{across:.1}\"/>"
        );
    };
    match shape {
        // Twice: first the ground, so that what lies below does not shine through the tint.
        Shape::Block => {
            for kind in ["ground", "block"] {
                let _ = write!(
                    body,
                    "<rect class=\"{kind} {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{:.1}\"/>",
                    x - across,
                    y - up,
                    2.0 * across,
                    2.0 * up,
                    (across / 3.0).min(10.0)
                );
            }
        }
        Shape::Circle => {
            circle(body, "ground");
            circle(body, "block");
        }
        Shape::Dot => circle(body, "tip"),
        Shape::Unit(false) => circle(body, "ground hollow"),
        Shape::Unit(true) => circle(body, "tip"),
        Shape::Operation(op) => {
            circle(body, "ground");
            match op {
                Op::Add => {
                    let long = across * 0.5;
                    let _ = write!(
                        body,
                        "<circle class=\"rim\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{across:.1}\"/>\
                         <path class=\"wire {class}\" d=\"M{:.1} {y:.1}h{:.1}M{x:.1} {:.1}v{:.1}\"/>",
                        x - long,
                        2.0 * long,
                        y - long,
                        2.0 * long
                    );
                }
                Op::Times => {
                    let _ = write!(
                        body,
                        "<circle class=\"rim\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{across:.1}\"/>\
                         <circle class=\"tip {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>"
                    );
                }
            }
        }
        Shape::Taper(first, last) => {
            let path = format!(
                "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z",
                x - across,
                y - up * first,
                x + across,
                y - up * last,
                x + across,
                y + up * last,
                x - across,
                y + up * first
            );
            for kind in ["ground", "block"] {
                let _ = write!(body, "<path class=\"{kind} {class}\" d=\"{path}\"/>");
            }
        }
    }
}

fn write_text(body: &mut String, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let _ = write!(
        body,
        "<text class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" font-size=\"{}\" text-anchor=\"{anchor}\">{}</text>",
        text.class,
        text.at.0,
        // From half the height of a capital down to the line it stands on.
        text.at.1 + 0.34 * text.size,
        text.size,
        formula::spans(&text.label, text.size)
    );
}

fn style() -> String {
    let mut colours = String::from(
        "R{background:var(--ground)}R text{fill:var(--ink)}R .soft{fill:var(--soft)}\
         R .ground{fill:var(--ground)}R .rim{stroke:var(--ink)}R .frame{fill:var(--shade);stroke:var(--rule)}",
    );
    for tone in Tone::ALL {
        let (class, colour) = (tone.class(), tone.colour());
        let _ = write!(
            colours,
            "R .wire.{class},R .block.{class},R .hollow.{class}{{stroke:var(--{colour})}}\
             R .tip.{class},R .block.{class}{{fill:var(--{colour})}}"
        );
    }
    let fixed = format!(
        "R{{font-family:{LETTERS};max-width:100%;height:auto}}\
         R .head{{font-weight:600}}R .f{{font-family:{FORMULA_LETTERS};font-size:1.1em}}R .i{{font-style:italic}}\
         R .s{{font-size:.79em}}\
         R .wire{{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}}\
         R .thin{{stroke-width:1;stroke-opacity:.55}}R .dashed{{stroke-dasharray:7 6}}\
         R .block{{fill-opacity:.14;stroke-width:2.2}}R .hollow{{stroke-width:2}}\
         R .rim{{fill:none;stroke-width:2.2}}R .frame{{stroke-width:1.5}}"
    );
    let named = |css: &str| {
        css.replace("R{", ".ressac-sketch{")
            .replace("R ", ".ressac-sketch ")
    };
    format!("{}{}", named(&fixed), theme::resolved(&named(&colours)))
}
