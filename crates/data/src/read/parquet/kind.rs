//! What a Parquet column holds: its physical type as its logical type means it.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::data_type::Int96;
use parquet::schema::types::ColumnDescriptor;

use crate::civil::{DAY, Date, days_from_date};
use crate::read::sheet::Typed;
use crate::stamp::{Clock, StampFormat};

/// How the values of a column become cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Numbers as they are, and truth as 0 and 1.
    Number,
    /// Whole numbers, without or with sign.
    Integer { signed: bool },
    /// Whole numbers without sign of 64 bits, kept as texts: they may be names.
    Long,
    /// Whole numbers, to be divided by this.
    Decimal { divisor: f64 },
    /// Texts in UTF-8.
    Text,
    /// Days since 1970.
    Date,
    /// Moments since 1970, so many to a second; `universal` if in UTC.
    Moment { per_second: i64, universal: bool },
    /// Times of day, so many to a second.
    Clock { per_second: i64 },
    /// Days and nanoseconds, an old way to write moments.
    OldMoment,
}

impl Kind {
    /// The kind of a column, or what it is if it cannot be one column of cells.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Kind, &'static str> {
        if column.max_rep_level() > 0 {
            return Err("lists");
        }
        let physical = column.physical_type();
        let whole = matches!(physical, Type::INT32 | Type::INT64);
        let bytes = matches!(physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        let decimal = |scale: i32| Kind::Decimal {
            divisor: libm::pow(10.0, f64::from(scale)),
        };
        let unsigned = match physical {
            Type::INT64 => Kind::Long,
            _ => Kind::Integer { signed: false },
        };
        let kind = match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Decimal(decimal_type)), _) => decimal(decimal_type.scale),
            (None, ConvertedType::DECIMAL) => decimal(column.type_scale()),
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Kind::Date,
            (Some(LogicalType::Timestamp(stamp)), _) => Kind::Moment {
                per_second: per_second(&stamp.unit),
                universal: stamp.is_adjusted_to_u_t_c,
            },
            (None, ConvertedType::TIMESTAMP_MILLIS) => Kind::Moment {
                per_second: 1_000,
                universal: true,
            },
            (None, ConvertedType::TIMESTAMP_MICROS) => Kind::Moment {
                per_second: 1_000_000,
                universal: true,
            },
            (Some(LogicalType::Time(time)), _) => Kind::Clock {
                per_second: per_second(&time.unit),
            },
            (None, ConvertedType::TIME_MILLIS) => Kind::Clock { per_second: 1_000 },
            (None, ConvertedType::TIME_MICROS) => Kind::Clock {
                per_second: 1_000_000,
            },
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => unsigned,
            (
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => unsigned,
            (Some(LogicalType::Float16), _) => return Err("16-bit numbers"),
            (Some(LogicalType::Uuid), _) => return Err("identifiers in bytes"),
            (None, ConvertedType::INTERVAL) => return Err("intervals"),
            (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) | None, _)
                if physical == Type::BYTE_ARRAY =>
            {
                Kind::Text
            }
            _ => match physical {
                Type::BOOLEAN | Type::FLOAT | Type::DOUBLE => Kind::Number,
                Type::INT32 | Type::INT64 => Kind::Integer { signed: true },
                Type::INT96 => Kind::OldMoment,
                Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => return Err("bytes"),
            },
        };
        // A file may claim any meaning for any type.
        let agrees = match kind {
            Kind::Number | Kind::OldMoment | Kind::Text => true,
            Kind::Decimal { .. } => whole || bytes,
            _ => whole,
        };
        if agrees { Ok(kind) } else { Err("bytes") }
    }

    /// An empty column of this kind.
    pub(super) fn empty(self) -> Typed {
        match self {
            Kind::Number | Kind::Decimal { .. } => Typed::Numbers(Vec::new()),
            Kind::Integer { .. } => Typed::Integers(Vec::new()),
            Kind::Text | Kind::Long | Kind::Clock { .. } => Typed::Texts(Vec::new()),
            Kind::Date => Typed::Stamps(
                Vec::new(),
                StampFormat {
                    clock: Clock::None,
                    ..StampFormat::ISO
                },
            ),
            Kind::Moment { universal, .. } => Typed::Stamps(
                Vec::new(),
                StampFormat {
                    zulu: universal,
                    ..StampFormat::ISO
                },
            ),
            Kind::OldMoment => Typed::Stamps(Vec::new(), StampFormat::ISO),
        }
    }

    /// Puts a whole number, or nothing, at the end of a column of this kind.
    ///
    /// `unsigned` is the same bits read without a sign.
    pub(super) fn push_whole(self, column: &mut Typed, value: Option<i64>, unsigned: Option<u64>) {
        match (self, column) {
            (Kind::Integer { signed: false }, Typed::Integers(cells)) => {
                // Numbers of 32 bits, which always fit.
                cells.push(unsigned.and_then(|value| i64::try_from(value).ok()));
            }
            (Kind::Long, Typed::Texts(cells)) => {
                cells.push(unsigned.map(|value| value.to_string()));
            }
            (_, Typed::Integers(cells)) => cells.push(value),
            (Kind::Decimal { divisor }, Typed::Numbers(cells)) => {
                cells.push(value.map_or(f64::NAN, |value| value as f64 / divisor));
            }
            (_, Typed::Numbers(cells)) => {
                cells.push(value.map_or(f64::NAN, |value| value as f64));
            }
            (Kind::Clock { per_second }, Typed::Texts(cells)) => {
                cells.push(value.map(|value| clock(value, per_second)));
            }
            (Kind::Date, column) => {
                let day = value.map(|days| (days.checked_mul(DAY), days.to_string()));
                push_stamp(column, day);
            }
            (Kind::Moment { per_second, .. }, column) => {
                let moment = value.map(|value| {
                    let whole = value.rem_euclid(per_second) == 0;
                    let seconds = whole.then(|| value.div_euclid(per_second));
                    (
                        seconds,
                        format!("{value} / {per_second} seconds since 1970"),
                    )
                });
                push_stamp(column, moment);
            }
            (_, Typed::Texts(cells)) => cells.push(value.map(|value| value.to_string())),
            (_, column) => {
                push_stamp(column, value.map(|value| (Some(value), value.to_string())));
            }
        }
    }
}

/// A moment of the old kind, or nothing.
pub(super) fn push_old(column: &mut Typed, value: Option<&Int96>) {
    let moment = value.map(|value| {
        let [low, high, days] = [0, 1, 2].map(|at| value.data().get(at).copied().unwrap_or(0));
        let nanoseconds = i128::from(high) << 32 | i128::from(low);
        // Day 2,440,588 of the Julian count is 1970-01-01.
        let seconds = (i64::from(days) - 2_440_588)
            .checked_mul(DAY)
            .zip(i64::try_from(nanoseconds / 1_000_000_000).ok())
            .and_then(|(days, seconds)| days.checked_add(seconds))
            .filter(|_| nanoseconds % 1_000_000_000 == 0);
        (seconds, format!("day {days} and {nanoseconds} ns"))
    });
    push_stamp(column, moment);
}

/// Puts a stamp at the end of a column, or, if it is not a whole second of the years 1 to 9999, its
/// text: from then on the column is one of texts, which no reader takes for times.
fn push_stamp(column: &mut Typed, value: Option<(Option<i64>, String)>) {
    let Typed::Stamps(stamps, format) = column else {
        if let Typed::Texts(cells) = column {
            cells.push(value.map(|(stamp, text)| match stamp {
                Some(stamp) if in_range(stamp) => StampFormat::ISO.write(stamp),
                _ => text,
            }));
        }
        return;
    };
    match value {
        None => stamps.push(None),
        Some((Some(stamp), _)) if in_range(stamp) => stamps.push(Some(stamp)),
        Some((_, text)) => {
            let mut cells: Vec<Option<String>> = stamps
                .iter()
                .map(|stamp| stamp.map(|stamp| format.write(stamp)))
                .collect();
            cells.push(Some(text));
            *column = Typed::Texts(cells);
        }
    }
}

fn in_range(stamp: i64) -> bool {
    let year = |year| {
        days_from_date(Date {
            year,
            month: 1,
            day: 1,
        }) * DAY
    };
    (year(1)..year(10_000)).contains(&stamp)
}

/// A time of day as text, which the readers know beside a column of dates.
fn clock(value: i64, per_second: i64) -> String {
    let seconds = value.div_euclid(per_second);
    if value.rem_euclid(per_second) != 0 || !(0..DAY).contains(&seconds) {
        return format!("{value} / {per_second} seconds since midnight");
    }
    let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hour:02}:{minute:02}:{:02}", seconds % 60)
}

fn per_second(unit: &TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}
