//! Why a file of weights could not be used.
use thiserror::Error;

/// What went wrong with a file of weights. The message is whole sentences without the file's path, which
/// the caller puts in front.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are cut short or contradict themselves.
    #[error("{0}")]
    Damaged(String),
    /// The file is whole, but holds what is not read here; the message says what to do.
    #[error("{0}")]
    Unsupported(String),
    /// The caller has to say more, or something else: which network, which activation.
    #[error("{0}")]
    Choose(String),
    /// Sizes or kinds that do not fit together.
    #[error("{0}")]
    Unfit(String),
}

/// A name from a file, made fit for a message: no control characters, no novel.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 120;
    let escaped: String = name.escape_debug().take(LONGEST + 1).collect();
    match escaped.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &escaped[..end]),
        None => format!("`{escaped}`"),
    }
}

/// Names for a message, the first few of them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text: Vec<String> = names.iter().take(SHOWN).map(|name| shown(name)).collect();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_message_has_no_control_characters_and_an_end() {
        assert_eq!(shown("a\nb\u{1b}"), "`a\\nb\\u{1b}`");
        assert_eq!(shown("plain"), "`plain`");
        assert_eq!(shown(&"é".repeat(500)).chars().count(), 123);
    }

    #[test]
    fn a_long_list_says_how_many_are_left() {
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        assert!(listed(std::iter::repeat_n("x", 10)).ends_with("`x`, and 2 more"));
    }
}
