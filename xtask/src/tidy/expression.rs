//! SPDX licence expressions, as far as crates use them: identifiers, `WITH`, `AND`, `OR`, parentheses, and the old `/`
//! that means `OR`.

/// Whether the expression can be met with only the licences that `allowed` accepts (an exception is part of the name:
/// `Apache-2.0 WITH LLVM-exception`). An error says what is malformed.
pub(super) fn is_met(expression: &str, allowed: impl Fn(&str) -> bool) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        allowed: &allowed,
    };
    let met = parser.alternatives()?;
    match parser.words.first() {
        None => Ok(met),
        Some(word) => Err(format!("`{word}` is not expected in `{expression}`")),
    }
}

struct Parser<'a, F> {
    words: &'a [&'a str],
    allowed: &'a F,
}

impl<'a, F: Fn(&str) -> bool> Parser<'a, F> {
    fn alternatives(&mut self) -> Result<bool, String> {
        let mut met = self.conjunction()?;
        while self.take("OR") {
            met |= self.conjunction()?;
        }
        Ok(met)
    }

    fn conjunction(&mut self) -> Result<bool, String> {
        let mut met = self.single()?;
        while self.take("AND") {
            met &= self.single()?;
        }
        Ok(met)
    }

    fn single(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let met = self.alternatives()?;
            return if self.take(")") {
                Ok(met)
            } else {
                Err("a parenthesis is not closed".into())
            };
        }
        let name = self.word()?;
        if self.take("WITH") {
            let exception = self.word()?;
            return Ok((self.allowed)(&format!("{name} WITH {exception}")));
        }
        Ok((self.allowed)(name))
    }

    fn word(&mut self) -> Result<&'a str, String> {
        match self.words.split_first() {
            Some((word, rest)) if !["OR", "AND", "WITH", "(", ")"].contains(word) => {
                self.words = rest;
                Ok(word)
            }
            Some((word, _)) => Err(format!("a licence is expected before `{word}`")),
            None => Err("a licence is expected at the end".into()),
        }
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str) -> Result<bool, String> {
        is_met(expression, |name| {
            ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].contains(&name)
        })
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        assert_eq!(met("MIT OR GPL-3.0"), Ok(true));
        assert_eq!(met("GPL-3.0/MIT"), Ok(true));
        assert_eq!(met("GPL-3.0 OR AGPL-3.0"), Ok(false));
    }

    #[test]
    fn every_part_of_a_conjunction_must_be_allowed() {
        assert_eq!(met("MIT AND Zlib"), Ok(true));
        assert_eq!(met("MIT AND GPL-3.0"), Ok(false));
        assert_eq!(
            met("GPL-3.0 AND MIT OR Zlib"),
            Ok(true),
            "AND binds tighter than OR"
        );
        assert_eq!(met("GPL-3.0 AND (MIT OR Zlib)"), Ok(false));
    }

    #[test]
    fn an_exception_is_part_of_the_name() {
        assert_eq!(met("Apache-2.0 WITH LLVM-exception"), Ok(true));
        assert_eq!(met("Apache-2.0"), Ok(false));
    }

    #[test]
    fn a_malformed_expression_is_an_error() {
        for expression in ["", "MIT OR", "(MIT", "MIT Zlib", "AND MIT"] {
            assert!(met(expression).is_err(), "{expression}");
        }
    }
}
