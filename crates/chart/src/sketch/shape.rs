//! What stands in a drawing, and the places on its border where wires end.

use super::Point;

/// An operation, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Sum.
    Add,
    /// Product: ⊙.
    Times,
}

/// How a thing is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A rectangle with round corners.
    Block,
    Circle,
    Operation(Op),
    /// Where a wire divides.
    Dot,
    /// A trapezoid: shares of its height at the left and the right side.
    Taper(f64, f64),
    /// A unit of a layer that has no letter, at work or at rest.
    Unit(bool),
}

/// Where a thing is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Half of its width.
    pub(crate) across: f64,
    /// Half of its height.
    pub(crate) up: f64,
    pub(crate) round: bool,
}

impl Spot {
    pub(crate) fn left(self) -> Point {
        (self.x - self.across, self.y)
    }

    pub(crate) fn right(self) -> Point {
        (self.x + self.across, self.y)
    }

    pub(crate) fn top(self) -> Point {
        (self.x, self.y - self.up)
    }

    pub(crate) fn bottom(self) -> Point {
        (self.x, self.y + self.up)
    }

    /// The place on a circle's border that looks at another place.
    pub(crate) fn toward(self, (x, y): Point) -> Point {
        let (dx, dy) = (x - self.x, y - self.y);
        let length = dx.hypot(dy).max(f64::EPSILON);
        (
            self.x + self.across * dx / length,
            self.y + self.across * dy / length,
        )
    }

    /// A straight way to another circle, from border to border.
    pub(crate) fn to(self, other: Spot) -> [Point; 2] {
        [
            self.toward((other.x, other.y)),
            other.toward((self.x, self.y)),
        ]
    }
}
