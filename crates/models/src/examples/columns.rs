//! The columns that a classifier was trained on, as `pipeline.json` has them: other files are read by the same ones.

use serde::{Deserialize, Serialize};

use ressac_data::examples::{Columns, Feature, TimeColumn};

/// The columns of the files trained on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedColumns {
    /// The column of texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The column of the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column that tells sequences apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// The column of the times of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<SavedTime>,
    /// The columns of numbers, and those of categories with these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<SavedFeature>,
}

/// The column of the times of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTime {
    /// Its name.
    pub name: String,
    /// Seconds from a row to the next; absent where rows are not evenly spaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<i64>,
}

/// A column of numbers or of categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFeature {
    /// Its name.
    pub name: String,
    /// The values that are a dimension each; nothing for numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

impl SavedColumns {
    /// What is to be kept of these columns; nothing of files without any.
    pub fn of(columns: &Columns) -> Option<Self> {
        let features = columns.features.iter().map(|feature| SavedFeature {
            name: feature.name.clone(),
            categories: feature.categories.clone(),
        });
        (*columns != Columns::default()).then(|| Self {
            text: columns.text.clone(),
            label: columns.label.clone(),
            sequence: columns.sequence.clone(),
            time: columns.time.as_ref().map(|time| SavedTime {
                name: time.name.clone(),
                every: time.every,
            }),
            features: features.collect(),
        })
    }

    /// The same for a reader.
    pub fn columns(&self) -> Columns {
        let features = self.features.iter().map(|feature| Feature {
            name: feature.name.clone(),
            categories: feature.categories.clone(),
        });
        Columns {
            text: self.text.clone(),
            label: self.label.clone(),
            sequence: self.sequence.clone(),
            time: self.time.as_ref().map(|time| TimeColumn {
                name: time.name.clone(),
                every: time.every,
            }),
            features: features.collect(),
        }
    }
}
