//! The state root: what it refuses, what it deletes, and that nothing else is touched.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use bench::system::fs::state::{Locked, MARKER, Removed, StateRoot, remove_replaced};
use bench::system::fs::tree::{Diff, Inventory};
use globset::GlobSet;
use rustix::process::geteuid;
use rustix::thread::{Gid, Uid};

/// A state root beside a decoy that must never change.
struct Fixture {
    temp: tempfile::TempDir,
    state: StateRoot,
    decoy: PathBuf,
    before: Inventory,
}

impl Fixture {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let decoy = temp.path().join("decoy");
        fs::create_dir_all(decoy.join("deep/er")).unwrap();
        fs::write(decoy.join("precious"), "precious").unwrap();
        fs::write(decoy.join("deep/er/file"), "also").unwrap();
        symlink("precious", decoy.join("link")).unwrap();
        let state = StateRoot::open(&temp.path().join("state")).unwrap();
        let before = inventory(&decoy);
        Self { temp, state, decoy, before }
    }

    fn remove(&self, rel: &str) -> Result<Removed, String> {
        self.state.remove(Path::new(rel)).map_err(|error| error.to_string())
    }

    fn at(&self, rel: &str) -> PathBuf {
        self.state.path().join(rel)
    }

    fn assert_decoy_untouched(&self) {
        assert_eq!(self.before.diff(&inventory(&self.decoy)), Diff::default());
        assert_eq!(fs::read(self.decoy.join("precious")).unwrap(), b"precious");
    }
}

fn inventory(root: &Path) -> Inventory {
    Inventory::take(root, &GlobSet::empty()).unwrap()
}

fn refusal(path: &Path) -> String {
    StateRoot::open(path).expect_err("the path was taken as state root").to_string()
}

/// Runs on a thread without root's rights, so that missing rights are missing for root too.
fn without_privilege<T: Send>(root: &Path, run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if geteuid().is_root() {
                let (user, group) = (Uid::from_raw(65534), Gid::from_raw(65534));
                give(root);
                rustix::thread::set_thread_res_gid(group, group, group).unwrap();
                rustix::thread::set_thread_res_uid(user, user, user).unwrap();
            }
            run()
        });
        thread.join().unwrap()
    })
}

/// Gives a tree and the way to it to the user without rights.
fn give(root: &Path) {
    if !geteuid().is_root() {
        return;
    }
    std::os::unix::fs::lchown(root, Some(65534), Some(65534)).unwrap();
    if fs::symlink_metadata(root).unwrap().is_dir() {
        for entry in fs::read_dir(root).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}

#[test]
fn a_new_directory_is_marked_and_opened_again() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("a/b/state");
    let first = StateRoot::open(&path).unwrap();
    assert_eq!(first.path(), path.canonicalize().unwrap());
    let marker = fs::read_to_string(path.join(MARKER)).unwrap();
    assert!(marker.starts_with("bench-state 1: "), "{marker}");
    fs::write(path.join("content"), "x").unwrap();
    StateRoot::open(&path).unwrap();
    assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
}

#[test]
fn an_empty_directory_is_adopted() {
    let temp = tempfile::tempdir().unwrap();
    StateRoot::open(temp.path()).unwrap();
    assert!(temp.path().join(MARKER).is_file());
}

#[test]
fn directories_that_bench_did_not_make_are_refused_and_not_touched() {
    let fixture = Fixture::new();
    assert!(refusal(&fixture.decoy).contains("no marker `.bench-state`"));
    assert!(refusal(&fixture.decoy.join("precious")).contains("not a directory"));
    for link in
        [Path::new("link-to-decoy"), Path::new("link-to-decoy/"), Path::new("link-to-decoy/.")]
    {
        let _ = symlink(&fixture.decoy, fixture.temp.path().join("link-to-decoy"));
        assert!(refusal(&fixture.temp.path().join(link)).contains("symbolic link"));
    }
    assert!(refusal(Path::new("/")).contains("root of the file system"));
    assert!(refusal(Path::new("/..")).contains("root of the file system"));
    assert!(refusal(Path::new("")).contains("empty"));
    assert!(refusal(Path::new("../outside")).contains("leaves the working directory"));
    assert!(refusal(Path::new("a/../../outside")).contains("leaves the working directory"));
    let home = std::env::home_dir().unwrap();
    assert!(refusal(&home).contains("home directory"));
    if home.parent() != Some(Path::new("/")) {
        assert!(refusal(home.parent().unwrap()).contains("home directory"));
    }
    assert!(!home.join(MARKER).exists() && !Path::new("/.bench-state").exists());
    fixture.assert_decoy_untouched();
}

#[test]
fn a_marker_that_is_not_ours_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("bench-state 2: newer\n", "format `2`, expected 1"),
        ("", "not the marker"),
        ("something else\n", "not the marker"),
    ] {
        fs::write(temp.path().join(MARKER), text).unwrap();
        let message = refusal(temp.path());
        assert!(message.contains(expected), "{message}");
    }
    fs::rename(temp.path().join(MARKER), temp.path().join("real")).unwrap();
    symlink("real", temp.path().join(MARKER)).unwrap();
    assert!(refusal(temp.path()).contains("not a regular file"));
}

#[test]
fn paths_that_are_not_beneath_the_root_are_refused() {
    let fixture = Fixture::new();
    fs::write(fixture.at("kept"), "x").unwrap();
    let decoy = fixture.decoy.to_str().unwrap();
    for bad in ["", ".", "..", "../decoy", "a/../../decoy", "./..", "/", decoy, MARKER] {
        let message = fixture.remove(bad).unwrap_err();
        assert!(message.contains("is refused inside state directory"), "{bad}: {message}");
        assert!(fixture.state.set_aside(Path::new(bad)).is_err(), "{bad} was set aside");
        assert!(bad == MARKER || fixture.state.dir(Path::new(bad)).is_err(), "{bad} was made");
        assert!(fixture.state.lock(Path::new(bad)).is_err(), "{bad} was locked");
    }
    assert!(fixture.at("kept").is_file() && fixture.at(MARKER).is_file());
    fixture.assert_decoy_untouched();
}

#[test]
fn a_link_inside_is_removed_and_what_it_points_to_is_not() {
    let fixture = Fixture::new();
    let tree = fixture.state.dir(Path::new("tree/sub")).unwrap();
    symlink(&fixture.decoy, tree.join("absolute")).unwrap();
    symlink("../../../decoy", tree.join("relative")).unwrap();
    symlink("nowhere", tree.join("dangling")).unwrap();
    fs::write(tree.join("file"), "12345").unwrap();
    let removed = fixture.remove("tree").unwrap();
    assert_eq!(removed, Removed { files: 4, dirs: 2, bytes: 5 });
    assert!(!fixture.at("tree").exists());
    symlink(&fixture.decoy, fixture.at("top")).unwrap();
    assert_eq!(fixture.remove("top").unwrap(), Removed { files: 1, dirs: 0, bytes: 0 });
    assert!(fs::symlink_metadata(fixture.at("top")).is_err());
    fixture.assert_decoy_untouched();
}

#[test]
fn a_component_swapped_for_a_link_is_refused() {
    let fixture = Fixture::new();
    fixture.state.dir(Path::new("runner/home")).unwrap();
    fs::remove_dir(fixture.at("runner/home")).unwrap();
    symlink(&fixture.decoy, fixture.at("runner/home")).unwrap();
    for inside in ["runner/home/deep", "runner/home/deep/er", "runner/home/precious"] {
        fixture.remove(inside).unwrap_err();
        fixture.state.set_aside(Path::new(inside)).unwrap_err();
        fixture.state.dir(Path::new(inside)).unwrap_err();
    }
    fixture.state.dir(Path::new("runner/home/new")).unwrap_err();
    fixture.state.dir(Path::new("runner/home")).unwrap_err();
    fixture.state.lock(Path::new("runner/home/lock")).unwrap_err();
    fixture.state.lock(Path::new("runner/home")).unwrap_err();
    fixture.assert_decoy_untouched();
}

#[test]
fn the_root_itself_swapped_for_a_link_leads_nowhere_else() {
    let fixture = Fixture::new();
    fixture.state.dir(Path::new("deep/er")).unwrap();
    fs::rename(fixture.state.path(), fixture.temp.path().join("moved")).unwrap();
    symlink(&fixture.decoy, fixture.temp.path().join("state")).unwrap();
    assert_eq!(fixture.remove("deep").unwrap().dirs, 2);
    assert!(!fixture.temp.path().join("moved/deep").exists());
    fixture.assert_decoy_untouched();
}

#[test]
fn a_tree_whose_directories_are_swapped_for_links_all_the_time_never_leads_out() {
    let fixture = Fixture::new();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (real, parked) = (fixture.at("tree/deep"), fixture.temp.path().join("parked"));
            while !stop.load(relaxed) {
                // Each of these fails when the other side was faster.
                let _ = fs::rename(&real, &parked);
                let _ = symlink(&fixture.decoy, &real);
                let _ = fs::remove_file(&real);
                let _ = fs::rename(&parked, &real);
            }
        });
        for _ in 0..300 {
            let _ = fs::create_dir_all(fixture.at("tree/deep/er"));
            let _ = fs::write(fixture.at("tree/deep/er/file"), "x");
            // It may fail, as someone else is at work; it may not reach the decoy.
            let _ = fixture.remove("tree/deep");
        }
        stop.store(true, relaxed);
    });
    // Writing through a path did put a file through the link; what was there is all there.
    let after = inventory(&fixture.decoy);
    assert_eq!(fixture.before.diff(&after).removed, BTreeSet::default());
    assert_eq!(fs::read(fixture.decoy.join("precious")).unwrap(), b"precious");
}

#[test]
fn a_hard_link_to_a_file_outside_is_removed_and_the_file_stays() {
    let fixture = Fixture::new();
    let tree = fixture.state.dir(Path::new("tree")).unwrap();
    fs::hard_link(fixture.decoy.join("precious"), tree.join("same")).unwrap();
    fs::set_permissions(&tree, fs::Permissions::from_mode(0o500)).unwrap();
    fixture.remove("tree").unwrap();
    fixture.assert_decoy_untouched();
}

#[test]
fn directories_without_rights_are_removed() {
    let fixture = Fixture::new();
    let tree = fixture.state.dir(Path::new("closed/tree/a/b")).unwrap();
    for dir in ["closed/tree/a/b", "closed/tree/a", "closed/tree"] {
        fs::write(fixture.at(dir).join("file"), "x").unwrap();
    }
    give(fixture.at("closed").as_path());
    for (dir, mode) in [
        (tree.as_path(), 0o000),
        (&fixture.at("closed/tree/a"), 0o444),
        (&fixture.at("closed/tree"), 0o555),
        (&fixture.at("closed"), 0o555),
    ] {
        fs::set_permissions(dir, fs::Permissions::from_mode(mode)).unwrap();
    }
    // The unprivileged thread below must get that far; a state root is private.
    for above in [fixture.temp.path(), fixture.state.path()] {
        fs::set_permissions(above, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let removed = without_privilege(&fixture.at("closed/tree"), || fixture.remove("closed/tree"));
    assert_eq!(removed.unwrap(), Removed { files: 3, dirs: 3, bytes: 3 });
    // The directory that held the tree has its mode back.
    assert_eq!(fs::metadata(fixture.at("closed")).unwrap().permissions().mode() & 0o777, 0o555);
    fixture.assert_decoy_untouched();
}

#[test]
fn any_name_and_any_depth_is_removed() {
    let fixture = Fixture::new();
    let tree = fixture.state.dir(Path::new("tree")).unwrap();
    for name in [&b"new\nline"[..], b"not\xff\xfeutf8", b" ", b"-rf", b"*", b"..."] {
        fs::create_dir(tree.join(OsStr::from_bytes(name))).unwrap();
        fs::write(tree.join(OsStr::from_bytes(name)).join(OsStr::from_bytes(name)), "x").unwrap();
    }
    let deep: PathBuf = std::iter::repeat_n("d", 300).collect();
    fs::create_dir_all(tree.join(&deep)).unwrap();
    fs::write(tree.join(&deep).join("bottom"), "x").unwrap();
    let removed = fixture.remove("tree").unwrap();
    assert_eq!(removed, Removed { files: 7, dirs: 307, bytes: 7 });
    assert!(!tree.exists());
}

#[test]
fn a_tree_that_vanishes_meanwhile_is_no_error() {
    let fixture = Fixture::new();
    for _ in 0..20 {
        for dir in 0..20 {
            let dir = fixture.state.dir(Path::new(&format!("tree/{dir}/x"))).unwrap();
            fs::write(dir.join("file"), "x").unwrap();
        }
        let removed = std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| fixture.remove("tree")));
            both.map(|thread| thread.join().unwrap().unwrap())
        });
        assert!(!fixture.at("tree").exists());
        // Both may have unlinked in turn; together they removed each directory once.
        assert_eq!(removed[0].dirs + removed[1].dirs, 41);
    }
    assert_eq!(fixture.remove("never/was").unwrap(), Removed::default());
}

#[test]
fn what_is_set_aside_waits_in_the_trash_and_is_emptied_from_there() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        let tree = fixture.state.dir(Path::new("run/tree")).unwrap();
        fs::write(tree.join("file"), "123").unwrap();
        symlink(&fixture.decoy, tree.join("link")).unwrap();
        fixture.state.set_aside(Path::new("run/tree")).unwrap();
        assert!(!tree.exists());
    }
    fs::write(fixture.at("run/single"), "4").unwrap();
    fixture.state.set_aside(Path::new("run/single")).unwrap();
    fixture.state.set_aside(Path::new("run/none")).unwrap();
    fixture.state.set_aside(Path::new("no/where")).unwrap();
    // A second handle, as after a restart, finds places of its own.
    let again = StateRoot::open(fixture.state.path()).unwrap();
    again.dir(Path::new("more")).unwrap();
    again.set_aside(Path::new("more")).unwrap();
    assert!(fixture.state.set_aside(Path::new("trash")).is_err());
    let emptied = fixture.state.empty_trash().unwrap();
    assert_eq!((emptied.files, emptied.bytes), (7, 10));
    assert_eq!(fixture.state.empty_trash().unwrap(), Removed::default());
    assert!(fixture.at("run").is_dir());
    fixture.assert_decoy_untouched();
}

#[test]
fn a_lock_is_held_once_and_released_by_dropping() {
    let fixture = Fixture::new();
    let other = StateRoot::open(fixture.state.path()).unwrap();
    let rel = Path::new("locks/run");
    let lock = fixture.state.lock(rel).unwrap();
    assert_eq!(lock.path(), fixture.at("locks/run"));
    for state in [&fixture.state, &other] {
        let Err(Locked::Held { path, holder }) = state.lock(rel) else {
            panic!("the lock was taken twice")
        };
        assert_eq!(path, fixture.at("locks/run"));
        assert_eq!(holder, format!("process `{}`", std::process::id()));
    }
    assert!(other.lock(Path::new("locks/other")).is_ok());
    drop(lock);
    assert!(other.lock(rel).is_ok());
}

#[test]
fn free_space_is_what_df_says() {
    let fixture = Fixture::new();
    let stat = rustix::fs::statvfs(fixture.state.path()).unwrap();
    let (free, size) = (fixture.state.free_bytes().unwrap(), stat.f_blocks * stat.f_frsize);
    assert!(free > 0 && free <= size, "{free} of {size}");
}

#[cfg(unix)]
#[test]
fn a_new_root_is_private_and_one_of_another_user_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("made");
    StateRoot::open(&made).unwrap();
    assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let owner = geteuid();
    // `/var/tmp` belongs to root; as root, a directory is given away instead.
    let foreign = if owner.is_root() {
        let foreign = dir.path().join("foreign");
        std::fs::create_dir(&foreign).unwrap();
        std::os::unix::fs::chown(&foreign, Some(65_534), None).unwrap();
        foreign
    } else {
        "/var/tmp".into()
    };
    let refused = StateRoot::open(&foreign).unwrap_err();
    assert!(refused.to_string().contains("another user"), "{refused}");
    assert!(!foreign.join(".bench-state").exists());
}

#[test]
fn replaced_files_are_removed_beneath_their_directory_only() {
    let fixture = Fixture::new();
    let store = fixture.temp.path().join("store");
    fs::create_dir_all(store.join("in/sub")).unwrap();
    for file in ["in/old", "in/kept"] {
        fs::write(store.join(file), "x").unwrap();
    }
    symlink(&fixture.decoy, store.join("out")).unwrap();
    symlink(fixture.decoy.join("precious"), store.join("in/link")).unwrap();
    let remove = |file: &str| remove_replaced(&store, &[PathBuf::from(file)]);
    assert_eq!(remove("in/old").unwrap(), 1);
    assert_eq!(remove("in/old").unwrap(), 0, "what is gone is gone");
    for refused in
        ["../decoy/precious", "/etc/hostname", "out/precious", "in/link", "in/sub", "in", ""]
    {
        assert!(remove(refused).is_err(), "{refused}");
    }
    assert!(store.join("in/kept").exists() && store.join("in/link").is_symlink());
    fixture.assert_decoy_untouched();
}
