//! A learner for a family with one network: the family says the loss of some items, everything else stands here.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::embedding::Reading;
use ressac_nn::image::Running;
use ressac_nn::random::Stream;

use crate::learner::Figures;
use crate::{
    Learner, Place, Single, SingleConfig, Size, StepContext, StepReport, TrainError, Validation,
    number, one_network, order,
};

/// Items validated in one pass.
pub const VALIDATED_AT_ONCE: usize = 256;

/// Which part of the data items are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// What is learnt from.
    Training,
    /// What decides which weights are kept.
    Validation,
}

/// Some items, and how their loss is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// The part they are of.
    pub set: Set,
    /// Their places in it.
    pub places: &'a [usize],
    /// What is dropped in training; nothing in a validation.
    pub draw: Option<&'a Stream>,
    /// The device of the network: it records gradients in training.
    pub device: &'a Device,
}

/// The loss of some items.
#[derive(Debug)]
pub struct ItemsLoss {
    /// Their mean loss.
    pub loss: Tensor<1>,
    /// How much it counts in the mean over a validation part: how many items, words, pixels.
    pub weight: usize,
    /// Further figures, each a mean that counts as much.
    pub figures: Figures,
    /// The rows of tables that were read for it in training ([`ressac_nn::Embedding::read`]): they alone are moved.
    pub read: Vec<Reading>,
    /// The running averages of normalisations after this step.
    pub running: Vec<Running>,
}

/// What a family with one network says of its items.
pub trait Objective {
    /// The network.
    type Network: Module;

    /// How large the training is.
    fn size(&self) -> Size;

    /// The length of each item, where those of about one length are to share a batch so that little is padding.
    fn lengths(&self, _set: Set) -> Option<&[usize]> {
        None
    }

    /// The loss of some items.
    ///
    /// # Errors
    /// When the network refuses its input.
    fn loss(&self, network: &Self::Network, items: Items<'_>) -> Result<ItemsLoss, TrainError>;

    /// The part of the network that is the first to give a value that is not finite, where the loss of these items is
    /// none.
    ///
    /// # Errors
    /// When the network refuses its input.
    fn overflow(&self, _: &Self::Network, _: Items<'_>) -> Result<Place, TrainError> {
        Ok(Place::Output("the network"))
    }
}

/// A family with one network in training.
#[derive(Debug)]
pub struct ObjectiveLearner<O: Objective> {
    single: Single<O::Network>,
    objective: O,
    /// The device gradients are recorded on.
    device: Device,
}

impl<O: Objective> ObjectiveLearner<O> {
    /// A learner before its first step; `network` records gradients on `device`.
    pub fn new(objective: O, network: O::Network, config: &SingleConfig, device: Device) -> Self {
        Self {
            single: Single::new(network, config),
            objective,
            device,
        }
    }
}

impl<O: Objective> Learner for ObjectiveLearner<O> {
    fn size(&self) -> Size {
        self.objective.size()
    }

    fn epoch(&self, batch: usize, draw: &Stream) -> Vec<Vec<usize>> {
        match self.objective.lengths(Set::Training) {
            Some(lengths) => order::by_length(lengths, batch, draw),
            None => order::shuffled(self.size().training, batch, draw),
        }
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let stream = context.stream.child("dropout");
        let items = Items {
            set: Set::Training,
            places: batch,
            draw: Some(&stream),
            device: &self.device,
        };
        let objective = &self.objective;
        let found = objective.loss(self.single.network(), items)?;
        let mut report = self.single.step_reading(
            context,
            found.loss,
            (found.read, found.running),
            |network| objective.overflow(network, items),
        )?;
        report.figures = found.figures;
        Ok(report)
    }

    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        let count = self.size().validation;
        if count == 0 {
            return Ok(None);
        }
        let network = self.single.validated()?;
        let device = self.device.clone().inner();
        let batches = match self.objective.lengths(Set::Validation) {
            Some(lengths) => order::sorted(lengths, VALIDATED_AT_ONCE),
            None => order::in_order(count, VALIDATED_AT_ONCE),
        };
        let (mut sum, mut weight) = (0.0, 0);
        let mut figures = Figures::new();
        for places in batches {
            let items = Items {
                set: Set::Validation,
                places: &places,
                draw: None,
                device: &device,
            };
            let found = self.objective.loss(&network, items)?;
            let counts = found.weight as f64;
            sum += number(found.loss) * counts;
            weight += found.weight;
            for (name, value) in found.figures {
                match figures.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += value * counts,
                    None => figures.push((name, value * counts)),
                }
            }
        }
        let all = weight as f64;
        figures.iter_mut().for_each(|(_, sum)| *sum /= all);
        Ok(Some(Validation {
            loss: sum / all,
            figures,
            ..Validation::default()
        }))
    }

    one_network!(single);
}
