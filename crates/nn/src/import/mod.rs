//! Weights of recurrent networks from PyTorch and Keras, and back to PyTorch.
//!
//! ```no_run
//! use ressac_nn::import::{ImportOptions, WeightFile, import};
//! let file = WeightFile::read(std::fs::read("model.pt")?)?;
//! let network = import(&file, &ImportOptions::default())?;
//! println!("{}", network.found.sizes());
//! let layer = network.recurrent(&burn::tensor::Device::default())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is read
//!
//! | file | how it is made |
//! |---|---|
//! | PyTorch archive, `.pt`, `.pth` | `torch.save(model.state_dict(), "model.pt")`, PyTorch 1.6 or later; also a checkpoint with the dictionary under `state_dict`, `model_state_dict` or `model`, and parameters instead of tensors. Nothing in the file is run: a pickle that names anything else is refused |
//! | safetensors | `safetensors.torch.save_file(model.state_dict(), "model.safetensors")`; of a Keras model `{v.path: v.numpy() for v in model.weights}`; and Ressac's own |
//! | Keras weights, `.weights.h5` | `model.save_weights("model.weights.h5")`, Keras 3; also the older `.h5` of Keras 2 and 3 |
//! | Keras archive, `.keras` | `model.save("model.keras")`; here the activations and directions are read too, and held against ours |
//!
//! The form is told by the content, not by the name of the file. Values may be f32, f16, bf16 (widened
//! without loss) or f64 (rounded).
//!
//! # Conventions
//!
//! Ours, for `H` units, `I` features of the input and `O` of the output (the projection's, else `H`), for
//! each layer and direction: `input_weights [columns · H, I]`, `recurrent_weights [columns · H, O]`,
//! `bias`, and with a projection `projection_weights [O, H]`.
//!
//! | | ours | PyTorch | Keras |
//! |---|---|---|---|
//! | weights | `[columns · H, features]` | the same | `[features, columns · H]`: transposed |
//! | rnn | one column | the same | the same |
//! | lstm | i, f, g, o | the same | i, f, c, o: the same, c is g |
//! | gru, reset after the product | r, z, n | the same | z, r, h: put in our order |
//! | gru-before, reset before it | r, z, n | has none | z, r, h, `reset_after=False` |
//! | bias of rnn, lstm, gru-before | `[columns · H]` | two, which act only as their sum: added | one |
//! | bias of gru | `[4H]`: r, z, n, u | `b_ih`, `b_hh`: r and z added, n is `b_ih`'s, u is `b_hh`'s, inside the reset | `[2, 3H]`, the first row as `b_ih`, the second as `b_hh` |
//! | without bias | zeros | none | none |
//! | projection (LSTMP) | `[O, H]` | `weight_hr`, the same | has none |
//! | both directions | forward, then reverse, in each layer; outputs side by side | the same | `Bidirectional`, `merge_mode="concat"` |
//!
//! What a file does not say is an assumption that [`ImportedNetwork::assumptions`] tells: the activation
//! of a plain recurrent layer (tanh, or as [`ImportOptions::activation`] says), of Keras' weights also the
//! activations of the gates, the direction and the merging, and of a GRU without bias where the reset is.
mod choice;
mod convert;
mod error;
mod file;
mod hdf5;
mod imported;
mod keras;
mod names;
mod network;
mod numbers;
mod parts;
mod pickle;
mod place;
mod safetensors;
mod to_torch;
mod torch;
mod zip;

pub use choice::networks_in;
pub use error::ImportError;
pub use file::{Format, WeightFile};
pub use imported::{Activation, ImportOptions, ImportedNetwork, Reset, import};
pub use network::{CellKind, Convention, FoundNetwork};
pub use place::{networks_of, put_into};
pub use to_torch::to_torch;
