//! What every drawing is held to: the tests of each drawing call [`faults`].

use super::svg::bounds_of;
use super::wire::on;
use super::{Bounds, Point, Shape, Sketch, Text, formula};

/// How far two things must stay apart.
const CLEAR: f64 = 1.5;

/// Everything wrong with the geometry of a drawing, in words.
pub(crate) fn faults(sketch: &Sketch) -> Vec<String> {
    let mut faults = Vec::new();
    let (texts, view) = sketch.composed();
    for (k, text) in texts.iter().enumerate() {
        let bounds = text.bounds();
        if !within(bounds, view) {
            faults.push(format!("{} leaves the picture", said(text)));
        }
        for other in &texts[k + 1..] {
            if meet(bounds, other.bounds(), CLEAR) {
                faults.push(format!("{} meets {}", said(text), said(other)));
            }
        }
        for wire in &sketch.wires {
            for piece in wire.points.windows(2) {
                if crosses(piece[0], piece[1], bounds) {
                    faults.push(format!(
                        "a wire {piece:?} runs through {} {bounds:?}",
                        said(text)
                    ));
                }
            }
        }
        for (spot, shape, _) in &sketch.shapes {
            let shape_bounds = bounds_of(*spot);
            let holds = !matches!(shape, Shape::Dot | Shape::Unit(_) | Shape::Operation(_))
                && within(bounds, shape_bounds);
            if !holds && meet(bounds, shape_bounds, 0.0) {
                faults.push(format!(
                    "{} stands on the border of a shape at {:?}",
                    said(text),
                    (spot.x, spot.y)
                ));
            }
        }
        for (frame, _) in &sketch.frames {
            if meet(bounds, *frame, 0.0) && !within(bounds, *frame) {
                faults.push(format!("{} stands on the border of a frame", said(text)));
            }
        }
    }
    for (k, (spot, ..)) in sketch.shapes.iter().enumerate() {
        if !within(bounds_of(*spot), view) {
            faults.push(format!(
                "a shape at {:?} leaves the picture",
                (spot.x, spot.y)
            ));
        }
        for (frame, _) in &sketch.frames {
            let bounds = bounds_of(*spot);
            if meet(bounds, *frame, 0.0) && !within(bounds, *frame) {
                faults.push(format!(
                    "a shape at {:?} stands on the border of a frame",
                    (spot.x, spot.y)
                ));
            }
        }
        for (other, ..) in &sketch.shapes[k + 1..] {
            if meet(bounds_of(*spot), bounds_of(*other), 0.0) {
                faults.push(format!(
                    "shapes at {:?} and {:?} overlap",
                    (spot.x, spot.y),
                    (other.x, other.y)
                ));
            }
        }
    }
    for wire in &sketch.wires {
        let ends = [wire.points.first(), wire.points.last()];
        for (end, must) in ends.into_iter().flatten().zip([false, true]) {
            let touched = touches(sketch, *end) || !wire.arrow && !must;
            if !touched && !free(sketch, *end, &texts) {
                faults.push(format!("a wire ends in the void at {end:?}"));
            }
        }
        for bridge in &wire.bridges {
            let own = wire
                .points
                .windows(2)
                .any(|piece| on(*bridge, piece[0], piece[1]));
            let other = sketch.wires.iter().any(|other| {
                !std::ptr::eq(other, wire)
                    && other
                        .points
                        .windows(2)
                        .any(|piece| on(*bridge, piece[0], piece[1]))
            });
            if !own || !other {
                faults.push(format!("a bridge at {bridge:?} crosses nothing"));
            }
        }
    }
    faults.extend(crossings(sketch));
    faults
}

/// Wires that cross without a bridge, and wires that run through a shape. The thin ones of dense
/// layers are meant to cross.
fn crossings(sketch: &Sketch) -> Vec<String> {
    let mut faults = Vec::new();
    for (k, wire) in sketch.wires.iter().enumerate() {
        if wire.thin {
            continue;
        }
        for piece in wire.points.windows(2) {
            for (spot, shape, _) in &sketch.shapes {
                let (left, top, right, bottom) = bounds_of(*spot);
                let inner = (left + 1.0, top + 1.0, right - 1.0, bottom - 1.0);
                let corner = spot.round || matches!(shape, Shape::Dot | Shape::Taper(..));
                if !corner && crosses(piece[0], piece[1], inner) {
                    faults.push(format!(
                        "a wire {piece:?} runs through a shape at {:?}",
                        (spot.x, spot.y)
                    ));
                }
            }
            for other in sketch.wires[k + 1..].iter().filter(|other| !other.thin) {
                for there in other.points.windows(2) {
                    let Some(place) = crossing(piece, there) else {
                        continue;
                    };
                    let bridged = wire
                        .bridges
                        .iter()
                        .chain(&other.bridges)
                        .any(|bridge| near(*bridge, place));
                    let dotted = sketch.shapes.iter().any(|(spot, shape, _)| {
                        matches!(shape, Shape::Dot) && near((spot.x, spot.y), place)
                    });
                    if !bridged && !dotted {
                        faults.push(format!("wires cross at {place:?}"));
                    }
                }
            }
        }
    }
    faults
}

fn near(a: Point, b: Point) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) < 1.0
}

/// Where two pieces cross within both, their ends apart.
fn crossing(a: &[Point], b: &[Point]) -> Option<Point> {
    let (r, s) = (
        (a[1].0 - a[0].0, a[1].1 - a[0].1),
        (b[1].0 - b[0].0, b[1].1 - b[0].1),
    );
    let across = r.0 * s.1 - r.1 * s.0;
    if across.abs() < 1e-9 {
        return None;
    }
    let gap = (b[0].0 - a[0].0, b[0].1 - a[0].1);
    let t = (gap.0 * s.1 - gap.1 * s.0) / across;
    let u = (gap.0 * r.1 - gap.1 * r.0) / across;
    let inside = |v: f64, along: Point| {
        let end = 1.0 / along.0.hypot(along.1);
        v > end && v < 1.0 - end
    };
    (inside(t, r) && inside(u, s)).then(|| (a[0].0 + t * r.0, a[0].1 + t * r.1))
}

fn said(text: &Text) -> String {
    format!("{:?}", formula::plain(&text.label))
}

fn within(a: Bounds, b: Bounds) -> bool {
    a.0 >= b.0 && a.1 >= b.1 && a.2 <= b.2 && a.3 <= b.3
}

fn meet(a: Bounds, b: Bounds, clear: f64) -> bool {
    a.0 < b.2 + clear && b.0 < a.2 + clear && a.1 < b.3 + clear && b.1 < a.3 + clear
}

/// Whether a straight piece passes through a rectangle.
fn crosses(from: Point, to: Point, (left, top, right, bottom): Bounds) -> bool {
    const PLACES: usize = 200;
    (0..=PLACES).any(|k| {
        let share = k as f64 / PLACES as f64;
        let (x, y) = (
            from.0 + share * (to.0 - from.0),
            from.1 + share * (to.1 - from.1),
        );
        x > left && x < right && y > top && y < bottom
    })
}

/// Whether a place is on the border of a shape, in a dot, or on a wire.
fn touches(sketch: &Sketch, place: Point) -> bool {
    sketch.shapes.iter().any(|(spot, shape, _)| {
        let away = (
            (place.0 - spot.x).abs() - spot.across,
            (place.1 - spot.y).abs() - spot.up,
        );
        match shape {
            Shape::Dot => away.0 <= 0.0 && away.1 <= 0.0,
            _ if spot.round || matches!(shape, Shape::Unit(_)) => {
                ((place.0 - spot.x).hypot(place.1 - spot.y) - spot.across).abs() < 0.5
            }
            _ => away.0.max(away.1).abs() < 0.5,
        }
    })
}

/// Whether a wire may end there: beside a label that names it, on another wire's end, or between
/// two parts of a picture.
fn free(sketch: &Sketch, place: Point, texts: &[Text]) -> bool {
    let (x, y) = place;
    let named = texts.iter().any(|text| {
        let (left, top, right, bottom) = text.bounds();
        meet(
            (left, top, right, bottom),
            (x - 20.0, y - 24.0, x + 20.0, y + 24.0),
            0.0,
        )
    });
    let joined = sketch
        .wires
        .iter()
        .filter(|wire| {
            wire.points
                .windows(2)
                .any(|piece| on(place, piece[0], piece[1]))
        })
        .count();
    let divider = sketch
        .wires
        .iter()
        .any(|wire| wire.thin && wire.points.contains(&place));
    let quiet = sketch
        .wires
        .iter()
        .any(|wire| wire.tone == super::Tone::Quiet && wire.points.contains(&place));
    named || joined > 1 || divider || quiet
}
