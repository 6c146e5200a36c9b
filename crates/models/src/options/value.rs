//! How the values of options are written, in files and on the command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use toml::Value;

use ressac_train::{Average, Schedule};

use crate::ModelError;
use crate::error::option_error;

/// How a value is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One text.
    One,
    /// Texts between commas.
    List,
    /// One or more files, as separate arguments.
    Files,
}

/// A type that an option may have.
pub trait OptionValue: Sized {
    /// How it is written on the command line.
    const FORM: Form = Form::One;

    /// Reads the texts of the command line: one, or several where the form says so.
    ///
    /// # Errors
    /// How it should be written.
    fn parse(texts: &[String]) -> Result<Self, String>;

    /// Reads the value of a file.
    ///
    /// # Errors
    /// How it should be written.
    fn from_toml(value: &Value) -> Result<Self, String>;

    /// The value as a file holds it.
    fn to_toml(&self) -> Value;
}

/// How an option of type `G` is held once it is resolved: as it is, or as one that may stay absent.
pub trait Resolve<G>: Sized {
    /// From the option as given; `None` where it must be there and is not.
    fn resolve(given: Option<G>) -> Option<Self>;
    /// The value, if there is one.
    fn given(&self) -> Option<&G>;
}

impl<G> Resolve<G> for G {
    fn resolve(given: Option<G>) -> Option<Self> {
        given
    }
    fn given(&self) -> Option<&G> {
        Some(self)
    }
}

impl<G> Resolve<G> for Option<G> {
    fn resolve(given: Option<G>) -> Option<Self> {
        Some(given)
    }
    fn given(&self) -> Option<&G> {
        self.as_ref()
    }
}

/// The last of the texts of an option that is written once.
pub(crate) fn one(texts: &[String]) -> &str {
    texts.last().map_or("", String::as_str)
}

pub(crate) fn found(value: &Value, expected: &str) -> String {
    format!("{expected} is expected, and it is {value}")
}

impl OptionValue for usize {
    fn parse(texts: &[String]) -> Result<Self, String> {
        u64::parse(texts).and_then(|number| usize::try_from(number).map_err(|e| e.to_string()))
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        u64::from_toml(value).and_then(|number| usize::try_from(number).map_err(|e| e.to_string()))
    }
    fn to_toml(&self) -> Value {
        (*self as u64).to_toml()
    }
}

/// A whole number that a file can hold too.
impl OptionValue for u64 {
    fn parse(texts: &[String]) -> Result<Self, String> {
        const MOST: u64 = i64::MAX as u64;
        let text = one(texts);
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("a whole number is expected, such as 24".to_owned());
        }
        text.parse::<u64>()
            .ok()
            .filter(|number| *number <= MOST)
            .ok_or_else(|| format!("it is beyond {MOST}, the largest number there is room for"))
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        let number = value
            .as_integer()
            .and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| found(value, "a whole number, 0 or more,"))
    }
    fn to_toml(&self) -> Value {
        // Beyond that no text is read and no file holds a number.
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl OptionValue for f64 {
    fn parse(texts: &[String]) -> Result<Self, String> {
        let text = one(texts);
        (text.trim().parse()).map_err(|_| format!("`{text}` is no number; write one such as 0.1"))
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Float(number) => Ok(*number),
            Value::Integer(number) => Ok(*number as f64),
            other => Err(found(other, "a number")),
        }
    }
    fn to_toml(&self) -> Value {
        Value::Float(*self)
    }
}

impl OptionValue for bool {
    fn parse(texts: &[String]) -> Result<Self, String> {
        match one(texts) {
            "yes" | "true" => Ok(true),
            "no" | "false" => Ok(false),
            other => Err(format!("`{other}` is neither yes nor no")),
        }
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| found(value, "true or false"))
    }
    fn to_toml(&self) -> Value {
        Value::Boolean(*self)
    }
}

impl OptionValue for String {
    fn parse(texts: &[String]) -> Result<Self, String> {
        Ok(one(texts).to_owned())
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| found(value, "a text in quotes"))
    }
    fn to_toml(&self) -> Value {
        Value::String(self.clone())
    }
}

/// The parts of a list as the command line has it: `a,b` or `a b` in separate arguments.
fn parts(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().flat_map(|text| text.split(','))
}

fn each<T>(value: &Value, of: fn(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    let Value::Array(values) = value else {
        return Err(found(value, "a list in [ ]"));
    };
    values.iter().map(of).collect()
}

macro_rules! list_of {
    ($type:ty) => {
        impl OptionValue for Vec<$type> {
            const FORM: Form = Form::List;
            fn parse(texts: &[String]) -> Result<Self, String> {
                parts(texts)
                    .map(|text| <$type>::parse(&[text.trim().to_owned()]))
                    .collect()
            }
            fn from_toml(value: &Value) -> Result<Self, String> {
                each(value, <$type>::from_toml)
            }
            fn to_toml(&self) -> Value {
                Value::Array(self.iter().map(OptionValue::to_toml).collect())
            }
        }
    };
}
list_of!(usize);
list_of!(f64);

macro_rules! texts {
    ($(#[$doc:meta])* $name:ident, $form:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(pub Vec<String>);

        impl OptionValue for $name {
            const FORM: Form = Form::$form;
            fn parse(texts: &[String]) -> Result<Self, String> {
                Ok(Self($parse(texts)))
            }
            fn from_toml(value: &Value) -> Result<Self, String> {
                match value {
                    Value::String(text) => Ok(Self(vec![text.clone()])),
                    Value::Array(_) => each(value, String::from_toml).map(Self),
                    other => Err(found(other, "a text or a list of texts")),
                }
            }
            fn to_toml(&self) -> Value {
                Value::Array(self.0.iter().map(OptionValue::to_toml).collect())
            }
        }
    };
}

texts! {
    /// Names, such as those of columns: `a,b` on the command line, `"a"` or `["a", "b"]` in a file.
    Names, List, |texts| parts(texts).map(str::to_owned).collect()
}
texts! {
    /// Files: separate arguments on the command line, `"a"` or `["a", "b"]` in a file.
    Files, Files, <[String]>::to_vec
}

impl Files {
    /// The files to learn from, which `data` names; `example` is what such a file may be called.
    ///
    /// # Errors
    /// [`ModelError::Options`] when none is named.
    pub(crate) fn to_learn_from(
        data: Option<&Self>,
        example: &str,
    ) -> Result<Vec<PathBuf>, ModelError> {
        match data.map(Self::paths).filter(|paths| !paths.is_empty()) {
            Some(paths) => Ok(paths),
            None => Err(option_error(
                "data",
                &format!("is missing: name the files to learn from, such as `--data {example}`"),
            )),
        }
    }

    /// The files of several options, in their order.
    pub(crate) fn all<const N: usize>(options: [Option<&Self>; N]) -> Vec<PathBuf> {
        options
            .into_iter()
            .flatten()
            .flat_map(Self::paths)
            .collect()
    }

    /// The files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(PathBuf::from).collect()
    }
}

macro_rules! from_text {
    ($type:ty, $what:literal) => {
        impl $crate::options::OptionValue for $type {
            fn parse(texts: &[String]) -> Result<Self, String> {
                $crate::options::value::one(texts).parse()
            }
            fn from_toml(value: &toml::Value) -> Result<Self, String> {
                match value {
                    toml::Value::String(text) => text.parse(),
                    other => Err($crate::options::value::found(other, $what)),
                }
            }
            fn to_toml(&self) -> toml::Value {
                toml::Value::String(self.to_string())
            }
        }
    };
}
pub(crate) use from_text;

from_text!(Schedule, "a schedule in quotes, such as \"cosine\",");
from_text!(Average, "an average in quotes, such as \"ema\",");
from_text!(TimeLimit, "a length of time in quotes, such as \"10m\",");

/// A length of time as people write it: `90s`, `10m`, `2h`, or a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(pub Duration);

impl FromStr for TimeLimit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let seconds = match &text[digits..] {
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            other => {
                return Err(format!(
                    "`{other}` is no unit of time; write `90s`, `10m` or `2h`"
                ));
            }
        };
        let number: f64 = text[..digits]
            .parse()
            .map_err(|_| format!("`{text}` is no length of time; write `90s`, `10m` or `2h`"))?;
        Duration::try_from_secs_f64(number * seconds)
            .map(TimeLimit)
            .map_err(|_| format!("`{text}` is too long a time"))
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs_f64())
    }
}
