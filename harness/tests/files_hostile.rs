//! Archives that nobody vouches for: what they cannot do.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bench::cache::archive;
use bench::error_text::with_causes;
use bench::system::fs::tree::{Diff, Inventory};
use globset::GlobSet;
use tar::{EntryType, Header};

fn inventory(root: &Path) -> Inventory {
    Inventory::take(root, &GlobSet::empty()).unwrap()
}

/// One header of a hostile archive.
struct Evil {
    kind: EntryType,
    name: Vec<u8>,
    target: Vec<u8>,
    content: Vec<u8>,
}

fn evil(kind: EntryType, name: &str, target: &str) -> Evil {
    let content = if kind == EntryType::Regular { b"evil".to_vec() } else { Vec::new() };
    Evil { kind, name: name.into(), target: target.into(), content }
}

fn hostile(entries: &[Evil]) -> Vec<u8> {
    let mut stream = Vec::new();
    for entry in entries {
        let mut header = Header::new_gnu();
        let old = header.as_old_mut();
        old.name[..entry.name.len()].copy_from_slice(&entry.name);
        old.linkname[..entry.target.len()].copy_from_slice(&entry.target);
        header.set_entry_type(entry.kind);
        header.set_mode(0o777);
        header.set_mtime(1);
        header.set_size(entry.content.len() as u64);
        header.set_cksum();
        stream.extend_from_slice(header.as_bytes());
        stream.extend_from_slice(&entry.content);
        stream.resize(stream.len().next_multiple_of(512), 0);
    }
    stream.resize(stream.len() + 1024, 0);
    zstd::encode_all(stream.as_slice(), 1).unwrap()
}

/// A pax header of these records.
fn pax(records: &[u8]) -> Evil {
    Evil {
        kind: EntryType::XHeader,
        name: b"pax".to_vec(),
        target: Vec::new(),
        content: records.to_vec(),
    }
}

#[test]
fn hostile_archives_are_refused_and_nothing_outside_is_touched() {
    use EntryType::{Block, Char, Directory, Fifo, Link, Regular, Symlink};
    let temp = tempfile::tempdir().unwrap();
    let decoy = temp.path().join("decoy");
    fs::create_dir_all(decoy.join("dir")).unwrap();
    fs::write(decoy.join("precious"), "precious").unwrap();
    let before = inventory(&decoy);
    let outside = decoy.to_str().unwrap();
    let file = || evil(Regular, "file", "");
    let cases: Vec<(&str, Vec<Evil>, &str)> = vec![
        ("absolute", vec![evil(Regular, &format!("{outside}/new"), "")], "is an absolute path"),
        ("absolute dir", vec![evil(Directory, &format!("{outside}/new/"), "")], "absolute"),
        ("parent", vec![evil(Regular, "../decoy/new", "")], "holds `..`"),
        ("parent inside", vec![evil(Regular, "a/../../decoy/new", "")], "holds `..`"),
        ("parent dir", vec![evil(Directory, "..", "")], "holds `..`"),
        ("parent link", vec![evil(Symlink, "../decoy/new", "x")], "holds `..`"),
        (
            "through a link",
            vec![evil(Symlink, "a", "../decoy"), evil(Regular, "a/new", "")],
            "goes through `a`",
        ),
        (
            "through an absolute link",
            vec![evil(Symlink, "a", outside), evil(Regular, "a/new", "")],
            "goes through `a`",
        ),
        (
            "through a link, deep",
            vec![evil(Symlink, "x/a", "../../decoy"), evil(Directory, "x/a/dir/new", "")],
            "goes through `x/a`",
        ),
        (
            "link instead of a directory",
            vec![
                evil(Directory, "a/", ""),
                evil(Symlink, "a", outside),
                evil(Regular, "a/new", ""),
            ],
            "appears twice",
        ),
        (
            "directory over a link",
            vec![evil(Symlink, "a", outside), evil(Directory, "a/", "")],
            "goes through `a`",
        ),
        (
            "file over a link",
            vec![evil(Symlink, "a", &format!("{outside}/precious")), evil(Regular, "a", "")],
            "appears twice",
        ),
        ("twice", vec![file(), file()], "appears twice"),
        ("hard link out", vec![evil(Link, "a", &format!("{outside}/precious"))], "outside"),
        ("hard link up", vec![evil(Link, "a", "../decoy/precious")], "outside the archive"),
        ("hard link to nothing", vec![evil(Link, "a", "b")], "not an earlier file"),
        (
            "hard link to a link",
            vec![evil(Symlink, "b", &format!("{outside}/precious")), evil(Link, "a", "b")],
            "not an earlier file",
        ),
        (
            "hard link through a link",
            vec![evil(Symlink, "b", outside), evil(Link, "a", "b/precious")],
            "not an earlier file",
        ),
        (
            "hard link to a directory",
            vec![evil(Directory, "b", ""), evil(Link, "a", "b")],
            "not an earlier file",
        ),
        ("device", vec![evil(Char, "null", "")], "is a device"),
        ("block device", vec![evil(Block, "sda", "")], "is a device"),
        ("fifo", vec![evil(Fifo, "fifo", "")], "is a device or fifo"),
        ("no name", vec![evil(Regular, "", "")], "has no name"),
        ("the root as a file", vec![evil(Regular, ".", "")], "stands for the root"),
        ("the root as a link", vec![evil(Symlink, "./", outside)], "stands for the root"),
        ("unknown", vec![evil(EntryType::new(b'Z'), "a", "")], "unknown type `Z`"),
        ("pax absolute", vec![pax(b"13 path=/etc\n"), file()], "is an absolute path"),
        ("pax parent", vec![pax(b"17 path=../decoy\n"), file()], "holds `..`"),
        ("pax zero", vec![pax(b"12 path=a\0b\n"), file()], "holds a zero byte"),
        ("pax broken", vec![pax(b"99 path=a\n"), file()], "is not `LENGTH KEY=VALUE`"),
        ("pax too short", vec![pax(b"2 path=a\n"), file()], "is not `LENGTH KEY=VALUE`"),
        ("pax sparse", vec![pax(b"22 GNU.sparse.major=1\n"), file()], "sparse"),
    ];
    for (number, (what, entries, expected)) in cases.into_iter().enumerate() {
        let archive = temp.path().join(format!("{number}.tar.zst"));
        fs::write(&archive, hostile(&entries)).unwrap();
        let root = temp.path().join(format!("root-{number}"));
        let message = archive::restore(&archive, &root).expect_err(what).to_string();
        assert!(message.contains(expected), "{what}: {message}");
        assert!(message.contains(".tar.zst`"), "{what}: {message}");
        assert_eq!(before.diff(&inventory(&decoy)), Diff::default(), "{what} reached the decoy");
        assert_eq!(fs::read(decoy.join("precious")).unwrap(), b"precious");
        assert!(fs::symlink_metadata(root).unwrap().is_dir());
    }
    let names = fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let strange = names.filter(|name| {
        let name = name.to_str().unwrap();
        !(name.starts_with("root-") || name.ends_with(".tar.zst") || name == "decoy")
    });
    assert_eq!(strange.count(), 0, "something was written beside the roots");
}

#[test]
fn a_huge_name_is_refused_before_it_is_in_memory() {
    let temp = tempfile::tempdir().unwrap();
    let archive = temp.path().join("huge.tar.zst");
    // One that the header only claims, and one that the file system cannot take.
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(1 << 21);
    header.set_cksum();
    fs::write(&archive, zstd::encode_all(&header.as_bytes()[..], 1).unwrap()).unwrap();
    let message = archive::restore(&archive, &temp.path().join("a")).unwrap_err().to_string();
    assert!(message.contains("name of 2097152 bytes, expected at most 1048576"), "{message}");
    let name = vec![b'n'; 300_000];
    let record = format!("{} path={}\n", name.len() + 13, String::from_utf8(name).unwrap());
    fs::write(&archive, hostile(&[pax(record.as_bytes()), evil(EntryType::Regular, "x", "")]))
        .unwrap();
    let message = with_causes(&archive::restore(&archive, &temp.path().join("b")).unwrap_err());
    assert!(message.contains("nnn") && message.contains("too long"), "{}", &message[..300]);
}

#[test]
fn set_id_bits_are_not_restored() {
    let temp = tempfile::tempdir().unwrap();
    let archive = temp.path().join("cache.tar.zst");
    let mut header = Header::new_ustar();
    header.set_path("tool").unwrap();
    header.set_mode(0o6755);
    header.set_size(0);
    header.set_mtime(1);
    header.set_cksum();
    let mut stream = header.as_bytes().to_vec();
    stream.resize(512 * 3, 0);
    fs::write(&archive, zstd::encode_all(stream.as_slice(), 1).unwrap()).unwrap();
    archive::restore(&archive, &temp.path().join("root")).unwrap();
    let mode = fs::metadata(temp.path().join("root/tool")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
}
