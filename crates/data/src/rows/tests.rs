//! Tests of rows: every writer of the same rows, and what is refused.

use std::path::Path;

use super::*;

fn columns() -> Vec<Column> {
    vec![
        Column::new("id", Kind::Text),
        Column::new("t", Kind::Time(StampFormat::ISO)),
        Column::new("p", Kind::Number),
        Column::new("n", Kind::Integer),
        Column::new("many", Kind::Numbers),
    ]
}

/// Rows with everything that can go wrong in a text: quotes, separators, breaks, missing values.
fn collected() -> Collected {
    let mut rows = Collected::default();
    rows.begin(&columns()).unwrap();
    let list = [0.1, f64::NAN, -2.0];
    rows.row(&[
        "a \"b\", c".into(),
        Cell::Time(1_467_331_200),
        Cell::Number(0.1 + 0.2),
        Cell::Integer(i64::MIN),
        list[..].into(),
    ])
    .unwrap();
    rows.row(&[
        "é\n\u{2028}\u{1}".into(),
        Cell::Missing,
        Cell::Number(f64::NAN),
        Cell::Missing,
        Cell::Missing,
    ])
    .unwrap();
    rows.row(&[
        "".into(),
        Cell::Time(0),
        Cell::Number(1e-300),
        Cell::Integer(3),
        Cell::from(&[][..]),
    ])
    .unwrap();
    rows.finish().unwrap();
    rows
}

fn written(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut writer = row_writer(Path::new(name), &mut bytes).unwrap();
    collected().replay(writer.as_mut()).unwrap();
    drop(writer);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn rows_are_written_as_separated_values() {
    let expected = format!(
        "id,t,p,n,many\n\
         \"a \"\"b\"\", c\",2016-07-01 00:00:00,0.30000000000000004,-9223372036854775808,\"[0.1,null,-2.0]\"\n\
         \"é\n\u{2028}\u{1}\",,,,\n\
         ,1970-01-01 00:00:00,{},3,[]\n",
        1e-300_f64
    );
    assert_eq!(written("x.csv"), expected);
    assert!(written("x.TSV").starts_with("id\tt\tp\tn\tmany\n"));
}

#[test]
fn rows_are_written_as_json_lines() {
    assert_eq!(
        written("x.jsonl"),
        "{\"id\":\"a \\\"b\\\", c\",\"t\":\"2016-07-01 00:00:00\",\"p\":0.30000000000000004,\
         \"n\":-9223372036854775808,\"many\":[0.1,null,-2.0]}\n\
         {\"id\":\"é\\n\\u2028\\u0001\",\"t\":null,\"p\":null,\"n\":null,\"many\":null}\n\
         {\"id\":\"\",\"t\":\"1970-01-01 00:00:00\",\"p\":1e-300,\"n\":3,\"many\":[]}\n"
    );
}

#[test]
fn a_name_with_another_ending_is_refused_with_those_there_are() {
    for name in ["x.xlsx", "x", "csv"] {
        let message = match row_writer(Path::new(name), Vec::new()) {
            Ok(_) => panic!("{name} was accepted"),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            message,
            format!(
                "{name}: its ending names no format of rows: expected .csv, .tsv, .jsonl, .ndjson, .parquet or .txt. Rename the file."
            )
        );
    }
}

#[test]
fn rows_that_do_not_fit_the_columns_are_refused() {
    let mut rows = Collected::default();
    let message = |result: Result<(), DataError>| result.unwrap_err().to_string();
    assert!(message(rows.row(&[])).contains("row 1 cannot be written: the columns are not known"));
    assert!(message(rows.finish()).contains("the columns are not known"));
    assert!(message(rows.begin(&[])).contains("no columns"));
    rows.begin(&columns()[..2]).unwrap();
    assert!(message(rows.begin(&columns())).contains("given already"));
    rows.row(&["x".into(), Cell::Missing]).unwrap();
    assert_eq!(
        message(rows.row(&["x".into()])),
        "row 2 cannot be written: expected 2 cells, one for each column, found 1."
    );
    assert_eq!(
        message(rows.row(&["x".into(), Cell::Integer(1)])),
        "row 2 cannot be written: column `t`: expected a time, found a whole number."
    );
    rows.finish().unwrap();
    assert!(message(rows.row(&["x".into(), Cell::Missing])).contains("finished"));
    assert!(message(rows.finish()).contains("finished already"));
    assert_eq!(rows.rows().len(), 1);
}

#[test]
fn what_json_cannot_say_is_refused() {
    let number = [Column::new("p", Kind::Number)];
    let mut rows = JsonRows::new(Vec::new());
    rows.begin(&number).unwrap();
    let message = rows.row(&[Cell::Number(f64::INFINITY)]).unwrap_err();
    assert!(
        message.to_string().contains("row 1")
            && message.to_string().contains("no infinite numbers"),
        "{message}"
    );
    let twice = [number[0].clone(), number[0].clone()];
    let message = JsonRows::new(Vec::new()).begin(&twice).unwrap_err();
    assert!(message.to_string().contains("two columns are named `p`"));
}

#[test]
fn a_full_disk_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut names = vec!["x.csv", "x.jsonl"];
    if cfg!(feature = "parquet") {
        names.push("x.parquet");
    }
    for name in names {
        let mut writer = row_writer(Path::new(name), Full).unwrap();
        let error = collected().replay(writer.as_mut()).unwrap_err();
        assert!(
            matches!(&error, DataError::Unwritable { .. }),
            "{name}: {error}"
        );
    }
}

#[cfg(feature = "parquet")]
mod in_parquet {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use ::parquet::record::RowAccessor as _;
    use bytes::Bytes;

    use super::*;

    #[test]
    fn rows_are_written_with_their_types_and_lists() {
        let mut bytes = Vec::new();
        let mut writer = ParquetRows::new(&mut bytes);
        collected().replay(&mut writer).unwrap();
        drop(writer);
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let rows: Vec<String> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_string())
            .collect();
        assert_eq!(
            rows,
            [
                "{id: \"a \"b\", c\", t: 2016-07-01 00:00:00.000 +00:00, p: 0.30000000000000004, n: -9223372036854775808, many: [0.1, null, -2E0]}",
                "{id: \"é\n\u{2028}\u{1}\", t: null, p: null, n: null, many: null}",
                "{id: \"\", t: 1970-01-01 00:00:00.000 +00:00, p: 1E-300, n: 3, many: []}",
            ]
        );
    }

    #[test]
    fn many_rows_come_in_groups_and_in_order() {
        let mut bytes = Vec::new();
        let mut writer = ParquetRows::new(&mut bytes);
        writer.begin(&[Column::new("n", Kind::Integer)]).unwrap();
        let count = 2 * (1 << 16) + 3;
        for row in 0..count {
            writer.row(&[Cell::Integer(row)]).unwrap();
        }
        writer.finish().unwrap();
        drop(writer);
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        assert_eq!(reader.num_row_groups(), 3);
        let rows = reader.get_row_iter(None).unwrap();
        let read: Vec<i64> = rows.map(|row| row.unwrap().get_long(0).unwrap()).collect();
        assert_eq!(read, (0..count).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_written_can_be_read_as_a_table() {
        let mut bytes = Vec::new();
        let mut writer = ParquetRows::new(&mut bytes);
        writer.begin(&columns()[1..]).unwrap();
        for hour in 0..3 {
            let list = [0.5; 2];
            writer
                .row(&[
                    Cell::Time(hour * 3_600),
                    Cell::Number(1e-300),
                    Cell::Integer(hour),
                    list[..].into(),
                ])
                .unwrap();
        }
        writer.finish().unwrap();
        drop(writer);
        let options = crate::ReadOptions::default();
        let (table, told) = crate::read_bytes("x.parquet".as_ref(), &bytes, &options).unwrap();
        assert_eq!(table.names, ["p", "n"]);
        assert_eq!(table.columns, [[1e-300; 3], [0.0, 1.0, 2.0]]);
        assert_eq!(table.time.unwrap().stamps, [0, 3_600, 7_200]);
        assert!(
            told.iter()
                .any(|a| a.found.contains("many.list.element (lists)")),
            "{told:?}"
        );
    }
}
