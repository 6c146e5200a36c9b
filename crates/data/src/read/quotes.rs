//! Whether the quotes of a file mark cells, or are characters like any other.
//!
//! In CSV (RFC 4180) a cell that begins with a quote ends with one, and a quote within it is
//! doubled. Files separated by tabs are often written without any such rule: there `"` is a
//! character of the text, and to read it as a mark would swallow every line up to the next one.

use super::grid::Separator;

/// What the quotes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Marks around cells, or not there at all.
    Marks,
    /// Characters, as this line shows (only between tabs).
    Characters { line: usize },
    /// Marks, of which that of this line is never closed.
    Unclosed { line: usize },
}

/// Looks at every quote that could be a mark.
pub(super) fn judge(text: &str, separator: Separator) -> Quotes {
    let bytes = text.as_bytes();
    let literal = separator == Separator::Tab;
    let is_break = |byte: u8| matches!(byte, b'\n' | b'\r');
    let (mut at, mut line) = (0, 1);
    let mut at_start = true;
    while let Some(byte) = bytes.get(at).copied() {
        if byte != b'"' || !at_start {
            at_start = byte == separator.byte() || is_break(byte);
            line += usize::from(byte == b'\n');
            at += 1;
            continue;
        }
        let opened = line;
        let (mut breaks, mut separators) = (0, 0);
        at += 1;
        loop {
            match (bytes.get(at), bytes.get(at + 1)) {
                (None, _) if literal => return Quotes::Characters { line: opened },
                (None, _) => return Quotes::Unclosed { line: opened },
                (Some(b'"'), Some(b'"')) => at += 2,
                (Some(b'"'), _) => break,
                (Some(byte), _) => {
                    breaks += usize::from(*byte == b'\n');
                    separators += usize::from(*byte == separator.byte());
                    at += 1;
                }
            }
        }
        at += 1;
        line += breaks;
        // A cell of several lines with tabs in it is two cells that happen to begin and end so.
        let ends = bytes
            .get(at)
            .is_none_or(|byte| *byte == separator.byte() || is_break(*byte));
        if literal && (!ends || (breaks > 0 && separators > 0)) {
            return Quotes::Characters { line: opened };
        }
        at_start = false;
    }
    Quotes::Marks
}

/// As [`judge`] between tabs, for running text, where most quotes are characters: they are marks only if the
/// file shows that a program wrote them. Such a program puts marks around a cell that needs them, because
/// it has a quote, a tab or a line break in it, or else around every cell.
pub(super) fn judge_prose(text: &str) -> Quotes {
    match judge(text, Separator::Tab) {
        Quotes::Marks => {}
        other => return other,
    }
    let bytes = text.as_bytes();
    let (mut at, mut line, mut bare) = (0, 1, false);
    // The first cell whose marks it did not need.
    let mut without_need = None;
    while at < bytes.len() {
        let opened = line;
        let mut needed = false;
        if bytes[at] == b'"' {
            at += 1;
            while at < bytes.len() && (bytes[at] != b'"' || bytes.get(at + 1) == Some(&b'"')) {
                needed |= matches!(bytes[at], b'"' | b'\t' | b'\n' | b'\r');
                line += usize::from(bytes[at] == b'\n');
                at += 1 + usize::from(bytes[at] == b'"');
            }
            if !needed {
                without_need = without_need.or(Some(opened));
            }
        } else {
            bare |= !matches!(bytes[at], b'\t' | b'\n' | b'\r');
        }
        while at < bytes.len() && !matches!(bytes[at], b'\t' | b'\n' | b'\r') {
            at += 1;
        }
        line += usize::from(bytes.get(at) == Some(&b'\n'));
        at += 1;
    }
    match without_need {
        Some(line) if bare => Quotes::Characters { line },
        _ => Quotes::Marks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_prose_are_characters_unless_a_program_wrote_them() {
        let literal = |line| Quotes::Characters { line };
        assert_eq!(judge_prose("Go.\tVa !\n\"Go.\"\t\"Va !\"\n"), literal(2));
        assert_eq!(judge_prose("He said \"go\".\tIl\n"), Quotes::Marks);
        assert_eq!(judge_prose("\"Go\tVa\nHe\tIl\n"), literal(1));
        assert_eq!(
            judge_prose("a\tb\n\"He \"\"goes\"\"\"\t\"c\nd\"\ne\tf\n"),
            Quotes::Marks
        );
        assert_eq!(judge_prose("\"a\"\t\"b\"\n\"c\"\t\"\"\n"), Quotes::Marks);
        assert_eq!(judge_prose(""), Quotes::Marks);
    }

    #[test]
    fn quotes_between_tabs_are_characters_unless_they_follow_the_rules() {
        let tabs = |text| judge(text, Separator::Tab);
        assert_eq!(tabs("a\tb\n\"c \"\"d\"\" \n e\"\t1\n"), Quotes::Marks);
        assert_eq!(tabs("say \"yes\" twice\t1\n"), Quotes::Marks);
        assert_eq!(
            tabs("a\t1\n\"open\t0\nb\t1\n"),
            Quotes::Characters { line: 2 }
        );
        assert_eq!(
            tabs("\"good\" they say\t1\n"),
            Quotes::Characters { line: 1 }
        );
        assert_eq!(
            tabs("a\t1\n\" open\t0\nb\t1\n\"\t1\n"),
            Quotes::Characters { line: 2 }
        );
    }

    #[test]
    fn a_quote_between_commas_is_a_mark_that_must_be_closed() {
        let commas = |text| judge(text, Separator::Comma);
        assert_eq!(commas("a,\"b\nc\",d\n"), Quotes::Marks);
        assert_eq!(commas("a,\"b\"c,d\n"), Quotes::Marks);
        assert_eq!(commas("a,b\n1,\"c\nd,e\n"), Quotes::Unclosed { line: 2 });
        assert_eq!(commas("\""), Quotes::Unclosed { line: 1 });
    }
}
