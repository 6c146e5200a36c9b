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

/// The properties on a selector, for both settings of the reader.
pub(crate) fn properties(selector: &str) -> String {
    format!("{selector}{{{LIGHT}}}@media (prefers-color-scheme:dark){{{selector}{{{DARK}}}}}")
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
}
