//! `cargo bench -p bench-reports --bench html`: the time from records to an HTML report.

#[path = "../tests/common/mod.rs"]
mod common;

use bench_reports::report::{Beside, Input, ReportFormat};
use criterion::{Criterion, criterion_group, criterion_main};

fn report(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("html");
    group.sample_size(10);
    for (examples, blocks) in [(83, 20), (1_000, 20)] {
        let run = common::large(examples, blocks);
        let summary = common::summary(&run);
        let beside = Beside { logs: Some("../logs"), ..Beside::default() };
        let input = Input { summary: &summary, run: &run, width: 80, colour: false, beside };
        let render = || ReportFormat::Html.renderer().render(&input).expect("it renders");
        eprintln!("{examples} examples, {blocks} blocks: {} bytes", render().len());
        group.bench_function(format!("render/{examples}x4x{blocks}"), |bencher| {
            bencher.iter(render);
        });
    }
    group.finish();
}

criterion_group!(benches, report);
criterion_main!(benches);
