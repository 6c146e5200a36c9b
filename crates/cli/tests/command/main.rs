//! The command as its users meet it: the real binary, its exit codes, and what it writes.

mod autoencoders;
mod bad_input;
mod cells;
mod diagnose;
mod docs;
mod drawings;
mod export;
#[cfg(unix)]
mod full_disk;
mod gan;
mod harness;
mod import;
mod limits;
mod options;
mod panels;
mod refusals;
mod remarks;
mod road;
mod several;
mod slices;
mod sounds;
mod texts;
mod truncation;
