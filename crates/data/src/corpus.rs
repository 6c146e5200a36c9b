//! A running text, or many texts one after the other: what a language model reads.
//!
//! Lines keep every character, so that [`Corpus::text`] is the text of the file. It is cut in order, never shuffled:
//! [`Corpus::cut`].

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{DataError, Place, shown};
use crate::examples::{is_text_name, text_column};
use crate::pairs::tell;
use crate::read::{Assumption, Sheets, is_plain, open_prose, read_lines};
use crate::table::ColumnRef;

/// Lines of plain text files, or one text for each row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// The lines without their ends, empty ones among them; a text of a table may have line breaks in it.
    pub lines: Vec<String>,
    /// Whether a line break follows the last line.
    pub ends: bool,
    /// Where each line comes from: which of the files, and where in it.
    pub places: Vec<(usize, Place)>,
    /// The files, which the places count.
    pub files: Vec<PathBuf>,
    /// The column of a table, for a later reading of another one.
    pub column: Option<String>,
}

/// What the user says about the files; everything else is inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorpusOptions {
    /// The column of the texts of a table; `None` = found by its name, or the one with the longest texts.
    pub column: Option<ColumnRef>,
    /// Whether the first row of a table names the columns; `None` = only if a cell is a usual name.
    pub header: Option<bool>,
}

/// Reads plain text files by lines, or a column of tables: CSV, TSV, JSON lines, Parquet in builds with the feature
/// `parquet`. A file is a table if its ending says so, or if a column is asked for; gzip is undone. Files are put
/// together in the order given, and each begins a line. Each name stands for its file in messages.
///
/// # Errors
/// Those of [`read_lines`] for plain text, of a damaged file or a missing column for tables; tables beside plain text; texts
/// without a single character that is no space.
pub fn read_corpus(
    files: &[(&Path, &[u8])],
    options: &CorpusOptions,
) -> Result<(Corpus, Vec<Assumption>), DataError> {
    let Some((first, _)) = files.first() else {
        return Err(DataError::NoFile);
    };
    let mut plain = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        plain.push(options.column.is_none() && is_plain(name, bytes)?);
    }
    let (corpus, told) = if plain.iter().all(|plain| *plain) {
        of_lines(files)?
    } else if let Some(at) = plain.iter().position(|plain| *plain) {
        return Err(DataError::Unfit {
            file: files[at].0.to_owned(),
            problem: "it is plain text, and other files are tables".to_owned(),
            advice: "Give files of one kind.",
        });
    } else {
        of_tables(files, options)?
    };
    if corpus.lines.iter().all(|line| line.trim().is_empty()) {
        return Err(DataError::Unfit {
            file: first.to_path_buf(),
            problem: "expected a text, found empty lines and nothing else".to_owned(),
            advice: "Give a file with text in it.",
        });
    }
    Ok((corpus, told))
}

fn of_lines(files: &[(&Path, &[u8])]) -> Result<(Corpus, Vec<Assumption>), DataError> {
    let (mut corpus, mut told) = (Corpus::default(), Vec::new());
    for (name, bytes) in files {
        let (read, of_file) = read_lines(name, bytes)?;
        tell(&mut told, of_file);
        let file = corpus.files.len();
        let places = (1..=read.lines.len()).map(|line| (file, Place::Line(line)));
        corpus.places.extend(places);
        corpus.lines.extend(read.lines);
        corpus.ends = read.ends;
        corpus.files.push(name.to_path_buf());
    }
    Ok((corpus, told))
}

fn of_tables(
    files: &[(&Path, &[u8])],
    options: &CorpusOptions,
) -> Result<(Corpus, Vec<Assumption>), DataError> {
    let mut told = Vec::new();
    let asked = options.column.as_ref().is_some_and(ColumnRef::is_of_header);
    let header = options.header.or(asked.then_some(true));
    let are_names = |cells: &[&str]| cells.iter().any(|cell| is_text_name(cell));
    let sheets = Sheets::open(
        files.iter().map(|(name, bytes)| Ok((*name, *bytes))),
        |name, bytes, told| open_prose(name, bytes, header, &are_names, told),
        &mut told,
    )?;
    for sheet in sheets.all() {
        sheet.require_even()?;
    }
    let column = text_column(&sheets, options.column.as_ref())?;
    if options.column.is_none() {
        told.push(Assumption::new(
            "text column",
            shown(&sheets.names()[column]),
        ));
    }
    let mut corpus = Corpus {
        ends: true,
        files: sheets
            .all()
            .iter()
            .map(|sheet| sheet.file.clone())
            .collect(),
        column: Some(sheets.names()[column].clone()),
        ..Corpus::default()
    };
    for row in 0..sheets.rows() {
        let (sheet, own) = sheets.locate(row);
        corpus.lines.push(sheet.spelled(own, column).into_owned());
        corpus.places.push((sheets.file_of(row), sheet.place(own)));
    }
    Ok((corpus, told))
}

impl Corpus {
    /// How many lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The exact characters: `\n` between the lines, and after the last if the file has it. Where a file of several
    /// does not end with one, one is put there.
    pub fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        if self.ends && !self.lines.is_empty() {
            text.push('\n');
        }
        text
    }

    /// The lines of three parts in their order, of about these shares of the characters: a line belongs where its middle
    /// lies.
    pub fn cut(&self, shares: [f64; 3]) -> [Vec<String>; 3] {
        let length = |line: &String| line.chars().count() + 1;
        let all: usize = self.lines.iter().map(length).sum();
        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        let ends = [shares[0], shares[0] + shares[1]].map(|share| share * all as f64);
        let mut before = 0;
        for line in &self.lines {
            let middle = before as f64 + length(line) as f64 / 2.0;
            let part = ends.iter().filter(|end| middle > **end).count();
            parts[part].push(line.clone());
            before += length(line);
        }
        parts
    }

    /// Where a line stands, in words: `book.txt, line 3`.
    pub fn place(&self, line: usize) -> String {
        let place = self.places.get(line);
        match place.and_then(|(file, place)| Some((self.files.get(*file)?, place))) {
            Some((file, place)) => format!("{}, {place}", file.display()),
            None => format!("line {}", line + 1),
        }
    }

    /// Writes the text as UTF-8.
    ///
    /// # Errors
    /// [`DataError::Unwritable`], for a full disk among others.
    pub fn write(&self, mut out: impl Write) -> Result<(), DataError> {
        let unwritable = |source| DataError::Unwritable { source };
        out.write_all(self.text().as_bytes()).map_err(unwritable)?;
        out.flush().map_err(unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Corpus, String> {
        let files = [(name.as_ref(), text.as_bytes())];
        let read = read_corpus(&files, &CorpusOptions::default());
        read.map(|(corpus, _)| corpus)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_text_of_a_file_is_kept_to_the_character() {
        for text in [
            "First:\n\n  \"Go, on\tnow.\n",
            "a",
            "a\nb",
            "\n\na\n\n",
            " a \n b",
        ] {
            assert_eq!(read("a.txt", text).unwrap().text(), text);
        }
        assert_eq!(read("novel", "a\r\nb").unwrap().text(), "a\nb");
        let files: [(&Path, &[u8]); 2] = [("a".as_ref(), b"a"), ("b".as_ref(), b"b\n")];
        let (both, _) = read_corpus(&files, &CorpusOptions::default()).unwrap();
        assert_eq!(both.text(), "a\nb\n");
        assert_eq!(both.place(1), "b, line 1");
    }

    #[test]
    fn a_column_of_a_table_has_a_text_a_row_with_its_line_breaks() {
        let json = "{\"id\": 1, \"text\": \"one\\ntwo \"}\n\n{\"id\": 2, \"text\": \"three\"}\n";
        let corpus = read("a.jsonl", json).unwrap();
        assert_eq!(corpus.lines, ["one\ntwo ", "three"]);
        assert_eq!(corpus.place(1), "a.jsonl, line 3");
        let csv = read("a.csv", "n,text\n1,\"He said, \"\"no\"\"\"\n2,b\n").unwrap();
        assert_eq!(csv.lines, ["He said, \"no\"", "b"]);
        let tsv = read("a.tsv", "\"Go,\" he said.\t1\nIt is a day.\t2\n").unwrap();
        assert_eq!(tsv.lines, ["\"Go,\" he said.", "It is a day."]);
        let options = CorpusOptions {
            column: Some(ColumnRef::Name("said".to_owned())),
            header: None,
        };
        let files = [("a.csv".as_ref(), &b"said,by\nyes,me\n"[..])];
        assert_eq!(read_corpus(&files, &options).unwrap().0.lines, ["yes"]);
        let wrong = [("a.csv".as_ref(), &b"text,by\nyes,me\n"[..])];
        let wrong = read_corpus(&wrong, &options).unwrap_err().to_string();
        assert!(wrong.contains("there is no column `said`"), "{wrong}");
    }

    #[test]
    fn empty_texts_and_files_of_two_kinds_are_refused() {
        assert!(
            read("a.txt", "\n \n")
                .unwrap_err()
                .contains("empty lines and nothing else")
        );
        assert!(read("a.txt", "").unwrap_err().contains("it is empty"));
        let files: [(&Path, &[u8]); 2] =
            [("a.csv".as_ref(), b"text\na\n"), ("b.txt".as_ref(), b"b\n")];
        let mixed = read_corpus(&files, &CorpusOptions::default()).unwrap_err();
        assert!(
            mixed.to_string().starts_with("b.txt: it is plain text"),
            "{mixed}"
        );
        assert!(matches!(
            read_corpus(&[], &CorpusOptions::default()),
            Err(DataError::NoFile)
        ));
    }

    #[test]
    fn parts_follow_one_another_and_have_their_share_of_the_characters() {
        let lines: Vec<String> = (0..100).map(|place| "x".repeat(place % 7 + 1)).collect();
        let corpus = read("a", &lines.join("\n")).unwrap();
        let parts = corpus.cut([0.8, 0.1, 0.1]);
        assert_eq!(parts.concat(), lines);
        let characters = |part: &[String]| part.iter().map(|line| line.len() + 1).sum::<usize>();
        let all = characters(&lines) as f64;
        for (part, share) in parts.iter().zip([0.8, 0.1, 0.1]) {
            let found = characters(part) as f64 / all;
            assert!((found - share).abs() < 0.02, "{found} {share}");
        }
        assert_eq!(corpus.cut([1.0, 0.0, 0.0])[0].len(), 100);
    }
}
