//! Tests of the diagnosis: networks whose gradient, memory and fate are known beforehand.

mod derivatives;
mod patients;
mod subjects;
mod verdicts;
