//! Text into the words that BLEU counts.

use super::is_space;

/// The words of a text by the rules `13a` of the NIST script mteval-v13a.pl, as sacreBLEU applies
/// them: marks of ASCII are words of their own, but a point or comma between digits stays in its
/// number, an apostrophe in its word, and a hyphen is cut off after a digit only. Marks beyond ASCII
/// (`’`, `«`, `…`) stay where they are. `&quot;`, `&amp;`, `&lt;` and `&gt;` are read as what they
/// stand for, `<skipped>` as nothing.
///
/// Post, "A call for clarity in reporting BLEU scores" (2018), WMT.
pub fn tokenise_13a(text: &str) -> Vec<String> {
    // Entities one after the other: `&amp;lt;` ends as `<`.
    let text = text
        .trim_end_matches(is_space)
        .replace("<skipped>", "")
        .replace("-\n", "")
        .replace('\n', " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let mut line = vec![' '];
    for c in text.chars() {
        match is_mark(c) {
            true => line.extend([' ', c, ' ']),
            false => line.push(c),
        }
    }
    line.push(' ');
    let point = |c: char| c == '.' || c == ',';
    let digit = |c: char| c.is_ascii_digit();
    let line = spaced(&line, |a, b| !digit(a) && point(b), |a, b| [a, ' ', b, ' ']);
    let line = spaced(&line, |a, b| point(a) && !digit(b), |a, b| [' ', a, ' ', b]);
    let line = spaced(&line, |a, b| digit(a) && b == '-', |a, b| [a, ' ', b, ' ']);
    line.split(|c| is_space(*c))
        .filter(|word| !word.is_empty())
        .map(|word| word.iter().collect())
        .collect()
}

/// Every printed character of ASCII but letters, digits and `' , - .`; the space too, around which
/// more spaces change where the pairs that follow begin.
fn is_mark(c: char) -> bool {
    matches!(c, ' '..='&' | '('..='+' | '/' | ':'..='@' | '['..='`' | '{'..='~')
}

/// Writes the pairs of neighbours that are `found` otherwise, from left to right; as in a
/// substitution by a regular expression no character is in two pairs.
fn spaced(
    line: &[char],
    found: impl Fn(char, char) -> bool,
    written: impl Fn(char, char) -> [char; 4],
) -> Vec<char> {
    let mut out = Vec::with_capacity(2 * line.len());
    let mut rest = line;
    while let [first, second, ..] = *rest {
        if found(first, second) {
            out.extend(written(first, second));
            rest = &rest[2..];
        } else {
            out.push(first);
            rest = &rest[1..];
        }
    }
    out.extend(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        tokenise_13a(text).join(" ")
    }

    #[test]
    fn marks_are_words_and_numbers_stay_whole() {
        for (text, expected) in [
            ("Hello, world.", "Hello , world ."),
            ("It's 1,000.5 (or -3).", "It's 1,000.5 ( or -3 ) ."),
            ("a two-year-old in 2016-17", "a two-year-old in 2016 - 17"),
            ("&quot;A&amp;lt;B&quot;", "\" A < B \""),
            ("« L’été… »", "« L’été… »"),
            ("U.S.A. 3. x", "U . S . A . 3 . x"),
            ("  \t ", ""),
            ("", ""),
        ] {
            assert_eq!(joined(text), expected, "{text}");
        }
    }

    #[test]
    fn a_line_cut_at_a_hyphen_is_joined() {
        assert_eq!(
            joined("trans-\nlation\nof<skipped>ten\n"),
            "translation often"
        );
        assert_eq!(joined("one\ntwo"), "one two");
    }
}
