//! A recurrent cell of one's own, in a package of one's own: `minimal.rs` has it, in under 30 lines.
//!
//! ```text
//! cargo run --release     the error of its gradients, and the speed of a copied LSTM
//! cargo test              its gradients alone
//! ```
//!
//! A cell is a formula over [`ressac_kernels::algebra::Algebra`], once forward and once backward. From
//! it the engine makes the vector code of every instruction set, and `ressac_nn::RecurrentConfig::new`
//! takes it as it takes the built-in ones.
mod copy;
mod minimal;
mod timing;

use minimal::MinimalGated;
use ressac_kernels::recurrent::reference::check_gradients;

/// What a right formula stays below: finite differences in `f64` are not better.
const LARGEST_ERROR: f64 = 1e-8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let error = check_gradients(&MinimalGated);
    println!(
        "minimal gated unit: its gradients are off by {error:.1e} (at most {LARGEST_ERROR:.0e})"
    );
    if error > LARGEST_ERROR {
        return Err("the backward formula is not the derivative of the forward one".into());
    }
    let [built_in, own] = timing::compare()?;
    println!("LSTM, forward and backward: built-in {built_in:.3} ms, copied {own:.3} ms (medians)");
    println!("ratio {:.3}", own / built_in);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradients_of_the_minimal_gated_unit_are_right() {
        let error = check_gradients(&MinimalGated);
        assert!(error < LARGEST_ERROR, "{error:.1e}");
    }

    #[test]
    fn the_gradients_of_the_copied_lstm_are_right() {
        let error = check_gradients(&copy::MyLstm);
        assert!(error < LARGEST_ERROR, "{error:.1e}");
    }
}
