//! The command as its users meet it: the real binary, its exit codes, and what it writes.

#[cfg(unix)]
mod full_disk;
mod drawings;
mod harness;
mod panels;
mod refusals;
mod road;
