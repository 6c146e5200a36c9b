//! What a diagnosis needs of a recurrent model: its layers, and what they compute on some data.

use burn::tensor::{Device, Tensor};

use ressac_nn::weights::NamedTensors;
use ressac_train::Learner;

use crate::ModelError;
use crate::cell::CellChoice;
use crate::model::Sources;
use crate::options::{RecurrentConfig, TrainingConfig};

/// What is looked at, and how it was trained.
#[derive(Debug, Clone)]
pub struct Patient {
    /// The kind of model, as in `model` of its options.
    pub model: String,
    /// The cell of the recurrence.
    pub cell: CellChoice,
    /// The options of its layers.
    pub recurrent: RecurrentConfig,
    /// Whether the network has one form: neither its cell nor the start of its weights can be chosen.
    pub fixed: bool,
    /// How it was trained.
    pub training: TrainingConfig,
    /// Which recurrence is looked at, and what it runs over: `the encoder, from the first step of the context to the
    /// last`.
    pub looked_at: &'static str,
    /// What it reads, as a whole: `context`.
    pub reads: &'static str,
    /// The option that says how many steps of the data that is, where a smaller number is allowed.
    pub length: Option<&'static str>,
    /// Steps of the recurrence, at the most.
    pub steps: usize,
    /// Steps of the data in one step of the recurrence: 1, or a segment's.
    pub segment: usize,
    /// Steps of the recurrence that it should reach back.
    pub needed: usize,
    /// Why so many: `a season`, `half of the context`.
    pub needed_why: &'static str,
    /// Earlier values that go past the recurrence to the output, so many steps back.
    pub lags: Vec<usize>,
    /// What the model gives: `forecast`, `prediction`.
    pub gives: &'static str,
    /// What the family has against a gradient or a memory that ends too early, beside the options of all recurrent
    /// layers; what helps most comes first.
    pub against_forgetting: Vec<Cure>,
    /// What it has against gates that stand at their ends.
    pub against_saturation: Vec<Cure>,
}

/// An option to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    /// What it gives, as a noun: `fewer and longer steps`.
    pub what: &'static str,
    /// The option's key.
    pub key: &'static str,
    /// The value to try.
    pub value: String,
}

impl Cure {
    /// `key` set to `value`, which gives `what`.
    pub fn new(what: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        Self {
            what,
            key,
            value: value.into(),
        }
    }
}

/// A model whose recurrence can be looked into.
pub trait Recurrence {
    /// What is looked at.
    fn patient(&self) -> Patient;

    /// Reads `sources` and chooses at most `items` of them, spread evenly: of the data trained on, of its validation part.
    /// The derivatives are taken on `device`.
    ///
    /// # Errors
    /// When the data cannot be read, or holds fewer than two items.
    fn subject(
        &self,
        sources: &Sources,
        items: usize,
        device: &Device,
    ) -> Result<Box<dyn Subject + '_>, ModelError>;
}

/// One run of the recurrence.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// What it reads: `[steps · features]`, of as many steps as the item has, one at the least.
    pub input: Vec<f64>,
    /// The gradient of the item's loss to its last states: of each layer its states one after the other.
    pub gradient: Vec<f64>,
}

/// What of the past is taken from another item; an item that is no longer than that, or whose partner is not, stays as it
/// is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// What the recurrence reads at this many steps back from its last.
    Recurrent(usize),
    /// What the whole network reads there.
    Whole(usize),
}

/// Some items of data before a model's network.
pub trait Subject {
    /// How many items.
    fn items(&self) -> usize;

    /// What an item is called, in the plural.
    fn unit(&self) -> &'static str;

    /// Where they are from: `validation part of load.csv`.
    fn named(&self) -> String;

    /// The network's parameters by name, and how the names of those of the recurrence begin, up to the number of the
    /// layer.
    fn layers(&self) -> (NamedTensors, &'static str);

    /// The runs of the recurrence over an item: one, or one for each column, for every item as many.
    ///
    /// # Errors
    /// When the network refuses.
    fn sequences(&self, item: usize) -> Result<Vec<Sequence>, ModelError>;

    /// The outputs of the network for every item, `[items · outputs]`; with a part of what item i reads taken from item
    /// `partners[i]`.
    ///
    /// # Errors
    /// When the network refuses.
    fn outputs(&self, exchange: Option<(&[usize], Exchange)>) -> Result<Vec<f32>, ModelError>;

    /// A fresh learner of the same configuration on the training part; nothing where these are not the data trained on.
    ///
    /// # Errors
    /// When the data cannot be learnt from.
    fn learner(&self) -> Result<Option<Box<dyn Learner>>, ModelError>;
}

/// The values of a tensor, row-major.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}
