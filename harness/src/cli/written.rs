//! A run that was not measured here, written as records.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use bench_record::{LoadedRun, Record};

use super::Failure;
use crate::run::RECORDS;

/// Writes the records of `run` into the directory `out`, all or nothing. What is there already must be the same:
/// such a run is derived from others, and nobody's other file is replaced.
pub(super) fn write(out: &Path, run: &LoadedRun) -> Result<(), Failure> {
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
