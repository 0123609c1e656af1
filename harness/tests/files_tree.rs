//! Copying, listing, measuring and digesting trees.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use bench::system::fs::tree::{
    self, CopyOptions, Diff, EntryChange, Inventory, Kind, Mtimes, TreeStats,
};
use filetime::FileTime;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

const OLD: i64 = 1_234_567_890;

fn globs(patterns: &[&str]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).literal_separator(true).build().unwrap());
    }
    set.build().unwrap()
}

fn keep(exclude: &GlobSet) -> CopyOptions<'_> {
    CopyOptions { mtimes: Mtimes::Keep, exclude }
}

fn inventory(root: &Path) -> Inventory {
    Inventory::take(root, &GlobSet::empty()).unwrap()
}

/// A tree with everything that a cache may hold, old times everywhere.
fn grow(root: &Path) {
    fs::create_dir_all(root.join("dir/empty")).unwrap();
    fs::create_dir_all(root.join("closed")).unwrap();
    fs::write(root.join("empty-file"), "").unwrap();
    fs::write(root.join("dir/script"), "#!/bin/sh\n").unwrap();
    fs::write(root.join("dir").join(OsStr::from_bytes(b"new\nline \xff")), "odd").unwrap();
    fs::write(root.join("closed/read-only"), "kept").unwrap();
    fs::write(root.join("large"), vec![7; 3_000_001]).unwrap();
    fs::write(root.join("middling"), vec![8; 100_000]).unwrap();
    fs::hard_link(root.join("large"), root.join("dir/same-large")).unwrap();
    fs::hard_link(root.join("large"), root.join("closed/same-large")).unwrap();
    symlink("dir/script", root.join("link")).unwrap();
    symlink("/nowhere/at/all", root.join("dir/dangling")).unwrap();
    symlink("../dir", root.join("dir/loop")).unwrap();
    for (rel, mode) in [("dir/script", 0o755), ("closed/read-only", 0o400), ("middling", 0o666)] {
        fs::set_permissions(root.join(rel), fs::Permissions::from_mode(mode)).unwrap();
    }
    let paths: Vec<PathBuf> = inventory(root).entries.into_keys().collect();
    for (second, rel) in (OLD..).zip(&paths) {
        let mtime = FileTime::from_unix_time(second, 123_456_789);
        filetime::set_symlink_file_times(root.join(rel), mtime, mtime).unwrap();
    }
    filetime::set_file_mtime(root, FileTime::from_unix_time(OLD, 5)).unwrap();
    fs::set_permissions(root.join("closed"), fs::Permissions::from_mode(0o555)).unwrap();
}

#[test]
fn a_copy_is_the_same_tree_with_inodes_of_its_own() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("new/to"));
    grow(&from);
    let before = inventory(&from);
    let stats = tree::copy(&from, &to, &keep(&GlobSet::empty())).unwrap();
    let expected = TreeStats { files: 8, dirs: 3, symlinks: 3, bytes: 3_100_018, skipped: 0 };
    assert_eq!(stats, expected);
    let diff = before.diff(&inventory(&to));
    assert!(diff.added.is_empty() && diff.removed.is_empty(), "{diff:?}");
    assert_eq!(diff.changed.len(), before.entries.len());
    for (path, changes) in diff.changed {
        assert_eq!(changes, BTreeSet::from([EntryChange::Inode]), "{}", path.display());
    }
    assert_eq!(before.diff(&inventory(&from)), Diff::default(), "the source was changed");
    let all = globs(&["**"]);
    assert_eq!(tree::digest(&from, &all).unwrap(), tree::digest(&to, &all).unwrap());
    let mtime = fs::metadata(&to).unwrap();
    assert_eq!((mtime.mtime(), mtime.mtime_nsec()), (OLD, 5));
}

#[test]
fn hard_links_inside_the_tree_stay_and_never_lead_to_the_source() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    grow(&from);
    fs::hard_link(from.join("middling"), temp.path().join("outside")).unwrap();
    let stats = tree::copy(&from, &to, &keep(&GlobSet::empty())).unwrap();
    assert_eq!(stats.files, 8);
    let inode = |rel| fs::metadata(to.join(rel)).unwrap().ino();
    assert_eq!(inode("large"), inode("dir/same-large"));
    assert_eq!(inode("large"), inode("closed/same-large"));
    assert_eq!(fs::metadata(to.join("large")).unwrap().nlink(), 3);
    assert_eq!(fs::metadata(to.join("middling")).unwrap().nlink(), 1);
    fs::write(to.join("large"), "changed").unwrap();
    assert_eq!(fs::metadata(from.join("large")).unwrap().len(), 3_000_001);
}

#[test]
fn fresh_times_are_those_of_the_copying() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    grow(&from);
    let none = GlobSet::empty();
    tree::copy(&from, &to, &CopyOptions { mtimes: Mtimes::Fresh, exclude: &none }).unwrap();
    let (old, new) = (inventory(&from), inventory(&to));
    for (path, changes) in old.diff(&new).changed {
        assert_eq!(
            changes,
            BTreeSet::from([EntryChange::Mtime, EntryChange::Inode]),
            "{}",
            path.display()
        );
        assert!(new.entries[&path].mtime_ns > i128::from(OLD + 1_000_000) * 1_000_000_000);
    }
    assert!(fs::metadata(&to).unwrap().mtime() > OLD + 1_000_000);
}

#[test]
fn excluded_paths_are_left_out_everywhere() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    grow(&from);
    let exclude = globs(&["dir/**", "large", "closed"]);
    tree::copy(&from, &to, &keep(&exclude)).unwrap();
    let kept = ["dir", "empty-file", "link", "middling"].map(PathBuf::from);
    assert!(inventory(&to).entries.into_keys().eq(kept.clone()));
    assert!(Inventory::take(&from, &exclude).unwrap().entries.into_keys().eq(kept));
    assert_eq!(tree::measure(&from, &exclude).unwrap(), (3, 100_000));
    assert_eq!(tree::measure(&to, &GlobSet::empty()).unwrap(), (3, 100_000));
}

#[test]
fn sockets_and_fifos_are_skipped_and_counted() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    fs::create_dir(&from).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(from.join("socket")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        from.join("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    fs::write(from.join("file"), "x").unwrap();
    let stats = tree::copy(&from, &to, &keep(&GlobSet::empty())).unwrap();
    assert_eq!((stats.files, stats.skipped), (1, 2));
    assert_eq!(inventory(&to).entries.len(), 1);
    assert_eq!(inventory(&from).entries[Path::new("socket")].kind, Kind::Other);
}

#[test]
fn a_destination_with_content_or_inside_the_source_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    grow(&from);
    fs::create_dir(&to).unwrap();
    fs::write(to.join("there"), "x").unwrap();
    let before = (inventory(&from), inventory(&to));
    let none = GlobSet::empty();
    let refusal = |to: &Path| tree::copy(&from, to, &keep(&none)).unwrap_err().to_string();
    assert!(refusal(&to).contains("not empty"));
    assert!(refusal(&from).contains("inside the source"));
    assert!(refusal(&from.join("new/deep")).contains("inside the source"));
    assert!(refusal(&from.join("dir/empty")).contains("inside the source"));
    assert!(refusal(&to.join("there")).contains("not a directory"));
    symlink(temp.path(), temp.path().join("link")).unwrap();
    assert!(refusal(&temp.path().join("link")).contains("not a directory"));
    let missing = tree::copy(&temp.path().join("none"), &temp.path().join("x"), &keep(&none));
    assert!(missing.unwrap_err().to_string().contains("none`"));
    assert!(!temp.path().join("x").exists());
    assert_eq!((inventory(&from), inventory(&to)), before);
    fs::create_dir(temp.path().join("empty")).unwrap();
    tree::copy(&from, &temp.path().join("empty"), &keep(&none)).unwrap();
}

#[test]
fn many_files_in_one_directory_and_many_directories_are_copied_whole() {
    let temp = tempfile::tempdir().unwrap();
    let (from, to) = (temp.path().join("from"), temp.path().join("to"));
    fs::create_dir_all(from.join("wide")).unwrap();
    for number in 0..1500 {
        fs::write(from.join(format!("wide/{number}")), number.to_string()).unwrap();
        fs::create_dir_all(from.join(format!("dirs/{number}"))).unwrap();
    }
    let deep: PathBuf = std::iter::repeat_n("d", 300).collect();
    fs::create_dir_all(from.join(&deep)).unwrap();
    fs::write(from.join(&deep).join("bottom"), "x").unwrap();
    for rel in ["wide", "dirs", "d"] {
        filetime::set_file_mtime(from.join(rel), FileTime::from_unix_time(OLD, 1)).unwrap();
    }
    let stats = tree::copy(&from, &to, &keep(&GlobSet::empty())).unwrap();
    assert_eq!((stats.files, stats.dirs), (1501, 1802));
    for changes in inventory(&from).diff(&inventory(&to)).changed.values() {
        assert_eq!(changes, &BTreeSet::from([EntryChange::Inode]));
    }
    let all = globs(&["**"]);
    assert_eq!(tree::digest(&from, &all).unwrap(), tree::digest(&to, &all).unwrap());
}

#[test]
fn an_inventory_tells_every_way_in_which_an_entry_changed() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path();
    for name in ["len", "mtime", "mode", "gone", "same", "replaced", "kind"] {
        fs::write(root.join(name), "x").unwrap();
        filetime::set_file_mtime(root.join(name), FileTime::from_unix_time(OLD, 0)).unwrap();
    }
    symlink("one", root.join("link")).unwrap();
    let before = inventory(root);
    let reset = |name| {
        filetime::set_symlink_file_times(
            root.join(name),
            FileTime::from_unix_time(OLD, 0),
            FileTime::from_unix_time(OLD, 0),
        )
        .unwrap();
    };
    fs::write(root.join("len"), "xy").unwrap();
    reset("len");
    filetime::set_file_mtime(root.join("mtime"), FileTime::from_unix_time(OLD, 1)).unwrap();
    fs::set_permissions(root.join("mode"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(root.join("gone")).unwrap();
    fs::write(root.join("replacement"), "x").unwrap();
    fs::rename(root.join("replacement"), root.join("replaced")).unwrap();
    reset("replaced");
    fs::write(root.join("new"), "x").unwrap();
    symlink("two", root.join("link2")).unwrap();
    fs::rename(root.join("link2"), root.join("link")).unwrap();
    fs::remove_file(root.join("kind")).unwrap();
    symlink("x", root.join("kind")).unwrap();
    let diff = before.diff(&inventory(root));
    assert!(!diff.is_empty());
    assert!(diff.added.iter().eq([Path::new("new")]));
    assert!(diff.removed.iter().eq([Path::new("gone")]));
    let changes = |name: &str| &diff.changed[Path::new(name)];
    assert_eq!(changes("len"), &BTreeSet::from([EntryChange::Len]));
    assert_eq!(changes("mtime"), &BTreeSet::from([EntryChange::Mtime]));
    assert_eq!(changes("mode"), &BTreeSet::from([EntryChange::Mode]));
    assert_eq!(changes("replaced"), &BTreeSet::from([EntryChange::Inode]));
    assert!(changes("link").contains(&EntryChange::Target));
    assert!(changes("kind").contains(&EntryChange::Kind));
    assert_eq!(diff.changed.len(), 6);
    assert!(before.diff(&before).is_empty());
}

#[test]
fn a_tree_that_is_not_there_is_empty() {
    let temp = tempfile::tempdir().unwrap();
    let none = temp.path().join("none");
    assert_eq!(tree::measure(&none, &GlobSet::empty()).unwrap(), (0, 0));
    assert_eq!(inventory(&none), Inventory::default());
    assert_eq!(tree::digest(&none, &globs(&["**"])).unwrap(), None);
}

#[test]
fn measuring_counts_links_as_files_and_shared_bytes_once() {
    let temp = tempfile::tempdir().unwrap();
    grow(temp.path());
    assert_eq!(tree::measure(temp.path(), &GlobSet::empty()).unwrap(), (11, 3_100_018));
}

#[test]
fn a_digest_depends_on_names_contents_targets_and_the_exec_bit_only() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path();
    let all = globs(&["**"]);
    let digest = || tree::digest(root, &all).unwrap();
    assert_eq!(digest(), None);
    fs::create_dir(root.join("empty")).unwrap();
    assert_eq!(digest(), None);
    fs::write(root.join("a"), "content").unwrap();
    let first = digest().unwrap();
    assert_eq!(first.len(), 64);
    let unchanged = || assert_eq!(digest().as_ref(), Some(&first));
    filetime::set_file_mtime(root.join("a"), FileTime::from_unix_time(OLD, 0)).unwrap();
    unchanged();
    fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o600)).unwrap();
    unchanged();
    fs::create_dir(root.join("another")).unwrap();
    unchanged();
    let mut seen = BTreeSet::from([first.clone()]);
    let mut differs = || assert!(seen.insert(digest().unwrap()), "a change was not seen");
    fs::set_permissions(root.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
    differs();
    fs::write(root.join("a"), "contents").unwrap();
    differs();
    fs::rename(root.join("a"), root.join("b")).unwrap();
    differs();
    fs::rename(root.join("b"), root.join("empty/b")).unwrap();
    differs();
    symlink("x", root.join("link")).unwrap();
    differs();
    fs::remove_file(root.join("link")).unwrap();
    symlink("y", root.join("link")).unwrap();
    differs();
    fs::remove_file(root.join("link")).unwrap();
    fs::write(root.join("link"), "y").unwrap();
    differs();
    assert_eq!(tree::digest(root, &globs(&["*.hex"])).unwrap(), None);
    let only = tree::digest(root, &globs(&["empty/*"])).unwrap();
    fs::write(root.join("other"), "z").unwrap();
    assert_eq!(tree::digest(root, &globs(&["empty/*"])).unwrap(), only);
}
