//! The command `ressac`: reads the command line, runs one verb, and turns its result into an exit
//! code. Each verb is one file under `verbs`; only this package prints and exits.

mod args;
mod bar;
mod failure;
mod marks;
mod opened;
mod output;
mod table;
mod terminal_plot;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;
use output::Output;

fn main() -> ExitCode {
    ressac_kernels::allocator::keep_freed_memory();
    env_logger::Builder::from_env(env_logger::Env::new().filter_or("RUST_LOG", "warn")).init();
    // Wrong usage ends here, with clap's message and exit code 2.
    let cli = Cli::parse();
    let output = Output::new(&cli.globals);
    match run(cli).and_then(|()| output::lost().map_or(Ok(()), Err)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            if !failure.has_reported() {
                output.json(&serde_json::json!({ "error": failure.to_string() }));
            }
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let output = Output::new(&cli.globals);
    // Before anything computes: a wrong RESSAC_ISA or --device is wrong usage.
    let device = verbs::set_up(&cli.globals)?;
    match &cli.command {
        None => {
            output.result(verbs::WELCOME);
            Ok(())
        }
        Some(Command::Demo(args)) => verbs::demo::run(args, &cli.globals, &device, &output),
        Some(Command::Train(args)) => verbs::train::run(args, &cli.globals, &device, &output),
        Some(Command::Check(args)) => verbs::check::run(args, &output),
        Some(Command::Evaluate(args)) => verbs::evaluate::run(args, &device, &output),
        Some(Command::Predict(args)) => verbs::predict::run(args, &device, &output),
        Some(Command::Sample(args)) => verbs::sample::run(args, &cli.globals, &device, &output),
        Some(Command::Verify(args)) => verbs::verify::run(args, &output),
        Some(Command::Diagnose(args)) => verbs::diagnose::run(args, &device, &output),
        Some(Command::Show(args)) => verbs::show::run(args, &device, &output),
        Some(Command::Export(args)) => verbs::export::run(args, &device, &output),
        Some(Command::Import(args)) => verbs::import::run(args, &device, &output),
        Some(Command::Draw(args)) => verbs::draw::run(args, &device, &output),
        Some(Command::Data(args)) => verbs::data::run(args, &cli.globals, &output),
        Some(Command::Doctor) => verbs::doctor::run(&cli.globals, &device, &output),
    }
}
