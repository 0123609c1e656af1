//! `cargo run -p bench-reports --example reports -- DIR`: HTML reports and traces of runs as the tests make them, for
//! `scripts/browser-test`, `scripts/perfetto-test` and for looking at.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench_record::LoadedRun;
use bench_reports::report::{Beside, Input, ReportFormat};
use common::documents::Documents;

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
    let logs = Some("../logs");
    for (name, run) in &runs {
        write(&directory, name, run, Beside { logs, ..Beside::default() })?;
    }
    // Documents of the other commands, earlier runs and the quota; then the same full of foreign text.
    let foreign = [common::HOSTILE[5], common::MORE[0], common::HOSTILE[6]].concat();
    for (name, run, documents) in [
        ("beside", common::long(), Documents::new()),
        ("hostile-beside", common::hostile(), Documents::with_text(&foreign)),
    ] {
        write(&directory, name, &run, Beside { logs, ..documents.beside() })?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(directory: &Path, name: &str, run: &LoadedRun, beside: Beside<'_>) -> std::io::Result<()> {
    let summary = common::summary(run);
    let input = Input { summary: &summary, run, width: 80, colour: false, beside };
    for (format, extension) in [(ReportFormat::Html, "html"), (ReportFormat::Trace, "json")] {
        let text = format.renderer().render(&input).map_err(std::io::Error::other)?;
        std::fs::write(directory.join(name).with_extension(extension), text)?;
    }
    Ok(())
}
