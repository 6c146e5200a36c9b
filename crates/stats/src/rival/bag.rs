//! Texts as rows of their words and pairs of neighbouring words, for [`super::logistic`].

/// What a feature of a text is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// 1 for what the text has, however often: for short texts as good as counts, or better (Wang,
    /// Manning, 2012).
    Presence,
    /// Count times inverse document frequency, ln((1 + texts) / (1 + texts with it)) + 1, each row
    /// then divided by its Euclidean norm: scikit-learn's `TfidfVectorizer(ngram_range=(1, 2))`.
    TfIdf,
}

/// The words and pairs of a training part, each with its column.
#[derive(Clone, Debug, PartialEq)]
pub struct Bag {
    /// Ascending; the column of a word is its place.
    words: Vec<u32>,
    /// Ascending; their columns follow those of the words.
    pairs: Vec<(u32, u32)>,
    /// Inverse document frequency of each column; nothing where only presence counts.
    rarity: Vec<f32>,
}

impl Bag {
    /// Gives a column to each word and each pair of neighbouring words that at least `at_least`
    /// texts contain (1: all of them). Give it the training part only: what the others have beside
    /// it must stay unknown.
    pub fn fit<T: AsRef<[u32]>>(texts: &[T], at_least: usize, weighting: Weighting) -> Self {
        let mut words: Vec<u32> = Vec::new();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for text in texts {
            let text = text.as_ref();
            words.extend(distinct(text.to_vec()));
            pairs.extend(distinct(neighbours(text).collect()));
        }
        let (words, in_texts) = counted(words, at_least);
        let (pairs, with_pairs) = counted(pairs, at_least);
        let rarity = |texts_with: &usize| rarity(texts.len(), *texts_with) as f32;
        let rarity = match weighting {
            Weighting::Presence => Vec::new(),
            Weighting::TfIdf => in_texts.iter().chain(&with_pairs).map(rarity).collect(),
        };
        Bag {
            words,
            pairs,
            rarity,
        }
    }

    /// Number of columns: words first, then pairs.
    pub fn columns(&self) -> usize {
        self.words.len() + self.pairs.len()
    }

    /// Number of words that have a column.
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Number of pairs that have a column.
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// The features of a text, columns ascending. Words and pairs without a column are left out; a
    /// text of those alone, or of none, is an empty row.
    pub fn row(&self, text: &[u32]) -> Vec<(u32, f32)> {
        let words = text.iter();
        let words = words.filter_map(|word| self.words.binary_search(word).ok());
        let pairs = neighbours(text).filter_map(|pair| {
            let found = self.pairs.binary_search(&pair).ok()?;
            Some(self.words.len() + found)
        });
        let mut columns: Vec<usize> = words.chain(pairs).collect();
        columns.sort_unstable();
        let counts = columns.chunk_by(|a, b| a == b);
        let mut row: Vec<(u32, f32)> = counts
            .map(|same| {
                let worth = self.rarity.get(same[0]);
                let value = worth.map_or(1.0, |rarity| same.len() as f32 * rarity);
                (same[0] as u32, value)
            })
            .collect();
        if !self.rarity.is_empty() {
            let squares: f64 = row.iter().map(|(_, v)| f64::from(*v).powi(2)).sum();
            let norm = squares.sqrt() as f32;
            row.iter_mut().for_each(|(_, value)| *value /= norm);
        }
        row
    }

    /// The features of each text.
    pub fn rows<T: AsRef<[u32]>>(&self, texts: &[T]) -> Vec<Vec<(u32, f32)>> {
        texts.iter().map(|text| self.row(text.as_ref())).collect()
    }
}

fn neighbours(text: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    text.windows(2).map(|pair| (pair[0], pair[1]))
}

/// Inverse document frequency of what so many of the texts have.
pub(super) fn rarity(texts: usize, with: usize) -> f64 {
    ((1 + texts) as f64 / (1 + with) as f64).ln() + 1.0
}

/// Each feature once, ascending.
pub(super) fn distinct<F: Ord>(mut features: Vec<F>) -> Vec<F> {
    features.sort_unstable();
    features.dedup();
    features
}

/// What occurs often enough, ascending, with how often it does.
pub(super) fn counted<F: Ord + Copy>(
    mut features: Vec<F>,
    at_least: usize,
) -> (Vec<F>, Vec<usize>) {
    features.sort_unstable();
    features
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() >= at_least)
        .map(|same| (same[0], same.len()))
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_pairs_of_the_training_part_have_columns_and_others_none() {
        // the 7, cat 3, sat 9: "the cat sat", "the cat the cat"
        let bag = Bag::fit(&[vec![7, 3, 9], vec![7, 3, 7, 3]], 1, Weighting::Presence);
        assert_eq!((bag.words(), bag.pairs(), bag.columns()), (3, 3, 6));
        // Columns: 3, 7, 9, (3, 7), (3, 9), (7, 3).
        assert_eq!(
            bag.row(&[7, 3, 7, 3]),
            [(0, 1.0), (1, 1.0), (3, 1.0), (5, 1.0)]
        );
        assert_eq!(bag.row(&[9, 8, 3]), [(0, 1.0), (2, 1.0)]);
        assert_eq!(bag.row(&[]), []);
        let common = Bag::fit(&[vec![7, 3, 9], vec![7, 3, 7, 3]], 2, Weighting::Presence);
        assert_eq!((common.words(), common.pairs()), (2, 1));
        let none = Bag::fit::<Vec<u32>>(&[], 0, Weighting::TfIdf);
        assert_eq!((none.columns(), none.row(&[1, 2])), (0, vec![]));
    }

    // from sklearn.feature_extraction.text import TfidfVectorizer              # 1.9.1
    // v = TfidfVectorizer(ngram_range=(1, 2)).fit(["aa bb cc", "aa bb aa bb", "cc aa"])
    // v.get_feature_names_out(); v.transform(["aa bb aa cc dd"]).toarray()
    #[test]
    fn weights_by_rarity_are_those_of_scikit_learn() {
        let texts = [vec![0, 1, 2], vec![0, 1, 0, 1], vec![2, 0]];
        let bag = Bag::fit(&texts, 1, Weighting::TfIdf);
        let row = bag.row(&[0, 1, 0, 2, 3]);
        // Columns: aa, bb, cc, (aa, bb), (bb, aa), ...
        let expected = [
            (0, 0.581_210_637_571_318_3),
            (1, 0.374_207_259_159_428),
            (2, 0.374_207_259_159_428),
            (3, 0.374_207_259_159_428),
            (4, 0.492_037_576_157_662_9),
        ];
        assert_eq!(row.len(), expected.len());
        for ((column, value), (place, weight)) in row.iter().zip(expected) {
            assert_eq!(*column, place);
            assert!((f64::from(*value) - weight).abs() < 1e-6, "{row:?}");
        }
    }

    proptest! {
        #[test]
        fn rows_are_ascending_and_within_the_columns(
            texts in prop::collection::vec(prop::collection::vec(0_u32..11, 0..13), 0..17),
            other in prop::collection::vec(0_u32..13, 0..13), at_least in 0_usize..4, rare: bool,
        ) {
            let weighting = if rare { Weighting::TfIdf } else { Weighting::Presence };
            let bag = Bag::fit(&texts, at_least, weighting);
            for row in bag.rows(&texts).iter().chain([&bag.row(&other)]) {
                prop_assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
                prop_assert!(row.iter().all(|(c, v)| (*c as usize) < bag.columns() && *v > 0.0));
                let norm: f32 = row.iter().map(|(_, v)| v * v).sum();
                prop_assert!(!rare || row.is_empty() || (norm - 1.0).abs() < 1e-5);
            }
        }
    }
}
