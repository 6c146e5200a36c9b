//! The command as its users meet it: the real binary, its exit codes, and what it writes.

mod bad_input;
#[cfg(unix)]
mod full_disk;
mod harness;
mod limits;
mod panels;
mod refusals;
mod road;
mod slices;
