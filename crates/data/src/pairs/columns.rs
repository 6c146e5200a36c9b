//! Which column of a table holds the sources, which the targets.

use super::PairOptions;
use crate::error::{DataError, shown};
use crate::read::{Assumption, Sheets};
use crate::table::{ColumnRef, listed};

/// Names that columns of sources have, and beside them those of the targets.
const SIDES: [(&str, &str); 8] = [
    ("source", "target"),
    ("src", "tgt"),
    ("src", "trg"),
    ("input", "output"),
    ("input", "target"),
    ("sentence", "translation"),
    ("text", "translation"),
    ("original", "translation"),
];

/// Languages as columns are called by them: codes of ISO 639-1, without `id`, which means something else.
const CODES: &str = "ar bg br ca cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu it ja ko la lt lv nl no pl pt ro ru sk sl sv tr uk vi zh";
/// Names of languages.
const LANGUAGES: &str = "arabic breton chinese czech dutch english french german greek hungarian italian japanese korean latin polish portuguese romanian russian spanish swedish turkish ukrainian";

/// Further words of such names: `english_sentence`, `text_fr`.
const WORDS: [&str; 6] = [
    "sentence",
    "sentences",
    "text",
    "lang",
    "language",
    "phrase",
];

/// Whether a first row holds names: two of its cells are called as the two columns usually are.
pub(super) fn are_names(cells: &[&str]) -> bool {
    cells.iter().filter(|cell| is_name(cell)).count() > 1
}

fn is_name(cell: &str) -> bool {
    let name = folded(cell);
    let is_side = |name: &str| {
        SIDES
            .iter()
            .any(|(source, target)| name == *source || name == *target)
    };
    let known = |part: &str| is_side(part) || is_language(part) || WORDS.contains(&part);
    is_side(&name) || (!name.is_empty() && name.split('_').all(known))
}

fn is_language(name: &str) -> bool {
    let mut all = CODES.split(' ').chain(LANGUAGES.split(' '));
    all.any(|known| known == name)
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' ', '.'], "_")
}

/// The columns of the sources and of the targets.
pub(super) fn choose(
    sheets: &Sheets,
    options: &PairOptions,
    told: &mut Vec<Assumption>,
) -> Result<(usize, usize), DataError> {
    let (names, file) = (sheets.names(), &sheets.first().file);
    if names.len() < 2 {
        return Err(sheets.unfit(
            "expected two columns, a source and its target, found one",
            "Put a tab between the two texts of a line, or give two files of lines.",
        ));
    }
    let given = |column: &Option<ColumnRef>| match column {
        Some(column) => column.find(names, file).map(Some),
        None => Ok(None),
    };
    let (source, target) = match (given(&options.source)?, given(&options.target)?) {
        (Some(source), Some(target)) if source == target => {
            return Err(DataError::AskedTwice {
                file: file.clone(),
                name: sheets.first().shown(source),
            });
        }
        (Some(source), Some(target)) => return Ok((source, target)),
        (Some(source), None) => (source, other(sheets, source, false)?),
        (None, Some(target)) => (other(sheets, target, true)?, target),
        (None, None) => both(sheets)?,
    };
    if options.source.is_none() {
        told.push(Assumption::new("source column", shown(&names[source])));
    }
    if options.target.is_none() {
        told.push(Assumption::new("target column", shown(&names[target])));
    }
    Ok((source, target))
}

/// Both columns, by their names or because there are no others: then the first has the sources.
fn both(sheets: &Sheets) -> Result<(usize, usize), DataError> {
    let names: Vec<String> = sheets.names().iter().map(|name| folded(name)).collect();
    let at = |wanted: &str| names.iter().position(|name| name == wanted);
    let known = SIDES
        .iter()
        .find_map(|(source, target)| Some((at(source)?, at(target)?)));
    if let Some(found) = known {
        return Ok(found);
    }
    let languages = 0..names.len();
    let of_language =
        |column: &usize| is_name(&names[*column]) && names[*column].split('_').any(is_language);
    let languages: Vec<usize> = languages.filter(of_language).collect();
    match languages[..] {
        [source, target] => Ok((source, target)),
        _ if names.len() == 2 => Ok((0, 1)),
        _ => Err(unclear(sheets)),
    }
}

/// The other column, where one is given.
fn other(sheets: &Sheets, given: usize, wants_source: bool) -> Result<usize, DataError> {
    let mut others = (0..sheets.names().len()).filter(|column| *column != given);
    if let (Some(only), None) = (others.next(), others.next()) {
        return Ok(only);
    }
    let (source, target) = both(sheets)?;
    let found = if wants_source { source } else { target };
    if found == given {
        Err(unclear(sheets))
    } else {
        Ok(found)
    }
}

fn unclear(sheets: &Sheets) -> DataError {
    sheets.unfit(
        format!(
            "which column holds the sources and which the targets is unclear: the columns are {}",
            listed(sheets.names())
        ),
        "Name both, or give their numbers from 1.",
    )
}
