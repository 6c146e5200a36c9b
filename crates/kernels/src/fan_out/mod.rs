//! One step of a cell from each of many states under several inputs each.
//!
//! A decoder that forecasts all segments of a horizon in parallel takes one step from the same state
//! for every segment. Run as a recurrence, the state would be copied for each segment and multiplied by
//! U as often; and the inputs, which tell the segments apart and not the windows, multiplied by W once
//! for each window. Here both products are the caller's, over what is distinct ([`crate::linear`]), and
//! this operation joins their sums and runs the formula:
//!
//! ```text
//! pre[c] = bias[c] + shared[member, branch, c] + own[group, branch, c] + states[group, member, c]
//! ```
//!
//! Sizes: G groups (windows) of M members (columns of the series), whose rows `[group, member]` have one
//! state each; B branches (segments of the horizon); H hidden units. Row-major `f32`:
//!
//! | | shape | |
//! |---|---|---|
//! | bias | `[columns, H]` | |
//! | shared | `[M, B, columns that read the input, H]` | x·W of the inputs that every group has |
//! | own | `[G, B, columns that read the input, H]` | x·W of the inputs that every member has; may be left out |
//! | sums | `[G, M, columns that read the state, H]` | h·U |
//! | state | `[G, M, H]` | h |
//! | output | `[G, M, B, H]` | |
//!
//! The backward pass computes the formula's inner values again instead of keeping them: that costs some
//! arithmetic on what is in cache, and spares several times the output's memory. Work is cut by units,
//! and every sum over groups, members or branches runs in ascending order, so the bits do not depend on
//! the number of threads.
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::cell::Cell;
use crate::context::{Context, FORMULA};
use crate::error::ShapeError;
use crate::memory::Shared;
use kernel::{Ahead, Back};

/// Sizes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Groups of rows, G.
    pub groups: usize,
    /// Rows of a group, M.
    pub members: usize,
    /// Inputs of each row, B.
    pub branches: usize,
    /// Hidden units, H.
    pub hidden: usize,
}

/// What a call reads.
#[derive(Debug, Clone, Copy)]
pub struct Sums<'a> {
    /// `[columns, H]`.
    pub bias: &'a [f32],
    /// `[M, B, columns that read the input, H]`.
    pub shared: &'a [f32],
    /// `[G, B, columns that read the input, H]`.
    pub own: Option<&'a [f32]>,
    /// `[G, M, columns that read the state, H]`.
    pub sums: &'a [f32],
    /// `[G, M, H]`.
    pub state: &'a [f32],
}

/// Where the gradients go: each is written in full, in the shape of what it is the gradient of.
pub struct Gradients<'a> {
    /// Of the bias.
    pub bias: &'a mut [f32],
    /// Of the shared inputs' sums.
    pub shared: &'a mut [f32],
    /// Of the groups' own inputs' sums; there if those are.
    pub own: Option<&'a mut [f32]>,
    /// Of the states' sums.
    pub sums: &'a mut [f32],
    /// Of the states, as far as the formula passes it on; what flows through U is the caller's.
    pub state: &'a mut [f32],
}

impl Sizes {
    /// Runs the step: `output` is `[G, M, B, H]`, written in full.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn forward<C, const COLUMNS: usize, const KEPT: usize>(
        &self,
        context: &Context,
        cell: &C,
        from: Sums<'_>,
        output: &mut [f32],
    ) -> Result<(), ShapeError>
    where
        C: Cell<COLUMNS, 1, KEPT>,
    {
        self.check::<C, COLUMNS, KEPT>(&from)?;
        let shape = [self.groups, self.members, self.branches];
        self.fits("output", &shape, output.len())?;
        let call = Ahead::<C, COLUMNS, KEPT> {
            cell,
            sizes: *self,
            threads: self.threads(context),
            from,
            output: Shared::new(output),
        };
        // SAFETY: the context's instruction set is available and every buffer fits.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    /// The gradients, from that of the output.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn backward<C, const COLUMNS: usize, const KEPT: usize>(
        &self,
        context: &Context,
        cell: &C,
        from: Sums<'_>,
        output_gradient: &[f32],
        to: Gradients<'_>,
    ) -> Result<(), ShapeError>
    where
        C: Cell<COLUMNS, 1, KEPT>,
    {
        self.check::<C, COLUMNS, KEPT>(&from)?;
        let shape = [self.groups, self.members, self.branches];
        self.fits("output gradient", &shape, output_gradient.len())?;
        for (name, like, found) in [
            ("bias gradient", from.bias.len(), to.bias.len()),
            ("shared gradient", from.shared.len(), to.shared.len()),
            (
                "own gradient",
                from.own.map_or(0, <[f32]>::len),
                to.own.as_ref().map_or(0, |own| own.len()),
            ),
            ("sums gradient", from.sums.len(), to.sums.len()),
            ("state gradient", from.state.len(), to.state.len()),
        ] {
            ShapeError::check(&format!("fan out: {name}"), &[("values", like)], found)?;
        }
        to.shared.fill(0.0);
        let own = to.own.map(|own| {
            own.fill(0.0);
            Shared::new(own)
        });
        let call = Back::<C, COLUMNS, KEPT> {
            cell,
            sizes: *self,
            threads: self.threads(context),
            from,
            output_gradient,
            bias: Shared::new(to.bias),
            shared: Shared::new(to.shared),
            own,
            sums: Shared::new(to.sums),
            state: Shared::new(to.state),
        };
        // SAFETY: as above.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    fn threads(&self, context: &Context) -> usize {
        context.threads_for(self.groups * self.members * self.branches * self.hidden * FORMULA)
    }

    /// Whether a buffer has `rows` (a product) times `hidden` values.
    fn fits(&self, name: &str, rows: &[usize], found: usize) -> Result<(), ShapeError> {
        let mut sizes: Vec<_> = rows.iter().map(|&size| ("rows", size)).collect();
        sizes.push(("hidden", self.hidden));
        ShapeError::check(&format!("fan out: {name}"), &sizes, found)
    }

    fn check<C, const COLUMNS: usize, const KEPT: usize>(
        &self,
        from: &Sums<'_>,
    ) -> Result<(), ShapeError>
    where
        C: Cell<COLUMNS, 1, KEPT>,
    {
        if C::SOURCES.iter().any(|source| source.is_gated()) {
            return Err(ShapeError::new(
                "fan out: cell",
                "one without a gated column",
                C::NAME,
            ));
        }
        let inputs = C::SOURCES.iter().filter(|s| s.reads_input()).count();
        let states = C::SOURCES.iter().filter(|s| s.reads_state()).count();
        let Self {
            groups,
            members,
            branches,
            ..
        } = *self;
        self.fits("bias", &[COLUMNS], from.bias.len())?;
        self.fits("shared", &[members, branches, inputs], from.shared.len())?;
        if let Some(own) = from.own {
            self.fits("own", &[groups, branches, inputs], own.len())?;
        }
        self.fits("sums", &[groups, members, states], from.sums.len())?;
        self.fits("state", &[groups, members], from.state.len())
    }
}
