//! The weights as the products read them: panels of the columns written, for each phase the taps and their channels in the
//! order of the source.
use super::geometry::Towards;
use super::plan::{Part, Plan};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared};
use crate::pool;
use crate::product::pack::Turn;

/// Columns of W that are turned in one go; with 64 rows they are 64 KiB.
const TURNED: usize = 256;

/// `[group, phase, panel, tap of the phase, channel read, column]`; the last panel is as wide as its columns need, in whole
/// vectors.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    values: &'a [f32],
    read: usize,
    written: usize,
    padded: usize,
    taps: usize,
    panel: usize,
}

/// One panel of columns of a group.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) group: usize,
    /// Its first column within the group, how many there are, and with padding.
    pub(super) first: usize,
    pub(super) columns: usize,
    pub(super) width: usize,
}

impl<'a> Panels<'a> {
    /// Packs W `[small channels, large channels / groups, taps]`.
    pub(super) fn pack<V: Lanes>(
        plan: &Plan,
        weights: &[f32],
        context: Context,
        buffer: &'a mut Buffer,
    ) -> Self {
        let (read, written) = plan.channels();
        let padded = written.next_multiple_of(V::WIDTH);
        let values = buffer.reserve(plan.groups * plan.taps * read * padded);
        let to = Shared::new(values);
        let panels = Panels {
            values: &*values,
            read,
            written,
            padded,
            taps: plan.taps,
            panel: Plan::panel(V::WIDTH),
        };
        let all = panels.all(plan.groups);
        let threads = context.threads_for(size_of_val(weights));
        pool::run(threads, all.len(), &|task| {
            // SAFETY: the context's instruction set is that of V; each task has a panel of its own.
            unsafe {
                V::enter(Pack {
                    plan,
                    weights,
                    panels,
                    panel: all[task],
                    to,
                });
            }
        });
        panels
    }

    /// The panels of all groups.
    pub(super) fn all(&self, groups: usize) -> Vec<Panel> {
        all(groups, self.written, self.panel, self.padded)
    }

    /// Where the row (tap number `at` of a phase, channel 0) of a panel begins; the phase has `of` taps, those before it
    /// `before`.
    fn row(&self, panel: Panel, (before, of, at): (usize, usize, usize)) -> usize {
        let group = panel.group * self.taps * self.padded;
        let phase = before * self.padded + of * panel.first;
        (group + phase + at * panel.width) * self.read
    }

    /// The weights of a part's columns, from a row of its phase on.
    pub(super) fn of(&self, panel: Panel, part: &Part<'_>, row: usize) -> *const f32 {
        let first = self.row(panel, (part.before, part.of, 0)) + row * panel.width;
        debug_assert!(first < self.values.len());
        self.values[first..].as_ptr()
    }
}

/// The panels of all groups, of so many columns each.
pub(super) fn all(groups: usize, columns: usize, panel: usize, padded: usize) -> Vec<Panel> {
    let of_group = |group: usize| {
        (0..columns).step_by(panel).map(move |first| Panel {
            group,
            first,
            columns: panel.min(columns - first),
            width: panel.min(padded - first),
        })
    };
    (0..groups).flat_map(of_group).collect()
}

struct Pack<'a> {
    plan: &'a Plan,
    weights: &'a [f32],
    panels: Panels<'a>,
    panel: Panel,
    to: Shared<f32>,
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            plan,
            panels,
            panel,
            ..
        } = self;
        let Panel { columns, width, .. } = panel;
        let (taps, read) = (plan.taps, panels.read);
        let mut turned = vec![0.0f32; width * TURNED.max(taps)];
        let row = |tap: usize, channel: usize| {
            let place = plan.places[tap];
            panels.row(panel, (place.before, place.of, place.at)) + channel * width
        };
        // (matrix at, its row stride, its columns, the first (channel, tap) among them) for each piece of W.
        let mut turn = |at: usize, stride: usize, count: usize, first: usize| {
            debug_assert!(at + (columns - 1) * stride + count <= self.weights.len());
            // SAFETY: the piece lies within W; its columns are rows of the buffer.
            unsafe {
                V::enter(Turn {
                    rows: columns,
                    columns: count,
                    from: self.weights.as_ptr().add(at),
                    from_stride: stride,
                    to: turned.as_mut_ptr(),
                    to_stride: width,
                });
            }
            for (index, from) in turned.chunks_exact(width).take(count).enumerate() {
                let (channel, tap) = ((first + index) / taps, (first + index) % taps);
                if plan.places[tap].of == 0 {
                    continue;
                }
                // SAFETY: a row of this panel.
                unsafe {
                    let to = self.to.at(row(tap, channel));
                    std::ptr::copy_nonoverlapping(from.as_ptr(), to, width);
                }
            }
        };
        match plan.towards {
            Towards::Small => {
                let length = read * taps;
                let first = panel.group * panels.written + panel.first;
                for start in (0..length).step_by(TURNED) {
                    let count = TURNED.min(length - start);
                    turn(first * length + start, length, count, start);
                }
            }
            Towards::Large => {
                let length = panels.written * taps;
                for channel in 0..read {
                    let at = (panel.group * read + channel) * length + panel.first * taps;
                    turn(at, taps, taps, channel * taps);
                }
            }
        }
    }
}
