//! Wires: straight pieces with round corners, an arrow head at the end, a bridge over what they cross.

use std::fmt::Write as _;

use super::{Point, Tone};

/// Radius of a corner, of a bridge; length of an arrow head.
const CORNER: f64 = 10.0;
const BRIDGE: f64 = 7.0;
const HEAD: f64 = 11.0;

/// A connection through places.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(super) tone: Tone,
    pub(super) points: Vec<Point>,
    pub(super) arrow: bool,
    pub(super) dashed: bool,
    /// Thin, for the many connections of a layer.
    pub(super) thin: bool,
    pub(super) bridges: Vec<Point>,
}

impl Wire {
    /// An arrow.
    pub(crate) fn new(tone: Tone, points: &[Point]) -> Self {
        Wire {
            tone,
            points: points.to_vec(),
            arrow: true,
            dashed: false,
            thin: false,
            bridges: Vec::new(),
        }
    }

    /// Without an arrow head: it joins another wire.
    pub(crate) fn plain(mut self) -> Self {
        self.arrow = false;
        self
    }

    pub(crate) fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    pub(crate) fn thin(mut self) -> Self {
        self.thin = true;
        self
    }

    /// Crosses another wire there without touching it.
    pub(crate) fn over(mut self, place: Point) -> Self {
        self.bridges.push(place);
        self
    }

    /// The path of the line, and that of the head.
    pub(super) fn paths(&self) -> (String, String) {
        let mut points = self.points.clone();
        let mut head = String::new();
        if let ([.., from, tip], true) = (points.as_slice(), self.arrow) {
            let (from, tip) = (*from, *tip);
            let (ux, uy) = unit(from, tip);
            let base = (tip.0 - HEAD * ux, tip.1 - HEAD * uy);
            let half = 0.45 * HEAD;
            let _ = write!(
                head,
                "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z",
                tip.0,
                tip.1,
                base.0 - half * uy,
                base.1 + half * ux,
                base.0 + half * uy,
                base.1 - half * ux
            );
            // The line ends within the head, whose tip it would blunt.
            if let Some(last) = points.last_mut() {
                *last = (tip.0 - 0.6 * HEAD * ux, tip.1 - 0.6 * HEAD * uy);
            }
        }
        (self.line(&points), head)
    }

    fn line(&self, points: &[Point]) -> String {
        let mut path = String::new();
        let Some(first) = points.first() else {
            return path;
        };
        let _ = write!(path, "M{:.1} {:.1}", first.0, first.1);
        for (k, pair) in points.windows(2).enumerate() {
            let (from, to) = (pair[0], pair[1]);
            let (ux, uy) = unit(from, to);
            let mut over: Vec<Point> = self
                .bridges
                .iter()
                .copied()
                .filter(|place| on(*place, from, to))
                .collect();
            over.sort_by(|a, b| distance(from, *a).total_cmp(&distance(from, *b)));
            for (x, y) in over {
                // Bridges bulge up or to the right, whatever the direction of the wire.
                let sweep = u8::from(ux > 0.5 || uy < -0.5);
                let _ = write!(
                    path,
                    "L{:.1} {:.1}A{BRIDGE} {BRIDGE} 0 0 {sweep} {:.1} {:.1}",
                    x - BRIDGE * ux,
                    y - BRIDGE * uy,
                    x + BRIDGE * ux,
                    y + BRIDGE * uy
                );
            }
            match points.get(k + 2) {
                None => {
                    let _ = write!(path, "L{:.1} {:.1}", to.0, to.1);
                }
                Some(next) => {
                    let (vx, vy) = unit(to, *next);
                    let radius = CORNER
                        .min(distance(from, to) / 2.0)
                        .min(distance(to, *next) / 2.0);
                    let _ = write!(
                        path,
                        "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
                        to.0 - radius * ux,
                        to.1 - radius * uy,
                        to.0,
                        to.1,
                        to.0 + radius * vx,
                        to.1 + radius * vy
                    );
                }
            }
        }
        path
    }
}

fn unit(from: Point, to: Point) -> Point {
    let length = distance(from, to).max(f64::EPSILON);
    ((to.0 - from.0) / length, (to.1 - from.1) / length)
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Whether a place is on the straight piece between two others.
pub(super) fn on(place: Point, from: Point, to: Point) -> bool {
    (distance(from, place) + distance(place, to) - distance(from, to)).abs() < 0.5
}
