//! Options that are words.

/// Declares an enum whose values are words: written, read and listed in one place.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$of:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $value,)*
        }

        impl $name {
            /// Every word, in the order of the help.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word.
            pub const fn word(&self) -> &'static str {
                match self {
                    $($name::$value => $word,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($name::$value),)*
                    other => Err(format!(
                        "`{other}` is no {}; there are {}",
                        $what,
                        Self::WORDS.join(", ")
                    )),
                }
            }
        }
    };
}
