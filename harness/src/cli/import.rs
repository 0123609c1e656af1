//! `bench import`: results of other tools as runs that can be shown, never judged.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::files::RECORDS;
use bench_record::{JournalWriter, Record};
use chrono::Utc;

use super::{Failure, Outcome, documents};
use crate::exit;
use crate::formats::extract::ExtractError;
use crate::formats::import::{self, ImportFormat, ImportOrigin, ImportedSeries};
use crate::run::run_id;
use crate::scenario::file_safe;
use crate::system::fs::state::Draft;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Results: hyperfine's JSON, criterion's sample.json, gradle-profiler's long CSV, or a test report in XML
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// hyperfine, criterion, gradle-profiler or junit [default: what the content says]
    #[arg(long)]
    format: Option<ImportFormat>,
    /// Directory to make [default: .bench/runs/RUN-ID]; with several results it gets one run directory per result
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Scenario that the runs belong to [default: what the tool calls each result]
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    if let Some(out) = &args.out
        && std::fs::symlink_metadata(out).is_ok()
    {
        return Err(Failure::usage(anyhow::anyhow!(
            "`{}` exists already (hint: give a directory that is not there yet)",
            out.display()
        )));
    }
    let (mut series, origin) = read(args)?;
    if let Some(name) = &args.scenario {
        for one in &mut series {
            let original = std::mem::replace(&mut one.name, name.clone());
            one.params.insert(origin.format.series().to_owned(), original);
        }
    }
    let id = run_id(&series[0].name);
    let out = args.out.clone().unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
    let dirs = directories(&series, origin.format);
    let draft = Draft::new(&out)
        .with_context(|| format!("cannot make a directory next to `{}`", out.display()))?;
    for (one, dir) in series.iter().zip(&dirs) {
        let id = if series.len() == 1 { id.clone() } else { run_id(&one.name) };
        write(&draft.path().join(dir), &import::records(one, id, &origin))?;
    }
    draft.publish(&out).with_context(|| format!("cannot make `{}`", out.display()))?;
    for (index, dir) in dirs.iter().enumerate() {
        if index > 0 {
            super::print("\n")?;
        }
        let run = out.join(dir);
        documents::print_summary(&run)?;
        anstream::eprintln!("records: {}", run.join(RECORDS).display());
    }
    Ok(exit::OK)
}

/// Every series of every file, and where they come from.
fn read(args: &Args) -> Result<(Vec<ImportedSeries>, ImportOrigin), Failure> {
    let mut all: Vec<ImportedSeries> = Vec::new();
    let mut format = args.format;
    let mut files = Vec::new();
    let mut digest = blake3::Hasher::new();
    for path in &args.files {
        let file = path.display().to_string();
        let mut input = File::open(path)
            .map_err(|source| Failure::usage(ExtractError::Read { file: file.clone(), source }))?;
        let text = import::text(&mut input, &file).map_err(Failure::usage)?;
        let guess = ImportFormat::guess(&text);
        let this = args.format.or(guess).ok_or_else(|| {
            Failure::usage(anyhow::anyhow!(
                "report `{file}`: its content is not of a known format, expected hyperfine's JSON, criterion's \
                 `sample.json`, gradle-profiler's long CSV or JUnit XML (hint: `--format` says which)"
            ))
        })?;
        if let Some(other) = format.filter(|other| *other != this) {
            return Err(Failure::usage(anyhow::anyhow!(
                "`{file}` is of the format {this}, the files before it are of {other} \
                 (hint: one `bench import` per format)"
            )));
        }
        format = Some(this);
        let results = import::read(this, &text, &called(path), &file).map_err(Failure::usage)?;
        for note in &results.notes {
            anstream::eprintln!("note: `{file}`: {}", bench_reports::document::text::visible(note));
        }
        digest.update(text.as_bytes());
        files.push(file);
        match (this, all.first_mut()) {
            // Each report is one more sample of the same tests.
            (ImportFormat::Junit, Some(first)) => {
                first.samples.extend(results.series.into_iter().flat_map(|one| one.samples));
            }
            _ => all.extend(results.series),
        }
    }
    let format = format.context("no file")?;
    let digest = digest.finalize().to_hex().to_string();
    Ok((all, ImportOrigin { format, files, digest, at: Utc::now() }))
}

/// What a file is about, where it does not say so: criterion keeps a benchmark in `BENCHMARK/new/sample.json`.
fn called(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned())
    };
    let parent = path.parent();
    if name(Some(&path)).as_deref() == Some("sample.json")
        && matches!(name(parent).as_deref(), Some("new" | "base"))
        && let Some(benchmark) = name(parent.and_then(Path::parent))
    {
        return benchmark;
    }
    path.file_stem()
        .map_or_else(|| "imported".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// The directory of each series inside the output; a single one has it for itself.
fn directories(series: &[ImportedSeries], format: ImportFormat) -> Vec<PathBuf> {
    if series.len() == 1 {
        return vec![PathBuf::new()];
    }
    let mut names: Vec<String> = Vec::new();
    for one in series {
        let original = one.params.get(format.series()).unwrap_or(&one.name);
        let name = file_safe(original);
        let mut unique = name.clone();
        let mut number = 2;
        while names.contains(&unique) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        names.push(unique);
    }
    names.into_iter().map(PathBuf::from).collect()
}

/// Writes a run directory: the records, and the summary that is derived from them.
fn write(dir: &Path, records: &[Record]) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    JournalWriter::create(&dir.join(RECORDS), records)?;
    documents::write_derived(dir)
}
