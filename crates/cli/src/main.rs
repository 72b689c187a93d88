//! The `restudy` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = anstream::stdout();
    let mut err = anstream::stderr();
    ExitCode::from(restudy::run(std::env::args_os(), &mut out, &mut err))
}
