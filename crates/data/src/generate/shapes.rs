//! Small pictures of our own making: one shape each, turned, of its own size, place and brightness.

use std::f64::consts::TAU;

use crate::draws::Draws;
use crate::picture::Colour;

/// The classes of [`shapes`]: what a picture shows.
pub const SHAPES: [&str; 6] = ["cross", "disc", "ring", "square", "star", "triangle"];

/// A picture that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// What it shows, one of [`SHAPES`].
    pub shape: &'static str,
    /// Its pixels row by row, from 0 to 1; one number each of grey ones, three of coloured ones.
    pub pixels: Vec<f64>,
}

/// `count` pictures of `side` × `side` pixels, the classes in turn: a shape on an even ground. Angle, size, place and brightness (of coloured ones
/// the colours of shape and ground) differ from picture to picture; edges are smooth, and there is a little noise.
///
/// The same seed gives the same bits on every machine, and more pictures only add to the first.
pub fn shapes(seed: u64, count: usize, side: usize, colour: Colour) -> Vec<Drawn> {
    let mut draws = Draws::of_purpose(seed, "shapes");
    (0..count)
        .map(|at| drawn(SHAPES[at % SHAPES.len()], side, colour, &mut draws))
        .collect()
}

fn drawn(shape: &'static str, side: usize, colour: Colour, draws: &mut Draws) -> Drawn {
    let extent = side as f64;
    let radius = extent * (0.22 + 0.16 * draws.uniform());
    let angle = TAU * draws.uniform();
    let mut place = || extent / 2.0 + 0.16 * extent * (2.0 * draws.uniform() - 1.0);
    let (x, y) = (place(), place());
    let channels = match colour {
        Colour::Grey => 1,
        Colour::Rgb => 3,
    };
    let mut level = |least: f64, range: f64| -> Vec<f64> {
        (0..channels)
            .map(|_| least + range * draws.uniform())
            .collect()
    };
    // Of coloured ones at least one channel of the shape is bright.
    let (mut bright, dark) = match colour {
        Colour::Grey => (level(0.65, 0.35), level(0.0, 0.15)),
        Colour::Rgb => (level(0.1, 0.9), level(0.0, 0.3)),
    };
    if colour == Colour::Rgb {
        bright[draws.below(channels)] = 0.95;
    }
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let mut pixels = Vec::with_capacity(side * side * channels);
    for row in 0..side {
        for column in 0..side {
            let (right, down) = (column as f64 + 0.5 - x, row as f64 + 0.5 - y);
            let turned = (cos * right + sin * down, cos * down - sin * right);
            // An edge is a pixel wide.
            let inside = (0.5 - distance(shape, turned, radius)).clamp(0.0, 1.0);
            for (bright, dark) in bright.iter().zip(&dark) {
                let level = dark + inside * (bright - dark) + 0.01 * draws.normal();
                pixels.push(level.clamp(0.0, 1.0));
            }
        }
    }
    Drawn { shape, pixels }
}

/// About how many pixels a point lies outside the edge of a shape around 0 0; below 0 inside.
fn distance(shape: &str, (x, y): (f64, f64), radius: f64) -> f64 {
    let box_of = |width: f64, height: f64| (x.abs() - width).max(y.abs() - height);
    let from_centre = (x * x + y * y).sqrt();
    // The distance to the nearest of some straight edges, around a regular figure.
    let regular = |edges: usize, inner: f64| {
        let edge = |at: usize| {
            let angle = TAU * at as f64 / edges as f64;
            x * libm::cos(angle) + y * libm::sin(angle) - inner
        };
        (0..edges).map(edge).fold(f64::NEG_INFINITY, f64::max)
    };
    match shape {
        "disc" => from_centre - radius,
        "ring" => (from_centre - 0.78 * radius).abs() - 0.2 * radius,
        "square" => box_of(0.8 * radius, 0.8 * radius),
        "triangle" => regular(3, 0.55 * radius),
        "cross" => box_of(radius, 0.28 * radius).min(box_of(0.28 * radius, radius)),
        // Five spikes: a point is inside where few edges of the pentagon have it outside.
        _ => {
            let edge = |at: usize| {
                let angle = TAU * at as f64 / 5.0;
                x * libm::cos(angle) + y * libm::sin(angle) - 0.42 * radius
            };
            let mut outside: Vec<f64> = (0..5).map(edge).collect();
            outside.sort_by(|a, b| b.total_cmp(a));
            outside[1].max(from_centre - 1.15 * radius)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;

    #[test]
    fn a_seed_gives_the_same_pictures_and_more_only_add_to_them() {
        let made = shapes(1, 12, 11, Colour::Rgb);
        let text: String = made.iter().map(|of| format!("{of:?}\n")).collect();
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(text.as_bytes()),
            "06f139b375e24a93519ca9be5879fb084447c8badb05da31d350c9359d51a830"
        );
        assert_eq!(shapes(1, 5, 11, Colour::Rgb), made[..5]);
        assert!(shapes(1, 0, 11, Colour::Grey).is_empty());
    }

    #[test]
    fn every_shape_is_there_brighter_than_its_ground_and_unlike_the_others() {
        let made = shapes(3, 600, 28, Colour::Grey);
        let mut areas: Vec<f64> = Vec::new();
        for shape in SHAPES {
            let of: Vec<&Drawn> = made.iter().filter(|drawn| drawn.shape == shape).collect();
            assert_eq!(of.len(), 100);
            let bright = of.iter().map(|drawn| {
                assert_eq!(drawn.pixels.len(), 28 * 28);
                let bright = drawn.pixels.iter().filter(|level| **level > 0.4);
                bright.count() as f64
            });
            areas.push(bright.sum::<f64>() / 100.0);
        }
        // cross, disc, ring, square, star, triangle: each covers something and none the whole.
        assert!(
            areas.iter().all(|area| (50.0..350.0).contains(area)),
            "{areas:?}"
        );
        assert!(areas[1] > areas[3] && areas[3] > areas[0], "{areas:?}");
    }
}
