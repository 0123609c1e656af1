//! `bench receive`: what a fork's job may send, and what it may not.

mod common;

use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::symlink;

use common::Project;
use common::scenarios::{MODES, TEXT_FILES, storing};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

const HEAD: &str = "0123456789012345678901234567890123456789";

/// A project with a run of two blocks, and the run's records.
fn measured() -> (Project, String) {
    let script = "mkdir -p $STORE && echo {param.mode} {example} > $STORE/entry";
    let gate = "[[gate]]\nregime = \"cold\"\nmax = \"1h\"\n";
    let files = [("workspace/one.txt", "1"), ("workspace/two.txt", "2")];
    let project = Project::new(&storing(script, &[MODES, gate, TEXT_FILES].concat()), &files);
    let mut command = project.run_command(&["--blocks", "2", "-q"]);
    let output = command.env("BENCH_PR_HEAD_SHA", HEAD).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let records = fs::read_to_string(project.path("out/records.ndjson")).unwrap();
    (project, records)
}

/// Name and content of a file of an archive.
type File<'a> = (&'a str, &'a [u8]);

fn zipped(files: &[File<'_>]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// `bench receive artifact` with `extra`; exit code and standard error.
fn receive(project: &Project, extra: &[&str]) -> (i32, String) {
    let _ = fs::remove_dir_all(project.path("received"));
    let args = [&["receive", "artifact", "--out", "received"], extra].concat();
    let output = project.bench(&args).output().unwrap();
    assert!(output.stdout.is_empty(), "nothing of it is data");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Asserts that this archive is refused for this reason, and that nothing is written.
#[track_caller]
fn refused(project: &Project, archive: &[u8], extra: &[&str], reason: &str) {
    fs::write(project.path("artifact"), archive).unwrap();
    refused_as_it_is(project, extra, reason);
}

#[track_caller]
fn refused_as_it_is(project: &Project, extra: &[&str], reason: &str) {
    let (code, stderr) = receive(project, extra);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains(reason), "expected `{reason}`: {stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    assert!(!project.path("received").exists(), "nothing is written");
}

/// One change to every line of the records.
fn changed(records: &str, change: impl Fn(&mut Value)) -> Vec<u8> {
    let lines = records.lines().map(|line| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        change(&mut value);
        value.to_string() + "\n"
    });
    lines.collect::<String>().into_bytes()
}

#[test]
fn records_are_taken_and_their_gates_are_not() {
    let (project, records) = measured();
    fs::write(project.path("artifact"), zipped(&[("records.ndjson", records.as_bytes())])).unwrap();
    let (code, stderr) = receive(&project, &["--head", HEAD]);
    assert_eq!(code, 0, "{stderr}");
    let (own, received) =
        (common::load(&project.path("out")), common::load(&project.path("received")));
    assert_eq!(own.samples, received.samples);
    assert_eq!((own.run.gates.len(), received.run.gates.len()), (1, 0));

    // A directory into which the forge unpacked it, and gates of those who judge.
    fs::remove_file(project.path("artifact")).unwrap();
    project.write("artifact/records.ndjson", &records);
    project.write("policy.toml", "[[gate]]\nregime = \"cold\"\nmax = \"1ns\"\n");
    let (code, stderr) = receive(&project, &["--policy", "policy.toml"]);
    assert_eq!(code, 0, "{stderr}");
    let output = project.bench(&["gate", "received"]).output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn archives_of_another_shape_are_refused() {
    let (project, records) = measured();
    let good = records.as_bytes();
    let inner = zipped(&[("records.ndjson", good)]);
    let cases: [(&[File<'_>], &str); 8] = [
        (&[], "contains 0 files"),
        (&[("records.ndjson", good), ("comment.md", b"hello")], "`comment.md` among them"),
        (&[("records.ndjson", good), ("pr-number", b"1")], "`pr-number` among them"),
        (&[("../records.ndjson", good)], "`../records.ndjson`"),
        (&[("/etc/passwd", good)], "`/etc/passwd`"),
        (&[("a/b/records.ndjson", good)], "`a/b/records.ndjson`"),
        (&[("artifact.zip", &inner)], "`artifact.zip`"),
        (&[("::error::x\u{1b}[2J\n", good)], "`::error::x[2J`"),
    ];
    for (files, reason) in cases {
        refused(&project, &zipped(files), &[], reason);
    }
    refused(&project, &zipped(&[("records.ndjson", &inner)]), &[], "cannot be used");
    refused(&project, b"PK\x03\x04 and then nothing", &[], "not a zip archive");
    refused(&project, &zipped(&[("records.ndjson", good)])[..200], &[], "not a zip archive");

    let mut link = zip::ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("records.ndjson", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    refused(&project, &link.finish().unwrap().into_inner(), &[], "not a regular file");
}

/// The archive with bytes of its central directory, which readers believe, written over: `(offset, bytes)` counted from
/// the start of each of its entries.
fn claiming(archive: &[u8], claims: &[(usize, &[u8])]) -> Vec<u8> {
    let mut archive = archive.to_vec();
    let starts: Vec<usize> =
        (0..archive.len()).filter(|at| archive[*at..].starts_with(b"PK\x01\x02")).collect();
    assert!(!starts.is_empty(), "the archive has a central directory");
    for start in starts {
        for (offset, bytes) in claims {
            archive[start + offset..][..bytes.len()].copy_from_slice(bytes);
        }
    }
    archive
}

/// Offsets in an entry of the central directory: the format's appendix, 4.3.12.
const FLAGS: usize = 8;
const METHOD: usize = 10;
const CHECKSUM: usize = 16;
const SIZE: usize = 24;
const MODE: usize = 40;
const NAME: usize = 46;

#[test]
fn archives_that_lie_about_their_file_are_refused() {
    let (project, records) = measured();
    let good = zipped(&[("records.ndjson", records.as_bytes())]);
    // A device, a FIFO, a socket, a directory.
    for kind in [0o020_000_u16, 0o060_000, 0o010_000, 0o140_000, 0o040_000] {
        let special = claiming(&good, &[(MODE, &(kind | 0o644).to_le_bytes())]);
        refused(&project, &special, &[], "not a regular file");
    }
    refused(&project, &claiming(&good, &[(FLAGS, &[1])]), &[], "not a zip archive");
    refused(&project, &claiming(&good, &[(METHOD, &[97])]), &[], "not a zip archive");

    // Two files, of which readers see one.
    let two = zipped(&[("records.ndjson", records.as_bytes()), ("records.ndjsom", b"{}")]);
    refused(
        &project,
        &claiming(&two, &[(NAME, b"records.ndjson")]),
        &[],
        "several files of one name",
    );

    // Whatever it claims about the size: what is read is what is there.
    let bomb = vec![b' '; 17 << 20];
    let small = claiming(&zipped(&[("records.ndjson", &bomb)]), &[(SIZE, &100_u32.to_le_bytes())]);
    refused(&project, &small, &[], "not a zip archive that can be read");
    // A checksum that is not that of the content.
    refused(&project, &claiming(&good, &[(CHECKSUM, &[0; 4])]), &[], "not a zip archive");
    let large = claiming(&good, &[(SIZE, &(u32::MAX - 1).to_le_bytes())]);
    fs::write(project.path("artifact"), large).unwrap();
    let (code, stderr) = receive(&project, &["--max-bytes", &u64::MAX.to_string()]);
    assert!(matches!(code, 0 | 2), "{code}: {stderr}");
}

#[test]
fn directories_of_another_shape_are_refused() {
    let (project, records) = measured();
    fs::create_dir(project.path("artifact")).unwrap();
    refused_as_it_is(&project, &[], "contains nothing");
    symlink("../home/precious", project.path("artifact/records.ndjson")).unwrap();
    refused_as_it_is(&project, &[], "not a regular file");
    fs::remove_file(project.path("artifact/records.ndjson")).unwrap();
    project.write("artifact/records.ndjson", &records);
    project.write("artifact/comment.md", "hello");
    refused_as_it_is(&project, &[], "`comment.md`");
    fs::remove_file(project.path("artifact/comment.md")).unwrap();
    project.write("artifact/report/index.html", "<script>");
    refused_as_it_is(&project, &[], "`report`");
    fs::remove_dir_all(project.path("artifact")).unwrap();
    symlink("out", project.path("artifact")).unwrap();
    refused_as_it_is(&project, &[], "neither a file nor a directory");
    fs::remove_file(project.path("artifact")).unwrap();

    // Opened, a FIFO would hold the job until its time-out.
    let fifo = |path: &str| {
        let made = std::process::Command::new("mkfifo").arg(project.path(path)).status().unwrap();
        assert!(made.success());
    };
    fifo("artifact");
    refused_as_it_is(&project, &[], "neither a file nor a directory");
    fs::remove_file(project.path("artifact")).unwrap();
    fs::create_dir(project.path("artifact")).unwrap();
    fifo("artifact/records.ndjson");
    refused_as_it_is(&project, &[], "not a regular file");
}

#[test]
fn what_is_too_large_is_refused_however_small_it_is_packed() {
    let (project, records) = measured();
    let bomb = vec![b' '; 17 << 20];
    let packed = zipped(&[("records.ndjson", &bomb)]);
    assert!(packed.len() < 1 << 20, "it is small where it comes from: {}", packed.len());
    refused(&project, &packed, &[], "the records: more than 16777216 bytes");
    let good = zipped(&[("records.ndjson", records.as_bytes())]);
    refused(&project, &good, &["--max-bytes", "100"], "the archive: more than 100 bytes");
    let limit = (records.len() - 1).to_string();
    refused(&project, &good, &["--max-bytes", &limit], "the records: more than");
    let limit = records.len().to_string();
    let (code, stderr) = receive(&project, &["--max-bytes", &limit]);
    assert_eq!(code, 0, "exactly as many are taken: {stderr}");
    // As many as a number can say: no limit, and not none at all.
    fs::write(project.path("artifact"), &good).unwrap();
    let (code, stderr) = receive(&project, &["--max-bytes", &u64::MAX.to_string()]);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn values_that_no_run_has_are_refused() {
    let (project, records) = measured();
    let set = |kind: &str, path: &str, value: Value| {
        let (kind, path) = (kind.to_owned(), path.to_owned());
        changed(&records, move |line| {
            if line["kind"] == kind.as_str() {
                *line.pointer_mut(&path).unwrap_or_else(|| panic!("{path}")) = value.clone();
            }
        })
    };
    let cases = [
        (set("run", "/v", json!(3)), "newer than 2"),
        (set("run", "/options/blocks", json!(4_000_000_000u32)), "plan 4000000000 blocks"),
        (set("sample", "/block", json!(3)), "block 3 of 2"),
        (set("sample", "/wall_ns", json!(u64::MAX)), "`wall_ns`"),
        (set("sample", "/caches/store/restore_ns", json!(172_800_000_000_001_u64)), "`restore_ns`"),
        (set("sample", "/caches/store/archive_bytes", json!(1_u64 << 50)), "`archive_bytes`"),
        (set("sample", "/evidence/hits", json!(u64::MAX)), "`hits`"),
        (set("sample", "/started", json!("2999-01-01T00:00:00Z")), "a time stamp of 2999"),
        (set("run", "/imported", json!({"format": "hyperfine", "files": []})), "imported"),
        (set("sample", "/reason", json!("x".repeat(100_000))), "100000 characters"),
        (set("run", "/left_out", json!(vec!["x"; 100_000])), "100000 entries"),
        (b"[[[[".repeat(1_000), "cannot be used"),
        (b"x\n".repeat(1 << 20), "have 1048576 lines"),
        (Vec::new(), "expected the `run` record"),
    ];
    for (records, reason) in cases {
        refused(&project, &zipped(&[("records.ndjson", &records)]), &[], reason);
    }
    // A log is read by programs, some of which obey lines.
    let kind = format!("{}\n{records}", r#"{"v":1,"kind":"a\n::error::b\u001b[2J"}"#);
    let reason = "unknown record kind `a ::error::b[2J`";
    refused(&project, &zipped(&[("records.ndjson", kind.as_bytes())]), &[], reason);
    let good = zipped(&[("records.ndjson", records.as_bytes())]);
    let other = "f".repeat(40);
    refused(&project, &good, &["--head", &other], "expected commit `ffff");
    let unknown = set("run", "/arms/0/source/head", Value::Null);
    refused(
        &project,
        &zipped(&[("records.ndjson", &unknown)]),
        &["--head", HEAD],
        "was not a commit",
    );
}

/// Everything that a page or a comment could obey. Short: documents cut what is long.
const PAYLOADS: [&str; 6] = [
    "octocat</code></td><script>alert(1)</script>",
    "octocat<img src=x onerror=alert(2)>javascript:alert(3)",
    "octocat[x](https://evil.example)![y](//evil.example)",
    "octocat @octocat #1 | --> <!-- ``` `x`",
    "octocat\n# head\n| a | b |\n> quote\n```\n",
    "octocat\u{1b}[31m\u{202e}\u{200b}::error::x",
];

/// Texts that must stay what they are for the records to be records.
const STRUCTURE: [&str; 13] = [
    "kind",
    "id",
    "sample",
    "regime",
    "regimes",
    "arm",
    "outcome",
    "started",
    "at",
    "design",
    "head",
    "plan_hash",
    "only_blocks",
];

/// The next payload, told apart by a number.
fn payload(count: &mut u32) -> String {
    *count += 1;
    format!("{}{count}", PAYLOADS[*count as usize % PAYLOADS.len()])
}

/// Puts a payload into every other text, and into every key of a map.
fn poison(name: &str, value: &mut Value, count: &mut u32) {
    match value {
        Value::String(text)
            if !(STRUCTURE.contains(&name) || name == "reason" && text == "done") =>
        {
            *text = payload(count);
        }
        Value::Array(list) => list.iter_mut().for_each(|entry| poison(name, entry, count)),
        Value::Object(map) => {
            let maps = ["params", "caches", "tools", "probes", "ci", "isolation"];
            if maps.contains(&name) {
                let old = std::mem::take(map);
                map.extend(
                    old.into_iter().map(|(key, value)| (format!("{}{key}", payload(count)), value)),
                );
            }
            map.iter_mut().for_each(|(key, entry)| poison(key, entry, count));
        }
        _ => {}
    }
}

#[test]
fn every_text_is_rendered_harmless() {
    let (project, records) = measured();
    let count = std::cell::Cell::new(0);
    let poisoned = changed(&records, |line| {
        // The gates are dropped: they need no payload, and their rules are not free text.
        if let Some(map) = line.as_object_mut() {
            map.remove("gates");
        }
        if let Some(reason) = line.get_mut("reason").filter(|reason| reason.is_null()) {
            *reason = Value::String(String::new());
        }
        let mut seen = count.get();
        poison("", line, &mut seen);
        count.set(seen);
    });
    assert!(count.get() > 40, "only {} texts carry the payload", count.get());
    fs::write(project.path("artifact"), zipped(&[("records.ndjson", &poisoned)])).unwrap();
    let (code, stderr) = receive(&project, &["--head", HEAD]);
    assert_eq!(code, 0, "{stderr}");
    for format in ["markdown", "html", "terminal"] {
        let output = project.bench(&["report", "received", "--format", format]).output().unwrap();
        assert!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("octocat"), "{format}: the payload is shown, as text");
        let obeyed: &[&str] = match format {
            "markdown" => &[
                "<script", "<img", "</td>", "](", "@octocat", " #1", "-->", "\n# head", "```",
                "https:",
            ],
            "html" => &["<script>alert", "<img", "</code></td><script", "=alert(2)>"],
            _ => &[],
        };
        for sequence in obeyed.iter().chain(&["\u{1b}[31m", "\u{202e}"]) {
            assert!(!text.contains(sequence), "{format}: {sequence:?} is obeyed");
        }
    }
}
