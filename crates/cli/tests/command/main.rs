//! The command as its users meet it: the real binary, its exit codes, and what it writes.

mod harness;
mod refusals;
mod road;
