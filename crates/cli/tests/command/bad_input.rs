//! Files that cannot be learnt from, each refused before any training with what is wrong and where.

use std::fs;

use crate::harness::Place;

#[test]
fn each_file_that_cannot_be_learnt_from_is_refused_with_its_place_and_what_to_do() {
    let place = Place::new();
    let cut_gzip: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2];
    let cases: [(&str, &[u8], &[&str]); 9] = [
        (
            "unordered.csv",
            b"time,load\n2024-01-01,1\n2024-01-03,2\n2024-01-02,3\n",
            &["line 4", "`time`", "before 2024-01-03 of line 3", "Sort"],
        ),
        (
            "twice.csv",
            b"time,load\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n",
            &["line 4", "`time`", "already that of line 3", "--series"],
        ),
        (
            "text.csv",
            b"time,load\n2024-01-01,1\n2024-01-02,two\n2024-01-03,3\n",
            &["line 3", "`load`", "two", "number"],
        ),
        (
            "column.csv",
            b"time,laod\n2024-01-01,1\n2024-01-02,2\n",
            &["`load`", "laod"],
        ),
        ("empty.csv", b"", &["empty", "header"]),
        ("header.csv", b"time,load\n", &["only a header"]),
        (
            "missing.csv",
            b"time,load\n2024-01-01,\n2024-01-02,\n2024-01-03,\n",
            &["load"],
        ),
        ("cut.csv.gz", cut_gzip, &["gzip", "cut short", "again"]),
        ("cut.parquet", b"PAR1abcdefgh", &["Parquet", "cut short"]),
    ];
    for (name, bytes, words) in cases {
        fs::write(place.path(name), bytes).unwrap();
        let line = format!("train forecast --data {name} --target load --horizon 1 --out model");
        let words: Vec<&str> = words.iter().copied().chain([name]).collect();
        place.run(&line).refused(1, &words);
        assert!(!place.path("model").exists(), "{name} left a folder");
        // A check of the same file finds the same.
        let found = place.run(&format!(
            "check forecast --data {name} --target load --horizon 1"
        ));
        assert!(found.code == 3, "{name}: {} {}", found.code, found.err);
    }
}
