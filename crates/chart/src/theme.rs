//! The colours and letters that plots and pages share, as CSS custom properties in light and dark.

/// How many line colours there are before they repeat with dashes.
pub(crate) const COLOURS: usize = 6;

/// Declarations of the custom properties, to be put on one selector.
///
/// The line colours are told apart by readers with the common colour deficiencies (they follow
/// Okabe and Ito, 2008), and keep a contrast of 3:1 at least against their ground.
const LIGHT: &str = "--ground:#ffffff;--ink:#1d2430;--soft:#566070;--rule:#d9dde3;--shade:#f3f5f7;\
--line-1:#0b62a8;--line-2:#c2410c;--line-3:#00795a;--line-4:#a3417f;--line-5:#8a6100;--line-6:#4b5563;";

const DARK: &str = "--ground:#14181f;--ink:#e6e9ee;--soft:#a2abb8;--rule:#353c47;--shade:#1d232c;\
--line-1:#63b3f0;--line-2:#f59b5b;--line-3:#3ccfa4;--line-4:#e093c2;--line-5:#e2c044;--line-6:#b4bcc8;";

/// System letters only: none is fetched.
pub(crate) const LETTERS: &str =
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

/// The properties on a selector, for both settings of the reader. Paper is always light.
pub(crate) fn properties(selector: &str) -> String {
    both(selector, LIGHT, DARK)
}

/// Rules that name properties as `var(--ink)`, with the colours themselves in their place, for both
/// settings of the reader: programs for slides and for printing know no custom properties.
pub(crate) fn resolved(rules: &str) -> String {
    let with = |colours: &str| {
        colours
            .split(';')
            .filter_map(|entry| entry.trim().split_once(':'))
            .fold(rules.to_owned(), |css, (name, colour)| {
                css.replace(&format!("var({name})"), colour)
            })
    };
    format!(
        "{}@media screen and (prefers-color-scheme:dark){{{}}}",
        with(LIGHT),
        with(DARK)
    )
}

/// How many colours a heat map has from least to most.
pub(crate) const HEAT: usize = 12;

/// Colours of a heat map, from least to most: from near the ground to far from it, with lightness
/// in even steps (OKLCH, from yellow to blue), so the order is seen without seeing the hue.
const HEAT_LIGHT: [&str; HEAT] = [
    "#f6f3c5", "#d8e5b4", "#b9d6a7", "#99c89e", "#77b999", "#55a995", "#309893", "#068590",
    "#017189", "#085d80", "#01497c", "#113375",
];
const HEAT_DARK: [&str; HEAT] = [
    "#173268", "#034676", "#055a7c", "#096d84", "#0e818b", "#019691", "#39a891", "#5fb990",
    "#85c88e", "#abd78e", "#d0e490", "#f6f097",
];

/// Colours from the most negative to the most positive: blue and orange, which readers with the
/// common colour deficiencies tell apart, each growing away from the ground.
const SIGNED_LIGHT: [&str; HEAT] = [
    "#004f8b", "#336da4", "#5d8bbb", "#85aad2", "#adcae9", "#d8eafd", "#fde1d2", "#eabfa7",
    "#d59d7e", "#c07c55", "#a95b29", "#8a4005",
];
const SIGNED_DARK: [&str; HEAT] = [
    "#9dd1fe", "#74b0e3", "#5d8fb9", "#477092", "#32516c", "#1e3548", "#482f1a", "#6a482a",
    "#8e623c", "#b47d4f", "#db9a63", "#ffba81",
];

/// The first of [`HEAT_LIGHT`] on which letters are white, and the first of [`HEAT_DARK`] on which they
/// are black.
const TURNS: (usize, usize) = (8, 5);

/// The rules that give `.on-1` to `.on-12` within a selector the colour of letters on `.heat-1` to
/// `.heat-12`.
pub(crate) fn on_heat(selector: &str) -> String {
    let declared = |inks: [&str; HEAT]| -> String {
        let numbered = (1..).zip(inks);
        numbered
            .map(|(k, ink)| format!("--on-{k}:{ink};"))
            .collect()
    };
    let (light, dark) = inks();
    let mut css = both(selector, &declared(light), &declared(dark));
    for k in 1..=HEAT {
        css.push_str(&format!("{selector} .on-{k}{{fill:var(--on-{k})}}"));
    }
    css
}

fn inks() -> ([&'static str; HEAT], [&'static str; HEAT]) {
    const BLACK: &str = "#000000";
    const WHITE: &str = "#ffffff";
    (
        std::array::from_fn(|k| if k < TURNS.0 { BLACK } else { WHITE }),
        std::array::from_fn(|k| if k < TURNS.1 { WHITE } else { BLACK }),
    )
}

/// The rules that give `.heat-1` to `.heat-12` within a selector their fill.
pub(crate) fn heat(selector: &str, signed: bool) -> String {
    let (light, dark) = if signed {
        (SIGNED_LIGHT, SIGNED_DARK)
    } else {
        (HEAT_LIGHT, HEAT_DARK)
    };
    let declared = |colours: [&str; HEAT]| -> String {
        let numbered = (1..).zip(colours);
        numbered
            .map(|(k, colour)| format!("--{}-{k}:{colour};", kind(signed)))
            .collect()
    };
    let mut css = both(selector, &declared(light), &declared(dark));
    for k in 1..=HEAT {
        let kind = kind(signed);
        css.push_str(&format!("{selector} .{kind}-{k}{{fill:var(--{kind}-{k})}}"));
    }
    css
}

/// Two kinds of heat map on one page must not take each other's colours.
pub(crate) fn kind(signed: bool) -> &'static str {
    if signed { "signed" } else { "heat" }
}

fn both(selector: &str, light: &str, dark: &str) -> String {
    format!(
        "{selector}{{{light}}}@media screen and (prefers-color-scheme:dark){{{selector}{{{dark}}}}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrasts(theme: &str) -> Vec<(String, f64)> {
        let colours: Vec<(&str, &str)> = theme
            .split(';')
            .filter_map(|entry| entry.trim().split_once(':'))
            .collect();
        let ground = luminance(colours[0].1);
        let against = |colour: &str| {
            let (a, b) = (luminance(colour).max(ground), luminance(colour).min(ground));
            (a + 0.05) / (b + 0.05)
        };
        colours
            .iter()
            .map(|(name, colour)| ((*name).to_owned(), against(colour)))
            .collect()
    }

    #[test]
    fn text_and_lines_stand_out_from_the_ground_in_both_themes() {
        for theme in [LIGHT, DARK] {
            let contrasts = contrasts(theme);
            assert_eq!(
                contrasts
                    .iter()
                    .filter(|(name, _)| name.starts_with("--line"))
                    .count(),
                COLOURS
            );
            for (name, contrast) in contrasts {
                let least = match name.as_str() {
                    "--ink" | "--soft" => 4.5,
                    name if name.starts_with("--line") => 3.0,
                    _ => 1.0,
                };
                assert!(contrast >= least, "{name}: {contrast}");
            }
        }
    }

    #[test]
    fn heat_grows_away_from_the_ground_in_steps_that_can_be_seen() {
        let ratio = |a: &str, b: &str| (luminance(a) + 0.05) / (luminance(b) + 0.05);
        for (from, to) in HEAT_LIGHT.iter().zip(&HEAT_LIGHT[1..]) {
            assert!(ratio(from, to) > 1.1, "{from} {to}");
        }
        for (from, to) in HEAT_DARK.iter().zip(&HEAT_DARK[1..]) {
            assert!(ratio(to, from) > 1.1, "{from} {to}");
        }
        for k in 0..HEAT / 2 - 1 {
            for (inner, outer) in [
                (HEAT / 2 - 1 - k, HEAT / 2 - 2 - k),
                (HEAT / 2 + k, HEAT / 2 + 1 + k),
            ] {
                let steps = [
                    ratio(SIGNED_LIGHT[inner], SIGNED_LIGHT[outer]),
                    ratio(SIGNED_DARK[outer], SIGNED_DARK[inner]),
                ];
                assert!(steps.iter().all(|step| *step > 1.2), "{inner} {steps:?}");
            }
        }
    }

    #[test]
    fn letters_on_heat_can_be_read_in_both_themes() {
        let (light, dark) = inks();
        for (colours, inks) in [(HEAT_LIGHT, light), (HEAT_DARK, dark)] {
            for (colour, ink) in colours.iter().zip(inks) {
                let (a, b) = (luminance(colour), luminance(ink));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{ink} on {colour}: {contrast}");
            }
        }
    }

    #[test]
    fn the_two_signs_differ_in_blue_which_most_colour_deficiencies_leave() {
        let channels =
            |c: &str| [1, 3, 5].map(|at| i32::from_str_radix(&c[at..at + 2], 16).unwrap());
        for colours in [SIGNED_LIGHT, SIGNED_DARK] {
            for (k, colour) in colours.iter().enumerate() {
                let [red, _, blue] = channels(colour);
                assert_eq!(blue > red, k < HEAT / 2, "{colour}");
                assert!((blue - red).abs() >= 30, "{colour}");
            }
        }
    }
}
