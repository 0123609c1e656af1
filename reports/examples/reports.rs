//! `cargo run -p bench-reports --example reports -- DIR`: HTML reports of runs as the tests make them, for
//! `scripts/browser-test` and for looking at.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use bench_record::LoadedRun;
use bench_reports::render::{Beside, Format, Input};

fn main() -> std::io::Result<ExitCode> {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: reports DIR");
        return Ok(ExitCode::from(2));
    };
    std::fs::create_dir_all(&directory)?;
    let runs: [(&str, LoadedRun); 8] = [
        ("smallest", common::smallest()),
        ("normal", common::normal()),
        ("long", common::long()),
        ("troubled", common::troubled()),
        ("hostile", common::hostile()),
        ("compared", common::compared(&[bench_record::Regime::Cold], &common::steady(10, 1.3))),
        ("large", common::large(83, 20)),
        ("thousand", common::large(1_000, 5)),
    ];
    for (name, run) in runs {
        let summary = common::summary(&run);
        let beside = Beside { logs: Some("../logs"), ..Beside::default() };
        let input = Input { summary: &summary, run: &run, width: 80, colour: false, beside };
        let html = Format::Html.renderer().render(&input).map_err(std::io::Error::other)?;
        std::fs::write(directory.join(name).with_extension("html"), html)?;
    }
    Ok(ExitCode::SUCCESS)
}
