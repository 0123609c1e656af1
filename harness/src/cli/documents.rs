//! Files of a run that are derived: records of a run that was measured elsewhere, the summary, the report.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use bench_record::files::{RECORDS, REPORT_PAGE, SUMMARY};
use bench_record::{Assumptions, LoadedRun, Record};
use bench_reports::report::{Beside, Input, ReportFormat};
use bench_reports::summary::summarise;

use super::attachments::Attachments;
use super::output::{WIDTH, colour, parent, print, width, write_whole};
use super::session::Failure;

/// Writes the records of `run` into the directory `out`, all or nothing. Records that are there already
/// must be the same: nobody's other file is replaced.
pub(super) fn write_run(out: &Path, run: &LoadedRun) -> Result<(), Failure> {
    let mut text = Record::Run(Box::new(run.run.clone())).to_line()?;
    for (sample, examples) in &run.samples {
        for example in examples {
            text.push_str(&Record::Example(example.clone()).to_line()?);
        }
        text.push_str(&Record::Sample(Box::new(sample.clone())).to_line()?);
    }
    if let Some(end) = &run.end {
        text.push_str(&Record::End(end.clone()).to_line()?);
    }
    let path = out.join(RECORDS);
    match std::fs::read(&path) {
        Ok(there) if there == text.as_bytes() => return Ok(()),
        Ok(_) => {
            return Err(Failure::usage(anyhow::anyhow!(
                "`{}` holds other records (hint: choose another `--out`)",
                out.display()
            )));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(anyhow::Error::from(error)
                .context(format!("cannot read `{}`", path.display()))
                .into());
        }
    }
    let written = || -> std::io::Result<()> {
        std::fs::create_dir_all(out)?;
        let mut file = tempfile::NamedTempFile::new_in(out)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&path).map_err(|error| error.error)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}

/// Derives `summary.json` and `report/index.html` from the records of a run.
pub(super) fn write_derived(out: &Path) -> Result<(), Failure> {
    let loaded = bench_record::load::<LoadedRun>(out)?;
    let summary = summarise(&loaded);
    let page = out.join(REPORT_PAGE);
    let directory = parent(&page);
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make `{}`", directory.display()))?;
    let attachments = Attachments::new(out, directory, &[], (&loaded, Assumptions::default()))?;
    let beside = attachments.show();
    let input = Input { summary: &summary, run: &loaded, width: WIDTH, colour: false, beside };
    write_whole(&out.join(SUMMARY), &ReportFormat::Json.renderer().render(&input)?)?;
    write_whole(&page, &ReportFormat::Html.renderer().render(&input)?)
}

/// Prints the report of a run as a person reads it.
pub(super) fn print_summary(out: &Path) -> Result<(), Failure> {
    let loaded = bench_record::load::<LoadedRun>(out)?;
    let summary = summarise(&loaded);
    if !out.join(SUMMARY).exists() {
        write_derived(out)?;
    }
    let input = Input {
        summary: &summary,
        run: &loaded,
        width: width(),
        colour: colour(),
        beside: Beside::default(),
    };
    print(&ReportFormat::Terminal.renderer().render(&input)?)
}
