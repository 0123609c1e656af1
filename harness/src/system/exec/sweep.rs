//! Killing: the family of one command, every descendant of `bench`, and what an earlier `bench` that was
//! itself killed left behind.
//!
//! A process is found by its parents. One whose parent has ended is handed to `bench`, which is a
//! sub-reaper on Linux, so neither `setsid` nor a double fork hides it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench_record::Usage;

use super::command::{ExecError, Stray, Swept};
use super::platform::{self, ProcessEntry, ProcessTable, Whereabouts};
use super::reap::Reaped;

/// How long a killed process may take to die before that is an error.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same after a second Ctrl-C, when somebody is waiting.
#[cfg(unix)]
const IMPATIENCE: Duration = Duration::from_secs(1);

/// Repeats an attempt with growing pauses until it is done or time is over.
struct Attempts {
    give_up: Instant,
    pause: Duration,
}

impl Attempts {
    fn within(limit: Duration) -> Self {
        Self { give_up: Instant::now() + limit, pause: Duration::from_micros(200) }
    }

    /// Lets some time pass; false when none is left.
    fn again(&mut self) -> bool {
        if Instant::now() >= self.give_up {
            return false;
        }
        std::thread::sleep(self.pause);
        self.pause = (self.pause * 2).min(Duration::from_millis(20));
        true
    }
}

/// Which processes belong to a command.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    root: u32,
    /// Everything ever seen to belong to it: stays known when its parent ends.
    known: BTreeSet<(u32, u64)>,
    /// Orphans that were born after this time belong to it too.
    orphans_since: Option<u64>,
    /// Roots of other families.
    shielded: BTreeSet<u32>,
}

impl Family {
    /// The family of a command that is measured: nothing else runs meanwhile but the `shielded`
    /// services, so every later orphan is its own.
    pub(crate) fn of_command(root: u32, shielded: BTreeSet<u32>) -> Self {
        let orphans_since = platform::process(root).map(|entry| entry.start);
        Self { root, known: BTreeSet::new(), orphans_since, shielded }
    }

    /// The family of a service: its group, its descendants, and those seen to be such at an earlier look.
    pub(crate) fn of_service(root: u32, shielded: BTreeSet<u32>) -> Self {
        Self { root, known: BTreeSet::new(), orphans_since: None, shielded }
    }

    /// Takes note of who belongs to it now.
    pub(crate) fn look(&mut self) -> io::Result<()> {
        self.members(&platform::processes()?);
        Ok(())
    }

    fn members<'t>(&mut self, table: &'t ProcessTable) -> Vec<&'t ProcessEntry> {
        let me = std::process::id();
        // A service's own processes, whatever their parents are by now.
        let mut others: BTreeSet<u32> = self.shielded.clone();
        others.extend(
            table.0.iter().filter(|e| self.shielded.contains(&e.group)).map(|entry| entry.pid),
        );
        table.close_over(&mut others, &BTreeSet::from([me]));
        let is_seed = |entry: &&ProcessEntry| {
            entry.pid == self.root
                || entry.group == self.root
                || self.known.contains(&entry.key())
                || entry.parent == me && self.orphans_since.is_some_and(|t| entry.start >= t)
        };
        let mut family: BTreeSet<u32> =
            table.0.iter().filter(is_seed).map(|entry| entry.pid).collect();
        family.retain(|pid| *pid != me && !others.contains(pid));
        others.insert(me);
        table.close_over(&mut family, &others);
        let members: Vec<&ProcessEntry> =
            table.0.iter().filter(|entry| family.contains(&entry.pid)).collect();
        self.known.extend(members.iter().map(|entry| entry.key()));
        members
    }

    /// Kills everything that belongs to it and waits until that is dead. The root's own status is left
    /// to be taken; the resources of orphans are returned.
    ///
    /// # Errors
    /// When something survives.
    pub(crate) fn kill(&mut self) -> io::Result<Usage> {
        let mut usage = Usage::default();
        let mut attempts = Attempts::within(PATIENCE);
        loop {
            // The group first and in one step: its members cannot fork faster than that.
            platform::kill_group(self.root);
            let table = platform::processes()?;
            let members = self.members(&table);
            let orphans = members.iter().filter(|entry| entry.pid != self.root);
            usage = usage.plus(reap(orphans.copied(), &mut |_, _| ()));
            let alive: Vec<&ProcessEntry> =
                members.into_iter().filter(|entry| !entry.ended).collect();
            if alive.is_empty() {
                return Ok(usage);
            }
            let refused = kill_all(&alive);
            if !attempts.again() {
                return Err(survivors(&alive, refused));
            }
        }
    }
}

/// Takes the status of those that have ended and are ours to wait for.
fn reap<'a>(
    entries: impl Iterator<Item = &'a ProcessEntry>,
    each: &mut dyn FnMut(u32, Reaped),
) -> Usage {
    let me = std::process::id();
    let mut usage = Usage::default();
    for entry in entries.filter(|entry| entry.ended && entry.parent == me) {
        #[cfg(unix)]
        // One that is gone by now was waited for by whoever started it.
        if let Ok(reaped) = super::reap::wait4(entry.pid) {
            usage = usage.plus(reaped.usage);
            each(entry.pid, reaped);
        }
        #[cfg(not(unix))]
        let _ = (entry, &each, &mut usage);
    }
    usage
}

/// Kills each; returns the last refusal.
fn kill_all(entries: &[&ProcessEntry]) -> Option<io::Error> {
    let mut refused = None;
    for entry in entries {
        if let Err(error) = platform::kill_exactly(entry) {
            refused = Some(error);
        }
    }
    refused
}

fn survivors(alive: &[&ProcessEntry], refused: Option<io::Error>) -> io::Error {
    let names: Vec<String> =
        alive.iter().map(|entry| format!("{} (pid {})", entry.name, entry.pid)).collect();
    let why = refused.map_or_else(String::new, |error| format!(": {error}"));
    io::Error::new(
        io::ErrorKind::TimedOut,
        format!("{} still alive after {} s{why}", names.join(", "), PATIENCE.as_secs()),
    )
}

/// Kills every descendant of this process and waits until none is left, dead or alive. `each` gets
/// the status of every direct child.
///
/// # Errors
/// When a process survives.
pub(crate) fn everything(each: &mut dyn FnMut(u32, Reaped)) -> Result<Swept, ExecError> {
    let failed = |source| ExecError::System {
        what: "kill what is left of",
        program: "earlier commands".to_owned(),
        source,
    };
    let mut killed: BTreeMap<(u32, u64), Stray> = BTreeMap::new();
    let mut usage = Usage::default();
    let mut attempts = Attempts::within(PATIENCE);
    loop {
        let table = platform::processes().map_err(failed)?;
        let left: Vec<&ProcessEntry> = table.descendants(std::process::id()).collect();
        if left.is_empty() {
            break;
        }
        usage = usage.plus(reap(left.iter().copied(), each));
        let alive: Vec<&ProcessEntry> = left.into_iter().filter(|entry| !entry.ended).collect();
        let refused = kill_all(&alive);
        for entry in &alive {
            killed.insert(entry.key(), Stray { pid: entry.pid, name: entry.name.clone() });
        }
        // Even when none is alive: one that has ended may be waited for by a parent that dies just now.
        if !attempts.again() {
            return Err(failed(survivors(&alive, refused)));
        }
    }
    let groups = platform::kill_noted_groups();
    let groups = groups.into_iter().map(|pid| Stray { pid, name: "process group".to_owned() });
    Ok(Swept { killed: killed.into_values().chain(groups).collect(), usage })
}

/// Kills every descendant without taking their statuses: for the moment before an exit.
#[cfg(unix)]
pub(crate) fn kill_everything_now() {
    let mut attempts = Attempts::within(IMPATIENCE);
    while let Ok(table) = platform::processes() {
        let alive: Vec<&ProcessEntry> =
            table.descendants(std::process::id()).filter(|entry| !entry.ended).collect();
        kill_all(&alive);
        if alive.is_empty() || !attempts.again() {
            break;
        }
    }
    platform::kill_noted_groups();
}

/// Kills what an earlier `bench` left behind when it was killed itself: every process of this user whose
/// HOME at its start lay in `dir`, or, when it has no HOME, whose working directory does.
///
/// Every command of a runner has its HOME in the state root, so a person's shell or editor that
/// merely stands in there is not touched, and neither are this process and its ancestors.
///
/// Without a process table (anywhere but on Linux) nothing is found.
///
/// # Errors
/// When the process table cannot be read or a process survives for 10 seconds.
pub fn kill_strays_of(dir: &Path) -> Result<Vec<Stray>, ExecError> {
    let failed = |source| ExecError::System {
        what: "kill what an earlier run left in",
        program: dir.display().to_string(),
        source,
    };
    let mut places = vec![dir.to_owned()];
    // The system reports a working directory without links. If `dir` does not exist, no process stands in it.
    places.extend(dir.canonicalize());
    let mut killed: BTreeMap<(u32, u64), Stray> = BTreeMap::new();
    let mut attempts = Attempts::within(PATIENCE);
    loop {
        let table = platform::processes().map_err(failed)?;
        let spared = ancestors(&table);
        let strays = table.0.iter().filter(|entry| {
            !entry.ended
                && !spared.contains(&entry.pid)
                && platform::whereabouts(entry.pid).is_some_and(|at| lives_in(&at, &places))
        });
        let alive: Vec<&ProcessEntry> = strays.collect();
        if alive.is_empty() {
            return Ok(killed.into_values().collect());
        }
        let refused = kill_all(&alive);
        for entry in &alive {
            killed.insert(entry.key(), Stray { pid: entry.pid, name: entry.name.clone() });
        }
        if !attempts.again() {
            return Err(failed(survivors(&alive, refused)));
        }
    }
}

/// This process and its ancestors.
fn ancestors(table: &ProcessTable) -> BTreeSet<u32> {
    let mut line = BTreeSet::new();
    let mut next = Some(std::process::id());
    while let Some(pid) = next.filter(|pid| line.insert(*pid)) {
        next = table.get(pid).map(|entry| entry.parent);
    }
    line
}

fn lives_in(at: &Whereabouts, places: &[PathBuf]) -> bool {
    let place = at.home.as_ref().or(at.cwd.as_ref());
    place.is_some_and(|place| places.iter().any(|dir| place.starts_with(dir)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pid: u32, parent: u32, group: u32, start: u64) -> ProcessEntry {
        ProcessEntry { pid, parent, group, start, ended: false, name: String::new() }
    }

    fn pids(members: &[&ProcessEntry]) -> Vec<u32> {
        members.iter().map(|entry| entry.pid).collect()
    }

    #[test]
    fn a_commands_family_is_its_group_its_descendants_and_orphans_born_after_it() {
        let me = std::process::id();
        let table = ProcessTable(vec![
            entry(me, 1, me, 0),
            entry(900_001, me, 900_001, 50),      // the command
            entry(900_002, 900_001, 900_002, 51), // its child, in a group of its own
            entry(900_003, me, 900_003, 52),      // an orphan born later
            entry(900_004, me, 900_004, 40),      // a daemon of an earlier command
            entry(900_005, 900_004, 900_004, 60), // and its worker
            entry(900_006, me, 900_006, 55),      // a service that was started meanwhile
            entry(900_007, 900_006, 900_007, 56), // and its worker
            entry(900_008, me, 900_006, 57),      // and an orphan in its group
            entry(900_009, 1, 900_009, 58),       // somebody else's
        ]);
        let mut family = Family {
            root: 900_001,
            known: BTreeSet::new(),
            orphans_since: Some(50),
            shielded: BTreeSet::from([900_006]),
        };
        assert_eq!(pids(&family.members(&table)), [900_001, 900_002, 900_003]);
    }

    #[test]
    fn a_member_stays_one_when_it_is_orphaned_but_not_when_its_id_is_used_again() {
        let me = std::process::id();
        let mut family = Family::of_service(900_001, BTreeSet::new());
        let table = ProcessTable(vec![
            entry(900_001, me, 900_001, 50),
            entry(900_002, 900_001, 900_002, 51),
            entry(900_003, 900_001, 900_003, 51),
        ]);
        assert_eq!(family.members(&table).len(), 3);
        let later =
            ProcessTable(vec![entry(900_002, me, 900_002, 51), entry(900_003, me, 900_003, 99)]);
        assert_eq!(pids(&family.members(&later)), [900_002]);
    }

    #[test]
    fn home_decides_where_a_process_lives_and_the_working_directory_only_without_it() {
        let places = [PathBuf::from("/state/root")];
        let at = |home: Option<&str>, cwd: &str| {
            lives_in(&Whereabouts { home: home.map(PathBuf::from), cwd: Some(cwd.into()) }, &places)
        };
        assert!(at(Some("/state/root/a/home"), "/"));
        assert!(!at(Some("/home/person"), "/state/root/a"));
        assert!(at(None, "/state/root/a"));
        assert!(!at(None, "/state/rootless"));
    }

    #[test]
    fn this_process_and_its_parent_are_spared() {
        let line = ancestors(&platform::processes().unwrap());
        assert!(line.contains(&std::process::id()));
        #[cfg(unix)]
        assert!(line.contains(&std::os::unix::process::parent_id()));
    }
}
