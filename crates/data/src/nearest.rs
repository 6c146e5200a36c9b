//! The nearest of some names to one that does not exist, so that a typing error can be told.

/// The name of `known` fewest edits away from `word`, if it is near enough to be meant; of several
/// as near, the first.
///
/// Case makes no difference, nor whether words are joined by `-` or `_`. An edit is an insertion, a
/// deletion, a replacement or a swap of neighbours; a third of the letters of the longer name may be
/// wrong, in one to five letters one.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = fold(word);
    let length = word.chars().count();
    known
        .into_iter()
        .filter_map(|name| {
            let folded = fold(name);
            let allowed = (length.max(folded.chars().count()) / 3).max(1);
            let distance = edits(&word, &folded);
            (distance <= allowed).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `Time-Limit` and `time_limit` are the same word to a person.
fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (Damerau 1964, in its restricted form: no letter is edited twice).
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i; to.len() + 1];
        for j in 1..=to.len() {
            let replaced = above[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        let names = ["date", "HUFL", "OT", "temperature"];
        assert_eq!(nearest("tempratures", names), Some("temperature"));
        assert_eq!(nearest("ot", names), Some("OT"));
        assert_eq!(nearest("HUFF", names), Some("HUFL"));
        assert_eq!(nearest("price", names), None);
        let keys = ["hidden", "horizon", "time_limit", "lr"];
        assert_eq!(nearest("hiden", keys), Some("hidden"));
        assert_eq!(nearest("Time-Limit", keys), Some("time_limit"));
        assert_eq!(nearest("Horizons", keys), Some("horizon"));
        assert_eq!(nearest("optimiser", keys), None);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("laod", "load"), 1);
    }
}
