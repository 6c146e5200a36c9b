//! Measured machine parts of our own making, a few of them faulty in no single column.

use crate::draws::Draws;

/// The columns of numbers: mm, mm, g, Vickers, kHz, µΩ.
pub const PART_COLUMNS: [&str; 6] = [
    "diameter",
    "length",
    "mass",
    "hardness",
    "pitch",
    "resistance",
];

/// A material: its name, density (g/mm³), hardness, speed of sound (mm/ms) and resistivity (µΩ·mm).
const MATERIALS: [(&str, f64, f64, f64, f64); 4] = [
    ("steel", 7.85e-3, 200.0, 5_100.0, 170.0),
    ("brass", 8.5e-3, 120.0, 3_500.0, 65.0),
    ("aluminium", 2.7e-3, 90.0, 5_000.0, 28.0),
    ("titanium", 4.5e-3, 300.0, 5_050.0, 420.0),
];

/// One in so many parts is faulty.
const FAULTY: usize = 50;
/// One in so many numbers was not measured.
const MISSING: usize = 100;

/// A measured part.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its numbers, as [`PART_COLUMNS`] names them; NaN where one was not measured.
    pub values: [f64; 6],
    /// What it is made of.
    pub material: &'static str,
    /// Whether it is faulty.
    pub unusual: bool,
}

/// `count` turned rods of four materials. Diameter, length and heat treatment differ from part to part; mass, hardness, pitch
/// and resistance follow from them and from the material, to a hundredth or so. One in fifty is faulty: hollow (too light), cracked (its
/// pitch too low), annealed (its hardness and its resistance contradict each other), or of another material than it says. Each of its numbers alone is one
/// that a good part may have; they do not go together.
///
/// The same seed gives the same bits on every machine, and more parts only add to the first.
pub fn parts(seed: u64, count: usize) -> Vec<Part> {
    let mut draws = Draws::of_purpose(seed, "parts");
    (0..count).map(|_| part(&mut draws)).collect()
}

fn part(draws: &mut Draws) -> Part {
    let named = draws.below(MATERIALS.len());
    let fault = match draws.below(FAULTY) {
        0 => Some(draws.below(4)),
        _ => None,
    };
    let real = match fault {
        Some(3) => (named + 1 + draws.below(MATERIALS.len() - 1)) % MATERIALS.len(),
        _ => named,
    };
    let (_, density, hard, sound, resistivity) = MATERIALS[real];
    let diameter = 8.0 + 6.0 * draws.uniform();
    let length = 40.0 + 40.0 * draws.uniform();
    let heat = 2.0 * draws.uniform() - 1.0;
    let area = std::f64::consts::PI * diameter * diameter / 4.0;
    let off = |wanted: usize, factor: f64| if fault == Some(wanted) { factor } else { 1.0 };
    let (hollow, cracked) = (0.8 + 0.08 * draws.uniform(), 0.8 + 0.08 * draws.uniform());
    // As soft as its resistance says it is hard, or the other way round.
    let (heat, treated) = match fault {
        Some(2) => {
            let heat = (0.6 + 0.4 * heat.abs()).copysign(heat);
            (heat, -heat)
        }
        _ => (heat, heat),
    };
    let mut near = |value: f64| value * (1.0 + 0.01 * draws.normal());
    let mut values = [
        diameter,
        length,
        near(density * area * length * off(0, hollow)),
        near(hard * (1.0 + 0.25 * treated)),
        // The first longitudinal mode of a rod, in kHz.
        near(sound / (2.0 * length) * off(1, cracked)),
        near(resistivity * (1.0 + 0.15 * heat) * length / area),
    ];
    for value in &mut values {
        *value = match draws.below(MISSING) {
            0 => f64::NAN,
            _ => rounded(*value),
        };
    }
    Part {
        values,
        material: MATERIALS[named].0,
        unusual: fault.is_some(),
    }
}

/// To three digits after the point, as instruments show it.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;

    #[test]
    fn a_seed_gives_the_same_parts_and_more_only_add_to_them() {
        let text: String = parts(1, 200)
            .iter()
            .map(|part| format!("{part:?}\n"))
            .collect();
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(text.as_bytes()),
            "c3d90d2cd43f640f0124d793a4eb5df6b7ef8328b0971d97ab277dbd93c46bd3"
        );
        let (short, long) = (parts(7, 30), parts(7, 300));
        assert_eq!(format!("{short:?}"), format!("{:?}", &long[..30]));
        assert!(parts(7, 0).is_empty());
    }

    #[test]
    fn a_fault_is_rare_and_no_single_column_shows_it() {
        let made = parts(2, 20_000);
        let (faulty, good): (Vec<&Part>, Vec<&Part>) = made.iter().partition(|part| part.unusual);
        let share = faulty.len() as f64 / made.len() as f64;
        assert!((0.015..0.025).contains(&share), "{share}");
        for (column, name) in PART_COLUMNS.iter().enumerate() {
            let of = |parts: &[&Part]| -> Vec<f64> {
                let values = parts.iter().map(|part| part.values[column]);
                values.filter(|value| !value.is_nan()).collect()
            };
            let good = of(&good);
            let (least, most) = (
                good.iter().copied().fold(f64::INFINITY, f64::min),
                good.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            );
            let beyond = of(&faulty)
                .iter()
                .filter(|v| **v < least || **v > most)
                .count();
            assert!(
                beyond as f64 <= 0.02 * faulty.len() as f64,
                "{name}: {beyond}"
            );
        }
        let missing = made
            .iter()
            .flat_map(|part| part.values)
            .filter(|value| value.is_nan());
        let missing = missing.count() as f64 / (6 * made.len()) as f64;
        assert!((0.008..0.012).contains(&missing), "{missing}");
    }
}
