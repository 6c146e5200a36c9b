//! Parquet files: typed columns give what the same cells give as text, and what cannot be read
//! says why.
#![cfg(feature = "parquet")]

use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use ressac_data::{
    DataError, Panel, PanelOptions, ReadOptions, Step, read_bytes, read_panel_bytes,
};

/// The cells of one column of one row group; `None` is null.
enum Cells {
    Bool(Vec<Option<bool>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Int96(Vec<Option<Int96>>),
    Float(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
    Text(Vec<Option<Vec<u8>>>),
    Fixed(Vec<Option<Vec<u8>>>),
}

fn texts(cells: &[&str]) -> Cells {
    Cells::Text(cells.iter().map(|c| Some(c.as_bytes().to_vec())).collect())
}

/// A file of one row group for each item of `groups`; every column must be optional.
fn file(schema: &str, compression: Compression, groups: &[Vec<Cells>]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for group in groups {
        let mut rows = writer.next_row_group().unwrap();
        for cells in group {
            let mut column = rows.next_column().unwrap().unwrap();
            macro_rules! write {
                ($kind:ty, $cells:expr, $value:expr) => {{
                    let levels: Vec<i16> = $cells.iter().map(|c| i16::from(c.is_some())).collect();
                    let values: Vec<_> = $cells.iter().flatten().cloned().map($value).collect();
                    let typed = column.typed::<$kind>();
                    typed.write_batch(&values, Some(&levels), None).unwrap();
                }};
            }
            match cells {
                Cells::Bool(cells) => write!(BoolType, cells, |v| v),
                Cells::Int32(cells) => write!(Int32Type, cells, |v| v),
                Cells::Int64(cells) => write!(Int64Type, cells, |v| v),
                Cells::Int96(cells) => write!(Int96Type, cells, |v| v),
                Cells::Float(cells) => write!(FloatType, cells, |v| v),
                Cells::Double(cells) => write!(DoubleType, cells, |v| v),
                Cells::Text(cells) => write!(ByteArrayType, cells, ByteArray::from),
                Cells::Fixed(cells) => write!(FixedLenByteArrayType, cells, |v| {
                    FixedLenByteArray::from(ByteArray::from(v))
                }),
            }
            column.close().unwrap();
        }
        rows.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn panel(bytes: &[u8]) -> Result<Panel, DataError> {
    let files = [(Path::new("load.parquet"), bytes)];
    read_panel_bytes(&files, &PanelOptions::default()).map(|(panel, _)| panel)
}

const HOUR: i64 = 1_467_331_200; // 2016-07-01 00:00

fn load_file(compression: Compression) -> Vec<u8> {
    let stamps = |from: i64| {
        let micros = (from..from + 3).map(|hour| Some((HOUR + hour * 3_600) * 1_000_000));
        Cells::Int64(micros.collect())
    };
    file(
        "message m {
            optional int64 time (TIMESTAMP(MICROS,false));
            optional double load;
            optional float felt;
            optional boolean holiday;
            optional int32 hour;
            optional binary town (UTF8);
        }",
        compression,
        &[
            vec![
                stamps(0),
                Cells::Double(vec![Some(1.5), None, Some(f64::NAN)]),
                Cells::Float(vec![Some(0.5), Some(-2.25), Some(3.0)]),
                Cells::Bool(vec![Some(true), Some(false), None]),
                Cells::Int32(vec![Some(0), Some(1), None]),
                texts(&["Lyon", "Lyon", "Lyon"]),
            ],
            vec![
                stamps(3),
                Cells::Double(vec![Some(4.0), Some(5.0), Some(6.0)]),
                Cells::Float(vec![None, None, None]),
                Cells::Bool(vec![Some(true); 3]),
                Cells::Int32(vec![Some(3), Some(4), Some(5)]),
                texts(&["Lyon", "Lyon", "Lyon"]),
            ],
        ],
    )
}

#[test]
fn typed_columns_give_what_the_same_cells_give_as_text() {
    let text = "time,load,felt,holiday,hour,town
2016-07-01 00:00:00,1.5,0.5,1,0,Lyon
2016-07-01 01:00:00,,-2.25,0,1,Lyon
2016-07-01 02:00:00,,3,,,Lyon
2016-07-01 03:00:00,4,,1,3,Lyon
2016-07-01 04:00:00,5,,1,4,Lyon
2016-07-01 05:00:00,6,,1,5,Lyon
";
    // NaN is not equal to itself; its print is.
    let files = [(Path::new("load.csv"), text.as_bytes())];
    let (as_text, _) = read_panel_bytes(&files, &PanelOptions::default()).unwrap();
    let expected = format!("{:?}", as_text.series);
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
    ] {
        let files = [(Path::new("any.name"), &load_file(compression)[..])];
        let (panel, told) = read_panel_bytes(&files, &PanelOptions::default()).unwrap();
        assert_eq!(format!("{:?}", panel.series), expected, "{compression}");
        let told: Vec<String> = told
            .iter()
            .map(|a| format!("{}: {}", a.what, a.found))
            .collect();
        assert!(
            told.contains(&"left out, text: town".to_owned()),
            "{told:?}"
        );
        assert!(told.contains(&"time step: 1 hour".to_owned()), "{told:?}");
    }
    let (table, _) = read_bytes(
        Path::new("load.parquet"),
        &load_file(Compression::SNAPPY),
        &ReadOptions::default(),
    )
    .unwrap();
    assert_eq!((table.rows(), table.missing()), (6, 7));
}

#[test]
fn dates_decimals_long_names_and_old_moments_are_read() {
    let mut old = Int96::new();
    // Day 2,440,589 of the Julian count, 01:00.
    let nanoseconds = 3_600_000_000_000_u64;
    old.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, 2_440_589);
    let bytes = file(
        "message m {
            optional int32 day (DATE);
            optional int32 clock (TIME(MILLIS,false));
            optional int64 id (INTEGER(64,false));
            optional int32 price (DECIMAL(9,2));
            optional binary debt (DECIMAL(20,1));
            optional fixed_len_byte_array(2) tiny (DECIMAL(4,1));
            optional int96 old;
        }",
        Compression::UNCOMPRESSED,
        &[vec![
            Cells::Int32(vec![Some(16_983); 4]),
            Cells::Int32([0, 1, 0, 1].map(|q| Some(q * 900_000)).to_vec()),
            // Two names that differ in their last digit only, beyond 53 bits and beyond the sign.
            Cells::Int64([-1, -1, -2, -2].map(Some).to_vec()),
            Cells::Int32(vec![Some(12_345), Some(-1), None, Some(0)]),
            Cells::Text(vec![
                Some(vec![0x01, 0x00]),
                Some(vec![0xff]),
                None,
                Some(vec![]),
            ]),
            Cells::Fixed(vec![Some(vec![0, 25]), Some(vec![0xff, 0xfb]), None, None]),
            Cells::Int96(vec![Some(old); 4]),
        ]],
    );
    let options = PanelOptions {
        series: Some("id".parse().unwrap()),
        ..PanelOptions::default()
    };
    let files = [(Path::new("x.parquet"), &bytes[..])];
    let (panel, _) = read_panel_bytes(&files, &options).unwrap();
    let names: Vec<&str> = panel.series.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["18446744073709551615", "18446744073709551614"]);
    let time = panel.series[0].time.as_ref().unwrap();
    assert_eq!(time.step, Some(Step::Seconds(900)));
    assert_eq!(time.write(time.stamps[1]), "2016-07-01 00:15:00");
    assert_eq!(panel.roles.targets, ["price", "debt", "tiny"]);
    assert_eq!(panel.series[0].targets[0], [123.45, -0.01]);
    assert_eq!(panel.series[0].targets[1], [25.6, -0.1]);
    assert_eq!(panel.series[0].targets[2], [2.5, -0.5]);

    let alone = PanelOptions {
        time: vec!["old".parse().unwrap()],
        target: Some(vec!["price".parse().unwrap()]),
        series: None,
        ..options
    };
    let message = read_panel_bytes(&files, &alone).unwrap_err().to_string();
    assert!(
        message.starts_with(
            "x.parquet, row 2, column `old`: the time 1970-01-02 01:00:00 is already that of row 1"
        ),
        "{message}"
    );
}

#[test]
fn universal_moments_are_written_back_as_such_and_fractions_of_a_second_are_refused() {
    let write = |values: [i64; 3]| {
        file(
            "message m { optional int64 t (TIMESTAMP(MILLIS,true)); optional double x; }",
            Compression::UNCOMPRESSED,
            &[vec![
                Cells::Int64(values.map(Some).to_vec()),
                Cells::Double(vec![Some(1.0); 3]),
            ]],
        )
    };
    let whole = panel(&write([0, 1_000, 2_000])).unwrap();
    let time = whole.series[0].time.as_ref().unwrap();
    assert_eq!(time.write(time.stamps[2]), "1970-01-01 00:00:02Z");
    let options = PanelOptions {
        time: vec!["t".parse().unwrap()],
        ..PanelOptions::default()
    };
    let bytes = write([0, 1_000, 1_500]);
    let files = [(Path::new("x.parquet"), &bytes[..])];
    let message = read_panel_bytes(&files, &options).unwrap_err().to_string();
    assert!(
        message.contains("row 3, column 1 (`t`): expected a time written like")
            && message.contains("found `1500 / 1000 seconds since 1970`"),
        "{message}"
    );
    // Years that no calendar writes do not overflow; such a column is no time.
    let strange = panel(&write([i64::MIN, 0, i64::MAX])).unwrap();
    assert_eq!(strange.series[0].time, None);
}

#[test]
fn lists_and_bytes_are_left_out_and_told() {
    let bytes = file(
        "message m { optional double x; optional fixed_len_byte_array(2) raw; repeated int32 many; }",
        Compression::UNCOMPRESSED,
        &[],
    );
    let message = panel(&bytes).unwrap_err().to_string();
    assert_eq!(
        message,
        "load.parquet: the Parquet file has no rows. Write it again with rows of values."
    );
    let bytes = file(
        "message m { optional double x; optional fixed_len_byte_array(2) raw; }",
        Compression::UNCOMPRESSED,
        &[vec![
            Cells::Double(vec![Some(1.0), Some(2.0)]),
            Cells::Fixed(vec![Some(vec![1, 2]), None]),
        ]],
    );
    let files = [(Path::new("x.parquet"), &bytes[..])];
    let (panel, told) = read_panel_bytes(&files, &PanelOptions::default()).unwrap();
    assert_eq!(panel.roles.targets, ["x"]);
    assert!(told.iter().any(|a| a.found == "raw (bytes)"), "{told:?}");
}

#[test]
fn infinite_values_and_texts_are_refused_where_numbers_must_stand() {
    let bytes = file(
        "message m { optional double x; }",
        Compression::UNCOMPRESSED,
        &[vec![Cells::Double(vec![Some(1.0), Some(f64::INFINITY)])]],
    );
    let message = panel(&bytes).unwrap_err().to_string();
    assert!(
        message.starts_with("load.parquet, row 2, column 1 (`x`): expected a number, found `inf`."),
        "{message}"
    );
}

#[test]
fn a_codec_that_is_not_built_in_is_named() {
    let mut bytes = load_file(Compression::SNAPPY);
    // The footer names the codec of each column in one byte; field 4 of the column's metadata is an
    // i32 of the compact protocol (0x15), after the list of names: 2 (zig-zag of 1) is snappy, 12
    // is zstd. The first such byte after the path `time` is that of the first column.
    let path = bytes.windows(4).rposition(|w| w == b"town").unwrap();
    let codec = path
        + 4
        + bytes[path + 4..]
            .windows(2)
            .position(|w| w == [0x15, 2])
            .unwrap()
        + 1;
    bytes[codec] = 12;
    let message = panel(&bytes).unwrap_err().to_string();
    assert_eq!(
        message,
        "load.parquet: column `town` is compressed with zstd, which this program does not read. Write the file with snappy or gzip, or without compression."
    );
}

#[test]
fn a_cut_file_is_refused_at_any_length() {
    let whole = load_file(Compression::SNAPPY);
    for end in 0..whole.len() {
        let message = panel(&whole[..end]).unwrap_err().to_string();
        assert!(
            message.starts_with("load.parquet: the Parquet file is cut short or damaged ("),
            "{end}: {message}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_gives_a_panel_or_a_sentence(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        codec in prop::sample::select(vec![Compression::UNCOMPRESSED, Compression::SNAPPY]),
    ) {
        let mut bytes = load_file(codec);
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        match panel(&bytes) {
            Ok(panel) => prop_assert!(panel.rows() > 0),
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.starts_with("load.parquet"), "{}", message);
                prop_assert!(message.ends_with('.'), "{}", message);
                prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
            }
        }
    }

    #[test]
    fn any_bytes_between_the_marks_give_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let whole = [b"PAR1".as_slice(), &bytes, b"PAR1"].concat();
        let message = panel(&whole).unwrap_err().to_string();
        prop_assert!(message.starts_with("load.parquet: the Parquet file"), "{}", message);
    }
}
