//! The options of `train` that say which recurrent cell, and what stands around it.

use clap::Args;
use serde::Serialize;

use super::forecast::{YesNo, as_bool};
use ressac_models::cell::{Activation, Gates, Reset};
use ressac_models::forecast::Start;

/// The flags of recurrent layers that are also keys of `config.toml`.
#[derive(Debug, Args, Serialize)]
pub(crate) struct CellFlags {
    /// Activation of the model rnn: tanh, relu, sigmoid or identity [default: tanh]
    #[arg(long, value_name = "PHI", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) activation: Option<Activation>,
    /// What the gates of the model lstm read: hidden, cell or peephole [default: hidden]
    #[arg(long, value_name = "STATE", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gates: Option<Gates>,
    /// Reset gate of the model gru after or before the product [default: after]
    #[arg(long, value_name = "WHERE", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reset: Option<Reset>,
    /// Share of fed-back units dropped in training, the same ones at every step [default: 0]
    #[arg(long, value_name = "SHARE", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recurrent_dropout: Option<f64>,
    /// Share of state values that stay as they were, in training at random [default: 0]
    #[arg(long, value_name = "SHARE", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zoneout: Option<f64>,
    /// Normalise every gate over its units [default: no]
    #[arg(long, value_name = "yes|no", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_bool")]
    pub(crate) layer_norm: Option<YesNo>,
    /// Add the input of each layer to its output, from the second layer on [default: no]
    #[arg(long, value_name = "yes|no", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_bool")]
    pub(crate) residual: Option<YesNo>,
    /// Where weights start: pytorch, keras, orthogonal or chrono [default: pytorch]
    #[arg(long, value_name = "INIT", help_heading = "Recurrent layers")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) init: Option<Start>,
}
