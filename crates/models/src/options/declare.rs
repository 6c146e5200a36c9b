//! The declaration of options.

/// Declares options as given and the same resolved.
///
/// ```text
/// options! {
///     /// What the struct of options is.
///     pub Given => Resolved {
///         "Heading" {
///             /// Help, which is the field's documentation too.
///             key "VALUE" ["default"]: Type => ResolvedType,
///             key as "word" "[VALUE]": Type => Option<Type>,    // brackets: no flag, stands in files only
///         }
///     }
///     groups {
///         field: GroupOptions => GroupConfig { key = "default of this family" },
///     }
/// }
/// ```
macro_rules! options {
    (
        $(#[$meta:meta])*
        $vis:vis $Given:ident => $Resolved:ident {
            $($heading:literal {
                $(
                    $(#[doc = $doc:literal])+
                    $key:ident $(as $name:literal)? $value:literal $([$default:literal])?: $given:ty => $resolved:ty,
                )*
            })*
        }
        $(groups {
            $($group:ident: $GroupGiven:ty => $GroupResolved:ty $({ $($of:ident = $other:literal),* $(,)? })?,)*
        })?
    ) => {
        $(#[$meta])*
        ///
        /// As given: whatever is absent is inferred or takes its default.
        #[derive(Debug, Clone, Default, PartialEq)]
        $vis struct $Given {
            $($($(#[doc = $doc])+ pub $key: Option<$given>,)*)*
            $($(#[doc = "Options shared with other families."] pub $group: $GroupGiven,)*)?
        }

        $(#[$meta])*
        ///
        /// Resolved: everything a training run depends on. What does not concern the model is absent.
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $Resolved {
            $($($(#[doc = $doc])+ pub $key: $resolved,)*)*
            $($(#[doc = "Options shared with other families."] pub $group: $GroupResolved,)*)?
        }

        impl $crate::options::Options for $Given {
            type Config = $Resolved;

            fn keys() -> Vec<$crate::options::Key> {
                let keys = vec![
                    $($($crate::options::Key::new::<$given>(
                        $crate::options::options!(@name $key $($name)?),
                        &[$($doc),+],
                        $heading,
                        $value,
                        $crate::options::options!(@default $($default)?),
                    ),)*)*
                ];
                $($(let keys = $crate::options::with_group(
                    keys,
                    <$GroupGiven as $crate::options::Options>::keys(),
                    &[$($((stringify!($of), $other)),*)?],
                );)*)?
                keys
            }

            fn set(&mut self, key: &str, value: &toml::Value) -> Option<Result<(), String>> {
                $($(
                    if key == $crate::options::options!(@name $key $($name)?) {
                        let read = <$given as $crate::options::OptionValue>::from_toml(value);
                        return Some(read.map(|value| self.$key = Some(value)));
                    }
                )*)*
                $($(
                    if let Some(set) = $crate::options::Options::set(&mut self.$group, key, value) {
                        return Some(set);
                    }
                )*)?
                None
            }

            fn write(&self, table: &mut toml::Table) {
                $($(
                    if let Some(value) = &self.$key {
                        let key = $crate::options::options!(@name $key $($name)?);
                        table.insert(key.to_owned(), $crate::options::OptionValue::to_toml(value));
                    }
                )*)*
                $($($crate::options::Options::write(&self.$group, table);)*)?
            }
        }

        impl $crate::options::Config for $Resolved {
            type Options = $Given;

            fn from_options(options: $Given) -> Result<Self, &'static str> {
                Ok(Self {
                    $($($key: <$resolved as $crate::options::Resolve<$given>>::resolve(options.$key)
                        .ok_or($crate::options::options!(@name $key $($name)?))?,)*)*
                    $($($group: <$GroupResolved as $crate::options::Config>::from_options(options.$group)?,)*)?
                })
            }

            fn write(&self, table: &mut toml::Table) {
                $($(
                    if let Some(value) = <$resolved as $crate::options::Resolve<$given>>::given(&self.$key) {
                        let key = $crate::options::options!(@name $key $($name)?);
                        table.insert(key.to_owned(), $crate::options::OptionValue::to_toml(value));
                    }
                )*)*
                $($($crate::options::Config::write(&self.$group, table);)*)?
            }
        }
    };
    (@name $key:ident) => { stringify!($key) };
    (@name $key:ident $name:literal) => { $name };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}
pub(crate) use options;
