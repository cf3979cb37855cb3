//! Writes the JavaScript glue and types for a compiled WebAssembly module.
//!
//! Usage: quintet-bindgen INPUT.wasm OUT_DIR. The output loads in Node, browsers and workers alike.

use std::{env, process::ExitCode};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().collect();
    let [_, input, out] = args.as_slice() else {
        eprintln!("usage: quintet-bindgen INPUT.wasm OUT_DIR");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let made = bindgen
        .input_path(input)
        .typescript(true)
        .web(true)
        .and_then(|b| b.generate(out));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
