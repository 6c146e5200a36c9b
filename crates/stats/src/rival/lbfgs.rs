//! The least value of a smooth convex function of many numbers: L-BFGS.
//!
//! Liu, Nocedal, "On the limited memory BFGS method for large scale optimization" (1989),
//! Mathematical Programming 45. The step length is found by halving and doubling (weak Wolfe
//! conditions; Lewis, Overton, "Nonsmooth optimization via quasi-Newton methods" (2013),
//! Mathematical Programming 141): short, and the curvature it leaves is positive.

use std::collections::VecDeque;

/// Steps whose curvature is remembered; each keeps two vectors.
pub(super) const MEMORY: usize = 5;
/// Share of the decrease promised by the slope with which a step length is content, and the share of
/// the slope that it may leave.
const DECREASE: f64 = 1e-4;
const SLOPE: f64 = 0.9;
/// Tries for a step length; after so many halvings the function is flat to rounding.
const TRIES: usize = 40;

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// At this magnitude of the largest part of the gradient.
    pub(super) gradient: f64,
    /// At a decrease below this share of the value.
    pub(super) decrease: f64,
    /// After so many steps, converged or not.
    pub(super) iterations: usize,
}

/// Where a search ended.
#[derive(Clone, Debug)]
pub(super) struct Minimum {
    pub(super) at: Vec<f64>,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

/// A place with the function's value and gradient there.
#[derive(Clone, Debug)]
struct Point {
    at: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
}

/// A step that was taken: the way, the change of the gradient along it, and 1 over their product.
struct Step {
    way: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

/// Goes down from a place. The function writes its gradient and returns its value.
pub(super) fn minimise(
    start: Vec<f64>,
    stop: Stop,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Minimum {
    let mut here = Point {
        gradient: vec![0.0; start.len()],
        at: start,
        value: 0.0,
    };
    here.value = function(&here.at, &mut here.gradient);
    let mut next = here.clone();
    let mut direction = vec![0.0; here.at.len()];
    let mut history: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    let mut iterations = 0;
    let converged = loop {
        if here.gradient.iter().all(|g| g.abs() <= stop.gradient) {
            break true;
        }
        if iterations == stop.iterations {
            break false;
        }
        downhill(&mut direction, &here.gradient, &history);
        // The first direction is the gradient itself, whose length says nothing of the distance.
        let length = if history.is_empty() {
            1.0 / dot(&direction, &direction).sqrt().max(1.0)
        } else {
            1.0
        };
        if !go(&here, &mut next, &direction, length, &mut function) {
            // No lower place can be told from this one.
            break true;
        }
        iterations += 1;
        remember(&mut history, &here, &next);
        std::mem::swap(&mut here, &mut next);
        if next.value - here.value <= stop.decrease * here.value.abs() {
            break true;
        }
    };
    Minimum {
        at: here.at,
        iterations,
        converged,
    }
}

/// Minus the gradient, times the inverse curvature that the steps so far have shown.
fn downhill(direction: &mut [f64], gradient: &[f64], history: &VecDeque<Step>) {
    for (d, g) in direction.iter_mut().zip(gradient) {
        *d = -g;
    }
    let mut shares = [0.0; MEMORY];
    for (step, share) in history.iter().zip(&mut shares) {
        *share = step.inverse * dot(&step.way, direction);
        add(direction, -*share, &step.change);
    }
    if let Some(last) = history.front() {
        let scale = 1.0 / (last.inverse * dot(&last.change, &last.change));
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (step, share) in history.iter().zip(&shares).rev() {
        let change = step.inverse * dot(&step.change, direction);
        add(direction, share - change, &step.way);
    }
}

/// Makes `next` a lower place along the direction; says whether there is one.
fn go(
    here: &Point,
    next: &mut Point,
    direction: &[f64],
    mut length: f64,
    function: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
) -> bool {
    let mut reach = |length: f64, next: &mut Point| {
        next.at.copy_from_slice(&here.at);
        add(&mut next.at, length, direction);
        next.value = function(&next.at, &mut next.gradient);
    };
    let slope = dot(direction, &here.gradient);
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..TRIES {
        reach(length, next);
        // A NaN is too far as well.
        if next.value <= here.value + DECREASE * length * slope {
            if dot(&next.gradient, direction) >= SLOPE * slope {
                return next.value < here.value;
            }
            low = length;
        } else {
            high = length;
        }
        length = if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            2.0 * low
        };
    }
    reach(low, next);
    next.value < here.value
}

/// Keeps the step between two places in the room of the oldest of too many.
fn remember(history: &mut VecDeque<Step>, here: &Point, next: &Point) {
    let room = (history.len() == MEMORY).then(|| history.pop_back());
    let (mut way, mut change) = room
        .flatten()
        .map_or_else(Default::default, |step| (step.way, step.change));
    difference(&mut way, &next.at, &here.at);
    difference(&mut change, &next.gradient, &here.gradient);
    let curvature = dot(&way, &change);
    // Rounding can leave none; such a step says nothing.
    if curvature > f64::EPSILON * dot(&change, &change) {
        let inverse = 1.0 / curvature;
        history.push_front(Step {
            way,
            change,
            inverse,
        });
    }
}

fn difference(out: &mut Vec<f64>, a: &[f64], b: &[f64]) {
    out.clear();
    out.extend(a.iter().zip(b).map(|(a, b)| a - b));
}

fn add(sum: &mut [f64], share: f64, of: &[f64]) {
    for (sum, of) in sum.iter_mut().zip(of) {
        *sum += share * of;
    }
}

/// In eight sums that do not wait for one another, always the same eight.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a, b) = (a.chunks(8), b.chunks(8));
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: Stop = Stop {
        gradient: 1e-6,
        decrease: 0.0,
        iterations: 500,
    };

    #[test]
    fn a_valley_of_unequal_slopes_is_followed_to_its_floor() {
        // Curvatures from 1 to 10,000, in 13 directions, the floor at k.
        let found = minimise(vec![0.0; 13], STOP, |at, gradient| {
            let mut value = 0.0;
            for (k, (x, g)) in at.iter().zip(gradient).enumerate() {
                let curvature = 10_f64.powf(k as f64 / 3.0);
                *g = curvature * (x - k as f64);
                value += 0.5 * curvature * (x - k as f64).powi(2);
            }
            value
        });
        assert!(found.converged, "{found:?}");
        for (k, x) in found.at.iter().enumerate() {
            assert!((x - k as f64).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn a_function_without_a_floor_or_without_a_number_ends_too() {
        let falling = minimise(
            vec![0.0],
            Stop {
                iterations: 20,
                ..STOP
            },
            |at, gradient| {
                gradient[0] = -(-at[0]).exp();
                (-at[0]).exp()
            },
        );
        assert!(falling.at[0] > 1.0);
        let nowhere = minimise(vec![1.0], STOP, |_, gradient| {
            gradient[0] = f64::NAN;
            f64::NAN
        });
        assert_eq!(nowhere.at, [1.0]);
        assert!(minimise(vec![], STOP, |_, _| 0.0).converged);
    }
}
