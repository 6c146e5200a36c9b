//! The model under diagnosis, opened, and the gradient of its real loss at the encoder's last state.

use burn::tensor::{Device, Tensor};

use ressac_data::split::Split;
use ressac_models::ModelError;
use ressac_models::cell::UseCell;
use ressac_models::folder::ModelFolder;
use ressac_models::forecast::{
    ForecastConfig, ForecastNetwork, ForecastPipeline, Forecaster, ScaledPanel, Window,
};
use ressac_nn::random::Stream;
use ressac_nn::{Cell, State, weights};

use super::Patient;
use super::formula::AnyCell;
use super::unrolled::{Around, Unrolled};
use crate::TrainError;
use crate::forecast::LossFunction;

/// A model, opened for its derivatives.
pub(super) struct Opened {
    pub(super) config: ForecastConfig,
    pub(super) pipeline: ForecastPipeline,
    pub(super) network: ForecastNetwork,
    pub(super) stack: Unrolled,
}

/// Opens the model in `folder`, its network on `device`, which records gradients.
pub(super) fn open(folder: &ModelFolder, device: &Device) -> Result<Opened, TrainError> {
    // Everything in the folder is checked there.
    let model = Forecaster::open(folder, device)?;
    let (config, pipeline) = (model.config().clone(), model.pipeline().clone());
    let tensors = folder.weights()?;
    let stream = Stream::new(config.seed, "weights");
    let network = ForecastNetwork::new(&config, pipeline.widths()?, &stream, device)?;
    let network = weights::apply(network, &tensors)?;
    let around = Around {
        zoneout: config.zoneout,
        residual: config.residual,
    };
    let layers = network.encoder_layers();
    let stack = Unrolled::from_named(config.cell().give(Unroll), around, &tensors, layers)
        .map_err(ModelError::Mismatch)?;
    Ok(Opened {
        config,
        pipeline,
        network,
        stack,
    })
}

/// Forgets the type of the cell that is unrolled.
struct Unroll;

impl UseCell for Unroll {
    type Output = AnyCell;
    fn with<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        self,
        cell: C,
    ) -> AnyCell
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        AnyCell::new(cell)
    }
}

/// At most `count` windows, spread evenly over those that lie in the rows.
pub(super) fn chosen(
    patient: &Patient<'_>,
    scaled: &ScaledPanel,
    config: &ForecastConfig,
    count: usize,
) -> Result<Vec<Window>, TrainError> {
    let parts: Vec<Split> = patient
        .rows
        .iter()
        .map(|rows| Split {
            train: 0..rows.start,
            valid: rows.clone(),
            test: rows.end..rows.end,
        })
        .collect();
    let all = scaled.windows(&parts, |split| &split.valid, 1);
    if all.len() < 2 {
        let rows: usize = patient.rows.iter().map(ExactSizeIterator::len).sum();
        return Err(TrainError::Model(ModelError::NoWindow(format!(
            "the part looked at has {rows} rows, in which {} windows of {} rows of context and {} to forecast fit, and a diagnosis compares at least 2. Give more rows with `--data`",
            all.len(),
            config.context,
            config.horizon
        ))));
    }
    let count = count.clamp(2, all.len());
    let at = |place: usize| all[place * (all.len() - 1) / (count - 1)];
    Ok((0..count).map(at).collect())
}

/// One run of the recurrence.
pub(super) struct Sequence {
    /// What it reads: `[steps · features]`.
    pub(super) input: Vec<f64>,
    /// The gradient of the window's loss to its last states: `[carried]`.
    pub(super) gradient: Vec<f64>,
}

/// The sequences of a window, one, or for `segment` one for each column.
pub(super) fn at_last_state(
    network: &ForecastNetwork,
    scaled: &ScaledPanel,
    window: Window,
    loss: &LossFunction,
    device: &Device,
) -> Result<Vec<Sequence>, TrainError> {
    let batch = scaled.batch(&[window], device)?;
    let truth = scaled.truth(&[window], device);
    let input = network.encoder_input(batch.clone())?;
    let parts: Vec<Tensor<3>> = network
        .encode(input.clone())?
        .parts()
        .iter()
        .map(|part| part.clone().detach().require_grad())
        .collect();
    let forecast = network.forward_from(batch, State::new(parts.clone()))?;
    let gradients = loss.of(forecast, truth).backward();
    let rows = input.dims()[0];
    let read = host(input);
    let mut found: Vec<Sequence> = read
        .chunks_exact(read.len() / rows)
        .map(|input| Sequence {
            input: input.to_vec(),
            gradient: Vec::new(),
        })
        .collect();
    for part in &parts {
        let [states, _, hidden] = part.dims();
        // A state the head does not read gets no gradient.
        let values = match part.grad(&gradients) {
            Some(gradient) => host(gradient),
            None => vec![0.0; states * rows * hidden],
        };
        for state in values.chunks_exact(rows * hidden) {
            for (row, values) in state.chunks_exact(hidden).enumerate() {
                found[row].gradient.extend_from_slice(values);
            }
        }
    }
    Ok(found)
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}
