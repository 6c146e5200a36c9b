//! Rust source taken apart into code and comments, so that a rule about code is not tripped by a comment or a text.

/// A source in two views with the lines of the original: what is in the other view, and every string and character
/// literal, is blank.
pub(super) struct Views {
    pub(super) code: String,
    pub(super) comments: String,
}

/// What the reader is inside of.
enum Inside {
    Code,
    LineComment,
    BlockComment(usize),
    Text,
    RawText(usize),
}

/// Takes `source` apart. Only lexing: a source that does not compile gives views too.
pub(super) fn views(source: &str) -> Views {
    let characters: Vec<char> = source.chars().collect();
    let (mut code, mut comments) = (String::new(), String::new());
    let mut inside = Inside::Code;
    let mut at = 0;
    while at < characters.len() {
        let rest = &characters[at..];
        let mut taken = 1;
        let mut view = None;
        match inside {
            Inside::Code => {
                let begins_word = at == 0 || !is_word(characters[at - 1]);
                if starts(rest, "//") {
                    inside = Inside::LineComment;
                    taken = 2;
                } else if starts(rest, "/*") {
                    inside = Inside::BlockComment(1);
                    taken = 2;
                } else if let Some((length, hashes)) = raw_opening(rest).filter(|_| begins_word) {
                    inside = Inside::RawText(hashes);
                    taken = length;
                } else if rest[0] == '"' {
                    inside = Inside::Text;
                } else if let Some(length) = character_literal(rest) {
                    taken = length;
                } else {
                    view = Some(&mut code);
                }
            }
            Inside::LineComment if rest[0] == '\n' => inside = Inside::Code,
            Inside::LineComment => view = Some(&mut comments),
            Inside::BlockComment(depth) => {
                if starts(rest, "/*") {
                    inside = Inside::BlockComment(depth + 1);
                    taken = 2;
                } else if starts(rest, "*/") {
                    inside = if depth == 1 {
                        Inside::Code
                    } else {
                        Inside::BlockComment(depth - 1)
                    };
                    taken = 2;
                } else {
                    view = Some(&mut comments);
                }
            }
            Inside::Text => match rest[0] {
                '\\' => taken = 2.min(rest.len()),
                '"' => inside = Inside::Code,
                _ => {}
            },
            Inside::RawText(hashes) => {
                if rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes {
                    inside = Inside::Code;
                    taken = 1 + hashes;
                }
            }
        }
        match view {
            Some(view) if rest[0] != '\n' => view.push(rest[0]),
            _ => {}
        }
        // Both views keep every line break; a blank keeps the words on its two sides apart.
        let breaks = rest[..taken].iter().filter(|c| **c == '\n').count();
        for view in [&mut code, &mut comments] {
            view.extend(std::iter::repeat_n('\n', breaks));
        }
        if !matches!(inside, Inside::Code) && !code.ends_with([' ', '\n']) {
            code.push(' ');
        }
        at += taken;
    }
    Views { code, comments }
}

/// Whether `word` stands in `text` as a whole word.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn starts(text: &[char], pattern: &str) -> bool {
    pattern
        .chars()
        .enumerate()
        .all(|(at, character)| text.get(at) == Some(&character))
}

/// The length and the number of hashes of `r"`, `br#"`, `cr##"` and their like.
fn raw_opening(text: &[char]) -> Option<(usize, usize)> {
    let prefix = if starts(text, "r") {
        1
    } else if starts(text, "br") || starts(text, "cr") {
        2
    } else {
        return None;
    };
    let hashes = text[prefix..].iter().take_while(|c| **c == '#').count();
    (text.get(prefix + hashes) == Some(&'"')).then_some((prefix + hashes + 1, hashes))
}

/// The length of a character literal; a lifetime is none.
fn character_literal(text: &[char]) -> Option<usize> {
    match text {
        ['\'', '\\', _, rest @ ..] => Some(3 + rest.iter().position(|c| *c == '\'')? + 1),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn comments_and_code_part() {
        let views =
            views("let a = 1; // one /* two\n/* three /* four */ five */ let b;\n/// six\n");
        assert_eq!(words(&views.code), ["let", "a", "=", "1;", "let", "b;"]);
        assert_eq!(
            words(&views.comments),
            ["one", "/*", "two", "three", "four", "five", "/", "six"]
        );
    }

    #[test]
    fn texts_and_characters_are_in_neither() {
        let source = r####"f("unsafe \" // no", r#"dbg!("x")"#, b"a", '"', '\'', '\u{41}', 'x', "a\\"); g::<'a>(r, br"z")"####;
        let views = views(source);
        assert_eq!(words(&views.comments), Vec::<&str>::new());
        assert_eq!(views.code.replace(' ', ""), "f(,,b,,,,,);g::<'a>(r,)");
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "a /* 1\n2 */ b\n\"x\ny\" c // z\nd";
        let views = views(source);
        assert_eq!(views.code.lines().count(), 5);
        assert_eq!(views.code.lines().nth(3).map(str::trim), Some("c"));
        assert_eq!(views.comments.lines().nth(3).map(str::trim), Some("z"));
        assert_eq!(views.code.lines().nth(4), Some("d"));
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("an unsafe { block", "unsafe"));
        assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
        assert!(!has_word("notunsafe", "unsafe"));
    }
}
