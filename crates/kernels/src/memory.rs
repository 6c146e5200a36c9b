//! Aligned buffers that are kept and reused: a fresh allocation on each call costs more than the call
//! on small shapes (page faults on every page).
use std::sync::Mutex;

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A run of floats, aligned to a cache line, that only grows. While it is long enough it keeps what was written to it;
/// growing discards that and leaves zeros.
#[derive(Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
}

impl Buffer {
    /// Makes room for `length` floats and gives access to them. Their values are whatever the last user left, or
    /// zeros: for buffers that are written before they are read.
    pub(crate) fn reserve(&mut self, length: usize) -> &mut [f32] {
        let lines = length.div_ceil(16);
        if self.lines.len() < lines {
            // Dropped first, so that the old and the new are never held together.
            self.lines = Vec::new();
            self.lines = vec![Line([0.0; 16]); lines];
        }
        let start = self.lines.as_mut_ptr().cast::<f32>();
        // SAFETY: `Line` is sixteen floats without padding, all initialised, and `length` fits them.
        unsafe { std::slice::from_raw_parts_mut(start, length) }
    }

    /// The floats reserved before, as they were written.
    pub(crate) fn get(&self, length: usize) -> &[f32] {
        self.assert_reserved(length);
        // SAFETY: as in `reserve`.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast::<f32>(), length) }
    }

    /// As [`Buffer::get`], to be written over.
    pub(crate) fn get_mut(&mut self, length: usize) -> &mut [f32] {
        self.assert_reserved(length);
        // SAFETY: as in `reserve`.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast::<f32>(), length) }
    }

    fn assert_reserved(&self, length: usize) {
        assert!(length <= self.lines.len() * 16, "buffer not reserved");
    }
}

/// A place where values that own buffers wait to be used again.
pub(crate) struct Shelf<T> {
    kept: Mutex<Vec<T>>,
    most: usize,
}

impl<T: Default> Shelf<T> {
    /// A shelf that keeps at most `most` values.
    pub(crate) const fn new(most: usize) -> Self {
        Self {
            kept: Mutex::new(Vec::new()),
            most,
        }
    }

    /// The value put back last (its pages are the likeliest to be in cache), or a new one.
    pub(crate) fn take(&self) -> T {
        self.lock().pop().unwrap_or_default()
    }

    /// Keeps a value for the next call.
    pub(crate) fn put(&self, value: T) {
        let mut kept = self.lock();
        if kept.len() < self.most {
            kept.push(value);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<T>> {
        // A panic while the lock is held leaves a valid list behind.
        self.kept
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

/// A pointer that tasks on several threads may hold. Who writes where is the business of the code that
/// makes one: each use says why its writes do not meet.
#[derive(Clone, Copy)]
pub(crate) struct Shared<T>(*mut T);

// SAFETY: a bare address; every dereference is in an unsafe block with its own reason.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) fn new(slice: &mut [T]) -> Self {
        Self(slice.as_mut_ptr())
    }
    pub(crate) fn null() -> Self {
        Self(std::ptr::null_mut())
    }
    pub(crate) fn is_null(&self) -> bool {
        self.0.is_null()
    }
    /// The element `offset` places on.
    ///
    /// # Safety
    /// The place lies within the slice the pointer was made from.
    #[inline(always)]
    pub(crate) unsafe fn at(self, offset: usize) -> *mut T {
        // SAFETY: by contract.
        unsafe { self.0.add(offset) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_aligned_keeps_its_values_while_it_is_long_enough_and_has_zeros_once_grown() {
        let mut buffer = Buffer::default();
        let values = buffer.reserve(17);
        assert_eq!(values.as_ptr().align_offset(64), 0);
        values.fill(3.0);
        assert_eq!(buffer.get(17), [3.0; 17]);
        buffer.get_mut(2).fill(4.0);
        assert_eq!(buffer.reserve(3), [4.0, 4.0, 3.0]);
        assert_eq!(buffer.reserve(33), [0.0; 33]);
    }

    #[test]
    #[should_panic = "buffer not reserved"]
    fn what_was_not_reserved_cannot_be_read() {
        Buffer::default().get_mut(1);
    }
}
