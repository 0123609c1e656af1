//! Where output goes: data to standard output or a file, notes to standard error.

use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::Context as _;
use bench_record::files::RECORDS;

use super::session::Failure;

/// Columns of a report where the terminal does not say.
pub(super) const WIDTH: usize = 80;

/// Writes data to standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a document to `out`, or to standard output.
pub(super) fn deliver(out: Option<&Path>, text: &str) -> Result<(), Failure> {
    match out {
        None => print(text),
        Some(path) => write_whole(path, text),
    }
}

/// Says on standard error what a document leaves out.
pub(super) fn print_notes(notes: &[String]) {
    for note in notes {
        anstream::eprintln!("note: {}", bench_reports::document::text::visible(note));
    }
}

/// Refuses to write over the records that are read: they cannot be derived again.
pub(super) fn spare_records(run: &Path, out: Option<&Path>) -> Result<(), Failure> {
    let records = if run.is_dir() { run.join(RECORDS) } else { run.to_owned() };
    let same = out.and_then(|out| out.canonicalize().ok()).zip(records.canonicalize().ok());
    if same.is_some_and(|(out, records)| out == records) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`{}` holds the records of the run: they are not overwritten (hint: give `--out` another file)",
            records.display()
        )));
    }
    Ok(())
}

/// Replaces a derived file as a whole or not at all. A link is followed and its target replaced; a device or a
/// pipe is written to, since a file in its place would break `--out /dev/stdout` for everybody.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let real = path.canonicalize();
        let path = real.as_deref().unwrap_or(path);
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            let mut there = std::fs::OpenOptions::new().write(true).open(path)?;
            return std::io::Write::write_all(&mut there, text.as_bytes());
        }
        let mut file = tempfile::NamedTempFile::new_in(parent(path))?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        // tempfile makes private files; a report is as readable as any other file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}

/// The directory of a file.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether standard output shows colours.
pub(super) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Columns of a report.
pub(super) fn width() -> usize {
    columns().unwrap_or(WIDTH)
}

/// The columns of the terminal; `None` where the output goes elsewhere.
pub(super) fn columns() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout())
        && size.ws_col >= 60
    {
        return Some(usize::from(size.ws_col).min(140));
    }
    Some(WIDTH)
}
