//! Cache archives: what comes back, what is an error, and what GNU tar makes of them.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use bench::cache::archive::{self, ArchiveError, Restored};
use bench::system::fs::tree::{EntryChange, Inventory};
use filetime::FileTime;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rustix::thread::{Gid, Uid};

const OLD: i64 = 1_234_567_890;

fn inventory(root: &Path) -> Inventory {
    Inventory::take(root, &GlobSet::empty()).unwrap()
}

/// The same names, modes, times, lengths and targets; inodes are new.
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (inventory(one), inventory(other));
    let diff = one.diff(&other);
    assert!(diff.added.is_empty() && diff.removed.is_empty(), "{diff:?}");
    for (path, changes) in diff.changed {
        let entries = (&one.entries[&path], &other.entries[&path]);
        assert_eq!(
            changes,
            BTreeSet::from([EntryChange::Inode]),
            "{}: {entries:?}",
            path.display()
        );
    }
}

/// Everything that an archive keeps; set-id bits, which it does not, are not among it.
fn grow(root: &Path) {
    fs::create_dir_all(root.join("dir/empty")).unwrap();
    fs::create_dir_all(root.join("closed/inner")).unwrap();
    fs::write(root.join("empty-file"), "").unwrap();
    fs::write(root.join("block"), [7; 512]).unwrap();
    fs::write(root.join("large"), vec![7; 3_000_001]).unwrap();
    fs::write(root.join("dir/script"), "#!/bin/sh\n").unwrap();
    fs::write(root.join("dir").join(OsStr::from_bytes(b"odd \xff\nname")), "odd").unwrap();
    let long = OsStr::from_bytes(&[0xfe; 250]).to_owned();
    fs::create_dir(root.join(&long)).unwrap();
    fs::write(root.join(&long).join(&long), "long").unwrap();
    symlink(&long, root.join("long-target")).unwrap();
    fs::hard_link(root.join(&long).join(&long), root.join("zz-long")).unwrap();
    fs::write(root.join("closed/read-only"), "kept").unwrap();
    fs::write(root.join("closed/inner/file"), "kept").unwrap();
    fs::hard_link(root.join("large"), root.join("closed/same-large")).unwrap();
    fs::hard_link(root.join("large"), root.join("dir/same-large")).unwrap();
    symlink("dir/script", root.join("link")).unwrap();
    symlink("/nowhere/at/all", root.join("dir/dangling")).unwrap();
    for (rel, mode) in [("dir/script", 0o755), ("closed/read-only", 0o400), ("block", 0o666)] {
        fs::set_permissions(root.join(rel), fs::Permissions::from_mode(mode)).unwrap();
    }
    let paths: Vec<PathBuf> = inventory(root).entries.into_keys().collect();
    for (second, rel) in (OLD..).zip(&paths) {
        let mtime = FileTime::from_unix_time(second, 123_456_789);
        filetime::set_symlink_file_times(root.join(rel), mtime, mtime).unwrap();
    }
    filetime::set_file_mtime(root.join("block"), FileTime::from_unix_time(-2, 500_000_000))
        .unwrap();
    filetime::set_file_mtime(root.join("empty-file"), FileTime::from_unix_time(OLD, 0)).unwrap();
    filetime::set_file_mtime(root, FileTime::from_unix_time(OLD, 5)).unwrap();
    fs::set_permissions(root.join("closed"), fs::Permissions::from_mode(0o555)).unwrap();
}

fn assert_links_kept(root: &Path) {
    let inode = |rel| fs::metadata(root.join(rel)).unwrap().ino();
    assert_eq!(inode("large"), inode("dir/same-large"));
    assert_eq!(inode("large"), inode("closed/same-large"));
    assert_eq!(fs::metadata(root.join("large")).unwrap().nlink(), 3);
    assert_eq!(fs::metadata(root.join("zz-long")).unwrap().nlink(), 2);
}

#[test]
fn everything_comes_back() {
    let temp = tempfile::tempdir().unwrap();
    let (root, copy) = (temp.path().join("root"), temp.path().join("new/copy"));
    let archive = temp.path().join("cache.tar.zst");
    grow(&root);
    let before = inventory(&root);
    let saved = archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    assert_eq!((saved.files, saved.bytes, saved.skipped), (14, 3_000_538, 0));
    assert_eq!(saved.archive_bytes, fs::metadata(&archive).unwrap().len());
    let digest = blake3::hash(&fs::read(&archive).unwrap()).to_hex();
    assert_eq!(saved.digest, digest.as_str());
    let restored = archive::restore(&archive, &copy).unwrap();
    assert_eq!(restored, Restored { files: 14, bytes: 3_000_538 });
    assert_same(&root, &copy);
    assert_links_kept(&copy);
    let all = everything();
    let digests = [&root, &copy].map(|tree| bench::system::fs::tree::digest(tree, &all).unwrap());
    assert_eq!(digests[0], digests[1]);
    let found = fs::metadata(&copy).unwrap();
    assert_eq!((found.mtime(), found.mtime_nsec()), (OLD, 5));
    assert!(before.diff(&inventory(&root)).is_empty(), "saving changed the cache");
}

fn everything() -> GlobSet {
    globs(&["**"])
}

fn globs(patterns: &[&str]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).literal_separator(true).build().unwrap());
    }
    set.build().unwrap()
}

#[test]
fn a_tree_of_many_small_files_comes_back() {
    let temp = tempfile::tempdir().unwrap();
    let (root, copy) = (temp.path().join("root"), temp.path().join("copy"));
    let archive = temp.path().join("cache.tar.zst");
    let mut random = fastrand::Rng::with_seed(3);
    for number in 0..2000 {
        let dir = root.join(format!("{}/{}", number % 7, number % 40));
        fs::create_dir_all(&dir).unwrap();
        let size = [0, 1, 511, 512, 513, 20_000, 262_143, 262_144][random.usize(..8)];
        let size = if size > 20_000 && number % 50 > 0 { 3 } else { size };
        let content: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(size).collect();
        fs::write(dir.join(number.to_string()), content).unwrap();
    }
    let deep: PathBuf = std::iter::repeat_n("d", 300).collect();
    fs::create_dir_all(root.join(&deep)).unwrap();
    fs::write(root.join(&deep).join("bottom"), "x").unwrap();
    let saved = archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    let restored = archive::restore(&archive, &copy).unwrap();
    assert_eq!((restored.files, restored.bytes), (2001, saved.bytes));
    assert_same(&root, &copy);
    let digests =
        [&root, &copy].map(|tree| bench::system::fs::tree::digest(tree, &everything()).unwrap());
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn equal_trees_have_equal_archives() {
    let temp = tempfile::tempdir().unwrap();
    let digests = ["one", "two"].map(|name| {
        let (root, archive) = (temp.path().join(name), temp.path().join(format!("{name}.zst")));
        if name == "two" {
            // In another order of creation, and so with other inodes and directory order.
            fs::create_dir_all(root.join("zz")).unwrap();
            fs::write(root.join("zz-long"), "x").unwrap();
            fs::remove_file(root.join("zz-long")).unwrap();
            fs::remove_dir(root.join("zz")).unwrap();
        }
        grow(&root);
        archive::save(&root, &GlobSet::empty(), &archive).unwrap().digest
    });
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_cache_that_is_empty_or_not_there_has_an_archive_too() {
    let temp = tempfile::tempdir().unwrap();
    let archive = temp.path().join("cache.tar.zst");
    fs::create_dir(temp.path().join("empty")).unwrap();
    for name in ["empty", "none"] {
        let saved = archive::save(&temp.path().join(name), &GlobSet::empty(), &archive).unwrap();
        assert_eq!((saved.files, saved.bytes), (0, 0));
        assert!(saved.archive_bytes > 0);
        let copy = temp.path().join(format!("{name}-copy"));
        assert_eq!(archive::restore(&archive, &copy).unwrap(), Restored::default());
        assert_eq!(fs::read_dir(copy).unwrap().count(), 0);
    }
}

#[test]
fn excluded_files_are_not_saved_and_a_link_to_one_becomes_the_file() {
    let temp = tempfile::tempdir().unwrap();
    let (root, copy) = (temp.path().join("root"), temp.path().join("copy"));
    let archive = temp.path().join("cache.tar.zst");
    fs::create_dir_all(root.join("tmp/deep")).unwrap();
    fs::write(root.join("tmp/deep/file"), "left out").unwrap();
    fs::write(root.join("a.lock"), "shared").unwrap();
    fs::hard_link(root.join("a.lock"), root.join("b")).unwrap();
    let exclude = globs(&["tmp/**", "*.lock"]);
    let saved = archive::save(&root, &exclude, &archive).unwrap();
    assert_eq!((saved.files, saved.bytes), (1, 6));
    archive::restore(&archive, &copy).unwrap();
    let names: Vec<PathBuf> = inventory(&copy).entries.into_keys().collect();
    assert_eq!(names, ["b", "tmp"].map(PathBuf::from));
    assert_eq!(fs::read(copy.join("b")).unwrap(), b"shared");
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_no_archive_is_left() {
    let temp = tempfile::tempdir().unwrap();
    let (root, archives) = (temp.path().join("root"), temp.path().join("archives"));
    fs::create_dir_all(root.join("dir")).unwrap();
    fs::create_dir(&archives).unwrap();
    fs::write(root.join("dir/secret"), "x").unwrap();
    fs::set_permissions(root.join("dir/secret"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&archives, fs::Permissions::from_mode(0o777)).unwrap();
    let archive = archives.join("cache.tar.zst");
    fs::write(&archive, "the old one").unwrap();
    // On a thread that has given up root's rights, should it have had them.
    let message = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                let (user, group) = (Uid::from_raw(65534), Gid::from_raw(65534));
                rustix::thread::set_thread_res_gid(group, group, group).unwrap();
                rustix::thread::set_thread_res_uid(user, user, user).unwrap();
            }
            archive::save(&root, &GlobSet::empty(), &archive).unwrap_err().to_string()
        });
        thread.join().unwrap()
    });
    assert!(message.contains("dir/secret`"), "{message}");
    assert_eq!(fs::read(&archive).unwrap(), b"the old one");
    assert_eq!(fs::read_dir(&archives).unwrap().count(), 1, "half an archive is left");
}

#[test]
fn an_archive_that_cannot_be_put_in_place_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().join("root");
    grow(&root);
    let taken = temp.path().join("archives/taken");
    fs::create_dir_all(&taken).unwrap();
    let error = archive::save(&root, &GlobSet::empty(), &taken).unwrap_err();
    assert!(error.to_string().contains("cannot write archive"), "{error}");
    assert_eq!(fs::read_dir(temp.path().join("archives")).unwrap().count(), 1);
    let nowhere = temp.path().join("none/cache.tar.zst");
    archive::save(&root, &GlobSet::empty(), &nowhere).unwrap_err();
    assert!(!temp.path().join("none").exists());
}

#[test]
fn a_flipped_bit_anywhere_is_an_error() {
    let temp = tempfile::tempdir().unwrap();
    let (root, archive) = (temp.path().join("root"), temp.path().join("cache.tar.zst"));
    fs::create_dir(&root).unwrap();
    // What does not compress is stored as it is: only the checksum of the stream knows it.
    let mut random = fastrand::Rng::with_seed(5);
    let content: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(50_000).collect();
    fs::write(root.join("content"), content).unwrap();
    archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    let whole = fs::read(&archive).unwrap();
    for at in [2_000, 25_000, 45_000, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&archive, flipped).unwrap();
        let error = archive::restore(&archive, &temp.path().join(format!("copy-{at}")));
        let message = error.expect_err("a flipped bit was not seen").to_string();
        assert!(message.contains("is damaged at entry `content`"), "{message}");
    }
}

#[test]
fn a_root_in_use_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let (root, archive) = (temp.path().join("root"), temp.path().join("cache.tar.zst"));
    grow(&root);
    archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    let before = inventory(&root);
    symlink(temp.path().join("elsewhere"), temp.path().join("link")).unwrap();
    fs::create_dir(temp.path().join("elsewhere")).unwrap();
    for bad in ["root", "root/large", "link"] {
        let error = archive::restore(&archive, &temp.path().join(bad)).unwrap_err();
        assert!(matches!(error, ArchiveError::Root { .. }), "{error}");
    }
    assert!(before.diff(&inventory(&root)).is_empty());
    assert_eq!(fs::read_dir(temp.path().join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn an_archive_cut_short_anywhere_is_an_error_that_names_it() {
    let temp = tempfile::tempdir().unwrap();
    let (root, archive) = (temp.path().join("root"), temp.path().join("cache.tar.zst"));
    grow(&root);
    archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    let whole = fs::read(&archive).unwrap();
    let plain = zstd::decode_all(whole.as_slice()).unwrap();
    let cut = temp.path().join("cut.tar.zst");
    let mut number = 0;
    let mut fails = |content: &[u8], what: &str| {
        number += 1;
        fs::write(&cut, content).unwrap();
        let error = archive::restore(&cut, &temp.path().join(format!("copy-{number}")));
        let message = error.expect_err(what).to_string();
        assert!(message.contains("cut.tar.zst` is damaged"), "{what}: {message}");
        message
    };
    // The compressed stream, and the tar stream inside a whole compressed one, at block boundaries too.
    for len in (0..whole.len()).step_by(whole.len() / 20).chain([whole.len() - 1]) {
        fails(&whole[..len], &format!("{len} compressed bytes were enough"));
    }
    for len in [0, 1, 511, 512, 1024, 5120, plain.len() / 2, plain.len() - 1024] {
        let again = zstd::encode_all(&plain[..len], 1).unwrap();
        fails(&again, &format!("{len} bytes were enough"));
    }
    // A header, whose own checksum sees it.
    let mut header = plain.clone();
    header[20] ^= 1;
    fails(&zstd::encode_all(header.as_slice(), 1).unwrap(), "a changed header was not seen");
    let message = fails(&zstd::encode_all(&plain[..plain.len() - 1024], 1).unwrap(), "no end");
    assert!(message.contains("damaged at entry `\u{fffd}"), "{message}");
    fails(b"this is not an archive", "text was restored");
    let none = archive::restore(&temp.path().join("none"), &temp.path().join("x")).unwrap_err();
    assert!(none.to_string().contains("none`"));
}

fn tool(program: &str, arguments: &[&OsStr]) {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "THIS TEST NEEDS `{program}`, which cannot be started: {error} \
             (hint: apt-get install tar zstd)"
        )
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`{program}` failed: {said} (hint: this needs GNU tar and zstd: apt-get install tar zstd)"
    );
}

#[test]
fn gnu_tar_and_zstd_read_our_archives() {
    let temp = tempfile::tempdir().unwrap();
    let (root, copy) = (temp.path().join("root"), temp.path().join("copy"));
    let (archive, plain) = (temp.path().join("cache.tar.zst"), temp.path().join("cache.tar"));
    grow(&root);
    archive::save(&root, &GlobSet::empty(), &archive).unwrap();
    tool("zstd", &["-dq".as_ref(), archive.as_ref(), "-o".as_ref(), plain.as_ref()]);
    fs::create_dir(&copy).unwrap();
    let extract = ["-xpf".as_ref(), plain.as_ref(), "-C".as_ref(), copy.as_ref()];
    tool("tar", &[&extract[..], &["--no-same-owner".as_ref()]].concat());
    assert_same(&root, &copy);
    assert_links_kept(&copy);
}

#[test]
fn we_read_what_gnu_tar_and_zstd_make() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().join("root");
    grow(&root);
    for format in ["posix", "gnu"] {
        let archive = temp.path().join(format!("{format}.tar.zst"));
        let copy = temp.path().join(format!("copy-{format}"));
        let format = format!("--format={format}");
        tool(
            "tar",
            &[
                format.as_ref(),
                "--use-compress-program=zstd -T0".as_ref(),
                "-cf".as_ref(),
                archive.as_ref(),
                "-C".as_ref(),
                root.as_ref(),
                ".".as_ref(),
            ],
        );
        let restored = archive::restore(&archive, &copy).unwrap();
        assert_eq!(restored, Restored { files: 14, bytes: 3_000_538 });
        assert_links_kept(&copy);
        if format.ends_with("posix") {
            assert_same(&root, &copy);
        } else {
            // That format has whole seconds only.
            let diff = inventory(&root).diff(&inventory(&copy));
            assert!(diff.added.is_empty() && diff.removed.is_empty(), "{diff:?}");
            let allowed = BTreeSet::from([EntryChange::Inode, EntryChange::Mtime]);
            assert!(diff.changed.values().all(|ways| ways.is_subset(&allowed)), "{diff:?}");
        }
    }
}
