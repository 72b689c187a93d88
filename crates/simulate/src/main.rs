//! The `simulate` program: writes the simulated export and, if asked, the truth for tests.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use restudy_simulate::error::SimulateError;
use restudy_simulate::simulate;
use restudy_simulate::write::write_files;

/// Write a simulated hospital export whose summary equals the published abstract's.
#[derive(Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// Seed of everything random; the next seed is taken when a calibration fails
    #[arg(long, default_value_t = 20_180_101)]
    seed: u64,
    /// Folder for the raw tables
    #[arg(long, default_value = "data/raw")]
    out: PathBuf,
    /// Folder for the truth that cleaning must recover (for tests)
    #[arg(long)]
    truth: Option<PathBuf>,
}

fn run(arguments: &Arguments) -> Result<(), SimulateError> {
    let simulation = simulate(arguments.seed)?;
    write_files(&arguments.out, &simulation.raw)?;
    // apart from the raw tables, which must not show what cleaning should arrive at
    if let Some(folder) = &arguments.truth {
        write_files(folder, &simulation.truth)?;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "the program's one way to say what failed")]
fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error);
            let cause = source.map_or_else(String::new, |source| format!(": {source}"));
            eprintln!("error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}
