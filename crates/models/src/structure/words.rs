//! Words in the two languages of the drawings.

use ressac_chart::Language;

/// A few words in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In French.
    pub fr: String,
}

impl Words {
    /// The words in English and in French.
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            fr: fr.into(),
        }
    }

    /// What both languages write alike: the name of a column, a term.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            en: text.clone(),
            fr: text,
        }
    }

    /// A number and what is counted, each as (English, French): `1 weight`, `12 weights`.
    pub fn counted(count: usize, one: (&str, &str), several: (&str, &str)) -> Self {
        let (en, fr) = if count == 1 { one } else { several };
        let count = grouped(count);
        Self::new(format!("{count} {en}"), format!("{count} {fr}"))
    }

    /// How many numbers something is.
    pub fn numbers(count: usize) -> Self {
        Self::counted(count, ("number", "nombre"), ("numbers", "nombres"))
    }

    /// Names as far as a box has room for them, and how many others there are.
    pub fn listed(names: &[String]) -> Self {
        Self::same(listed(names))
    }

    /// The words in this language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::French => &self.fr,
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] if one.chars().count() + two.chars().count() < 18 => format!("{one}, {two}"),
        [one, rest @ ..] => {
            let others = format!(" + {}", rest.len());
            let room = 19 - others.chars().count().min(10);
            match one.chars().count() > room {
                true => format!(
                    "{}…{others}",
                    one.chars().take(room - 1).collect::<String>()
                ),
                false => format!("{one}{others}"),
            }
        }
    }
}

/// Digits in threes, apart by a narrow space, from ten thousand on.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_many_names_counted() {
        assert_eq!(grouped(9_999), "9999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(listed(&names(&["load", "heat"])), "load, heat");
        assert_eq!(listed(&names(&["load", "heat", "wind"])), "load + 2");
        assert_eq!(
            listed(&names(&["a very long name of a column", "b", "c"])),
            "a very long na… + 2"
        );
    }
}
