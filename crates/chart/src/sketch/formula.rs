//! Labels with real subscripts: words, and between `$` signs formulas in a few marks of TeX.
//!
//! `"$H_{t-1}$"` is an italic H with a subscript; `^` raises; words of several letters (`tanh`)
//! stay upright, as in print. Widths are estimates on the safe side, because a file that fetches no
//! font cannot know the reader's.

use std::fmt::Write as _;

use crate::markup::escape;

/// Size of a subscript or superscript relative to its letter.
const SMALL: f64 = 0.72;
/// How far a subscript goes down and a superscript up, in sizes of the letter.
const DOWN: f64 = 0.24;
const UP: f64 = 0.38;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Line,
    Down,
    Up,
}

/// Letters that are set alike.
#[derive(Debug, PartialEq)]
struct Run {
    text: String,
    level: Level,
    /// In the letters of formulas, not of words.
    formula: bool,
    italic: bool,
    /// Whether it stands under or over the run before it, as the subscript of a primed letter.
    tucked: bool,
}

/// The label as `tspan` elements, for a text of that size.
pub(super) fn spans(label: &str, size: f64) -> String {
    let mut spans = String::new();
    let mut height = 0.0;
    for run in runs(label) {
        let aim = match run.level {
            Level::Line => 0.0,
            Level::Down => DOWN * size,
            Level::Up => -UP * size,
        };
        let class = match (run.formula, run.italic, run.level) {
            (false, ..) => "",
            (true, true, Level::Line) => "f i",
            (true, false, Level::Line) => "f",
            (true, true, _) => "f i s",
            (true, false, _) => "f s",
        };
        spans.push_str("<tspan");
        if !class.is_empty() {
            let _ = write!(spans, " class=\"{class}\"");
        }
        if run.tucked {
            let _ = write!(spans, " dx=\"{:.1}\"", -0.2 * size);
        }
        if (aim - height).abs() > 0.01 {
            let _ = write!(spans, " dy=\"{:.1}\"", aim - height);
        }
        let _ = write!(spans, ">{}</tspan>", escape(&held(&run.text)));
        height = aim;
    }
    spans
}

/// The text with its outer spaces as ones that no program drops at the border of an element: browsers keep ordinary
/// ones there, drawing programs and converters do not.
fn held(text: &str) -> String {
    let inner = text.trim_matches(' ');
    let outer = text.len() - inner.len();
    let before = text.len() - text.trim_start_matches(' ').len();
    let space = |count: usize| "\u{a0}".repeat(count);
    if inner.is_empty() {
        return space(text.len());
    }
    format!("{}{inner}{}", space(before), space(outer - before))
}

/// The width of the label in a text of that size, rather too large than too small.
pub(super) fn width(label: &str, size: f64) -> f64 {
    runs(label)
        .iter()
        .map(|run| {
            let scale = if run.level == Level::Line { 1.0 } else { SMALL };
            let letters: f64 = run.text.chars().map(|c| letter(c, run.formula)).sum();
            letters * scale * size
        })
        .sum()
}

/// The label without its marks, as it is read aloud or searched for.
pub(super) fn plain(label: &str) -> String {
    runs(label).into_iter().map(|run| run.text).collect()
}

/// A user's text made safe to stand in a label: its `$` is no mark.
pub(crate) fn literal(text: &str) -> String {
    text.replace('$', "\u{ff04}")
}

/// A user's text as a label no wider than `room`, cut with a mark if it must be.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> String {
    let label = literal(text);
    if width(&label, size) <= room {
        return label;
    }
    let mut kept = String::new();
    for c in label.chars() {
        kept.push(c);
        if width(&kept, size) + width("…", size) > room {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// The width of a letter of size 1: words as in DejaVu Sans, the widest of the usual fonts.
fn letter(c: char, formula: bool) -> f64 {
    let (thin, narrow, wide, capital, usual) = if formula {
        (0.34, 0.34, 0.92, 0.72, 0.55)
    } else {
        (0.37, 0.44, 1.0, 0.74, 0.63)
    };
    match c {
        '\u{300}'..='\u{36f}' => 0.0,
        'i' | 'j' | 'l' | 'I' | '\'' | '.' | ',' | ':' | ';' | '|' | '′' | ' ' | '\u{202f}'
        | '!' | '’' | '·' => thin,
        't' | 'f' | 'r' | '(' | ')' | '[' | ']' => narrow,
        'm' | 'w' | 'M' | 'W' | '⊙' | '→' | '≈' | '…' | '—' | '%' => wide,
        '=' | '+' | '−' | '∼' | '<' | '>' => 0.7,
        c if c.is_uppercase() => capital,
        c if c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c) => usual,
        '\u{370}'..='\u{3ff}' => 0.64,
        // Han and other full-width letters.
        _ => 1.0,
    }
}

fn runs(label: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (place, part) in label.split('$').enumerate() {
        if place % 2 == 0 {
            push(&mut runs, part, Level::Line, None);
        } else {
            formula(&mut runs, part);
        }
    }
    runs
}

fn formula(runs: &mut Vec<Run>, text: &str) {
    let mut rest = text.chars().peekable();
    let mut line = String::new();
    while let Some(c) = rest.next() {
        let level = match c {
            '_' => Level::Down,
            '^' => Level::Up,
            c => {
                line.push(c);
                continue;
            }
        };
        push(runs, &std::mem::take(&mut line), Level::Line, Some(()));
        let mut inside = String::new();
        if rest.next_if_eq(&'{').is_some() {
            inside.extend(std::iter::from_fn(|| rest.next().filter(|c| *c != '}')));
        } else {
            inside.extend(rest.next());
        }
        push(runs, &inside, level, Some(()));
    }
    push(runs, &line, Level::Line, Some(()));
}

/// Adds a text, cut where upright letters meet italic ones.
fn push(runs: &mut Vec<Run>, text: &str, level: Level, formula: Option<()>) {
    let formula = formula.is_some();
    let text = if formula {
        text.replace('-', "−").replace('\'', "′")
    } else {
        text.to_owned()
    };
    let tucked = level == Level::Down && runs.last().is_some_and(|run| run.text.ends_with('′'));
    let letters: Vec<char> = text.chars().collect();
    let mut from = 0;
    for word in letters.chunk_by(|a, b| a.is_alphabetic() == b.is_alphabetic()) {
        // One letter is a quantity, several are a word: tanh, min.
        let lone = word.len() == 1 && word[0].is_alphabetic() && !matches!(word[0], 'σ' | 'Σ');
        let italic = formula && lone;
        let text: String = word.iter().collect();
        match runs.last_mut() {
            Some(run)
                if from > 0
                    && run.italic == italic
                    && run.level == level
                    && run.formula == formula =>
            {
                run.text.push_str(&text);
            }
            _ => runs.push(Run {
                text,
                level,
                formula,
                italic,
                tucked: tucked && from == 0,
            }),
        }
        from += word.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_italic_words_upright_and_subscripts_small() {
        let spans = spans("gate $H_{t-1} = tanh C$", 20.0);
        assert_eq!(
            spans,
            "<tspan>gate\u{a0}</tspan><tspan class=\"f i\">H</tspan>\
             <tspan class=\"f i s\" dy=\"4.8\">t</tspan><tspan class=\"f s\">−1</tspan>\
             <tspan class=\"f\" dy=\"-4.8\">\u{a0}= tanh\u{a0}</tspan><tspan class=\"f i\">C</tspan>"
        );
        assert_eq!(plain("$ω'_X X^p$"), "ω′X Xp");
    }

    #[test]
    fn a_subscript_after_a_prime_stands_under_it() {
        assert!(spans("$ω'_X$", 20.0).contains("dx=\"-4.0\" dy=\"4.8\">X"));
    }

    #[test]
    fn a_users_dollars_open_no_formula() {
        assert_eq!(
            runs(&literal("a_b$c_d$"))
                .iter()
                .filter(|run| run.formula)
                .count(),
            0
        );
    }

    #[test]
    fn a_text_too_long_for_its_room_is_cut_and_marked() {
        assert_eq!(fitted("load", 20.0, 60.0), "load");
        let cut = fitted(&"M".repeat(99), 20.0, 100.0);
        assert!(cut.ends_with('…') && cut.starts_with("MMM") && width(&cut, 20.0) <= 100.0);
    }

    #[test]
    fn no_label_breaks_the_reading() {
        for odd in ["$", "$_", "$^{", "$a_{b", "$$", "$x_$y", "", "$'$"] {
            let _ = (spans(odd, 10.0), width(odd, 10.0));
        }
    }
}
