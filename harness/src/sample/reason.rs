//! Why a command failed, in one line.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;

use crate::system::exec::Ended;

/// Longest reason that is recorded, in characters.
const REASON_CHARS: usize = 300;
/// Bytes at the end of a log in which the reason of a failure is looked for.
const TAIL_BYTES: u64 = 64 * 1024;

/// How a command ended, and the most informative line of its standard error: the first with `error`, or the last one.
pub(super) fn reason_of(ended: Ended, stderr: &str, timeout: Option<Duration>) -> String {
    let how = match ended {
        Ended::Exited(code) => format!("exit code {code}"),
        Ended::Signalled(signal) => format!("killed by signal {signal}"),
        Ended::TimedOut => format!("timed out after {:?}", timeout.unwrap_or_default()),
        Ended::Interrupted => "interrupted".to_owned(),
    };
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let informative = lines
        .iter()
        .find(|line| line.to_ascii_lowercase().contains("error"))
        .or(lines.last())
        .map(|line| format!(": {}", without_directories(line)));
    clip(&format!("{how}{}", informative.unwrap_or_default()))
}

/// Shortens `a/b/c.ino:6:24: fatal error: ...` to `c.ino:6:24: fatal error: ...`: a report has no room for the
/// directories.
fn without_directories(line: &str) -> &str {
    let Some(colon) = line.find(':') else { return line };
    let path = &line[..colon];
    match path.rfind('/') {
        Some(slash) if !path.contains(' ') => &line[slash + 1..],
        _ => line,
    }
}

/// Cuts a reason to the length that is recorded.
pub(super) fn clip(text: &str) -> String {
    if text.chars().count() <= REASON_CHARS {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(REASON_CHARS - 1).collect();
    clipped.push('…');
    clipped
}

/// The end of a log, from `offset` on; empty if it cannot be read.
pub(super) fn tail(path: &Path, offset: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = fs::File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(offset.max(end.saturating_sub(TAIL_BYTES))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_the_first_line_that_says_error_else_the_last() {
        let stderr =
            "warning: x\nlib/a/b.ino:6:24: fatal error: Octo.h: No such file\nmake: *** Error 1\n";
        assert_eq!(
            reason_of(Ended::Exited(2), stderr, None),
            "exit code 2: b.ino:6:24: fatal error: Octo.h: No such file"
        );
        assert_eq!(reason_of(Ended::Exited(1), "one\ntwo\n\n", None), "exit code 1: two");
        assert_eq!(reason_of(Ended::Signalled(9), "", None), "killed by signal 9");
        let timeout = Some(Duration::from_secs(3));
        assert_eq!(reason_of(Ended::TimedOut, "", timeout), "timed out after 3s");
    }

    #[test]
    fn a_reason_is_cut_at_its_limit_between_characters() {
        let long = "é".repeat(1000);
        assert_eq!(clip(&long).chars().count(), REASON_CHARS);
        assert_eq!(clip("short"), "short");
    }

    #[test]
    fn directories_are_dropped_only_from_a_path_at_the_front() {
        assert_eq!(without_directories("/x/y/z.c:1: error"), "z.c:1: error");
        assert_eq!(without_directories("cannot open /x/y: no"), "cannot open /x/y: no");
        assert_eq!(without_directories("plain"), "plain");
    }
}
