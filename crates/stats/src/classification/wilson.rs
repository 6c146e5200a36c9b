//! How far an accuracy may lie from what more examples would show.

use crate::bootstrap::Interval;

/// Interval of a share, such as an accuracy, from counts alone: it stays within 0 to 1 and holds its
/// level with few examples and near the ends too, where mean ± z · deviation fails. Examples are
/// taken as independent.
///
/// Nothing without an example, with more right than there are, or for a level that is not above 0
/// and at most 0.999 999.
///
/// Wilson, "Probable inference, the law of succession, and statistical inference" (1927), JASA 22;
/// recommended by Brown, Cai, DasGupta, "Interval estimation for a binomial proportion" (2001),
/// Statistical Science 16.
pub fn wilson(right: u64, examples: u64, level: f64) -> Option<Interval> {
    let usable = level > 0.0 && level <= 0.999_999;
    if examples == 0 || right > examples || !usable {
        return None;
    }
    let (n, z) = (examples as f64, quantile(0.5 + level / 2.0));
    let share = right as f64 / n;
    let wide = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / wide;
    let half = z / wide * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some(Interval {
        estimate: share,
        // Rounding must not leave the ends beside 0 and 1, where they are exact.
        lower: if right == 0 { 0.0 } else { middle - half },
        upper: if right == examples {
            1.0
        } else {
            middle + half
        },
        level,
    })
}

/// The value below which a standard normal one lies with this chance, from 0.5 to 1 - 1e-10.
///
/// Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988), Applied
/// Statistics 37: PPND16, without its branch for the farthest tails.
fn quantile(chance: f64) -> f64 {
    const MIDDLE: ([f64; 8], [f64; 8]) = (
        [
            2_509.080_928_730_122_7,
            33_430.575_583_588_13,
            67_265.770_927_008_7,
            45_921.953_931_549_87,
            13_731.693_765_509_46,
            1_971.590_950_306_551_3,
            133.141_667_891_784_38,
            3.387_132_872_796_366_5,
        ],
        [
            5_226.495_278_852_854,
            28_729.085_735_721_943,
            39_307.895_800_092_71,
            21_213.794_301_586_597,
            5_394.196_021_424_751,
            687.187_007_492_057_9,
            42.313_330_701_600_91,
            1.0,
        ],
    );
    const TAIL: ([f64; 8], [f64; 8]) = (
        [
            7.745_450_142_783_414e-4,
            0.022_723_844_989_269_184,
            0.241_780_725_177_450_6,
            1.270_458_252_452_368_4,
            3.647_848_324_763_204_5,
            5.769_497_221_460_691,
            4.630_337_846_156_546,
            1.423_437_110_749_683_5,
        ],
        [
            1.050_750_071_644_416_9e-9,
            5.475_938_084_995_345e-4,
            0.015_198_666_563_616_457,
            0.148_103_976_427_480_08,
            0.689_767_334_985_1,
            1.676_384_830_183_803_8,
            2.053_191_626_637_759,
            1.0,
        ],
    );
    let polynomial = |of: &[f64; 8], x: f64| of.iter().fold(0.0, |sum, part| sum * x + part);
    let ratio = |of: &([f64; 8], [f64; 8]), x: f64| polynomial(&of.0, x) / polynomial(&of.1, x);
    let apart = chance - 0.5;
    if apart <= 0.425 {
        return apart * ratio(&MIDDLE, 0.180_625 - apart * apart);
    }
    ratio(&TAIL, (-(1.0 - chance).ln()).sqrt() - 1.6)
}

#[cfg(test)]
mod tests {
    use super::*;

    // from statsmodels.stats.proportion import proportion_confint               # statsmodels 0.15.0
    // proportion_confint(right, examples, 1 - level, method="wilson")
    #[test]
    fn the_interval_of_an_accuracy_is_that_of_statsmodels() {
        for (right, examples, level, lower, upper) in [
            (0, 5, 0.95, 0.0, 0.434_482_464_783_174_76),
            (5, 5, 0.95, 0.565_517_535_216_825_1, 1.0),
            (
                7,
                10,
                0.95,
                0.396_778_147_461_145_37,
                0.892_208_732_593_698_9,
            ),
            (
                4_230,
                4_500,
                0.95,
                0.932_678_772_658_746_5,
                0.946_570_649_463_874_7,
            ),
            (1, 3, 0.9, 0.078_265_726_333_728_36, 0.746_466_131_718_776),
            (
                50,
                100,
                0.99,
                0.375_279_625_044_839_86,
                0.624_720_374_955_160_2,
            ),
            (
                3,
                1_000,
                0.999,
                0.000_553_221_274_018_204_4,
                0.016_094_094_978_357_974,
            ),
        ] {
            let found = wilson(right, examples, level).unwrap();
            assert!((found.lower - lower).abs() < 1e-12, "{found:?} {lower}");
            assert!((found.upper - upper).abs() < 1e-12, "{found:?} {upper}");
            assert_eq!(found.estimate, right as f64 / examples as f64);
        }
    }

    #[test]
    fn what_makes_no_share_or_no_level_has_no_interval() {
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(3, 2, 0.95), None);
        for level in [0.0, 1.0, -0.5, f64::NAN] {
            assert_eq!(wilson(1, 2, level), None);
        }
    }
}
